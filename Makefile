# Two commands do everything: `make play` and `make test`. Each sets up its own
# virtual environment first; both work in a fresh clone with only Python and make.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

.PHONY: play test prove bench clean

play: $(VENV)/play.stamp
	@$(BIN)/headroom

# Of each level its reference and doing nothing; HEADROOM_THOROUGH=1 make test plays every proof.
test: $(VENV)/test.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -n 2 --dist worksteal

# Every proof of every level on all processors; `make prove SEEDS=20` tries more.
SEEDS ?= 3
prove: $(VENV)/play.stamp
	@$(BIN)/headroom prove --seeds $(SEEDS)

# Requests a second of the engine, plain SimPy and Ciw, in one run.
bench: $(VENV)/bench.stamp
	$(BIN)/python -m tests.bench

$(VENV)/bin/pip:
	@echo "headroom: making .venv (once, about a minute)"
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "headroom: needs Python 3.11 or newer, this is " + sys.version.split()[0])'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/play.stamp: $(VENV)/bin/pip pyproject.toml constraints.txt
	@$(BIN)/pip install -q --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(VENV)/test.stamp: $(VENV)/bin/pip pyproject.toml constraints.txt
	@$(BIN)/pip install -q --disable-pip-version-check -c constraints.txt -e '.[test]'
	@touch $@

$(VENV)/bench.stamp: $(VENV)/bin/pip pyproject.toml constraints.txt
	@$(BIN)/pip install -q --disable-pip-version-check -c constraints.txt -e '.[bench]'
	@touch $@

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist
