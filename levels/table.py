"""The whole table of proofs, on as many processors as there are; cases depend on no other."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from multiprocessing import connection

from levels.proof import Case, Row, run_case


def processors() -> int:
    """How many processes can work at once on this machine."""
    return os.cpu_count() or 1


def prove_all(
    cases: Sequence[Case], jobs: int, done: Callable[[Row], None] = lambda row: None
) -> list[Row]:
    """The rows of all cases, in their order; `done` hears of each as it is finished.

    With one job all is played in this process. However this ends, no process is left.
    """
    if jobs == 1:
        return [_told(run_case(case), done) for case in cases]
    with _pool(min(jobs, len(cases) or 1)) as pool:
        futures: list[Future[Row]] = [pool.submit(run_case, case) for case in cases]
        for future in as_completed(futures):
            done(future.result())
        return [future.result() for future in futures]


def _told(row: Row, done: Callable[[Row], None]) -> Row:
    done(row)
    return row


@contextmanager
def _pool(jobs: int) -> Iterator[ProcessPoolExecutor]:
    """A pool whose processes are ended at once when something is raised, as by Ctrl-C."""
    others = multiprocessing.active_children()
    # A fresh process each: a fork would copy the progress bar's thread in mid-step.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=_begin_working)
    try:
        yield pool
        pool.shutdown()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        for process in multiprocessing.active_children():
            if process not in others:
                process.kill()


def _begin_working() -> None:
    """In a process of the pool: leave Ctrl-C to the parent, and end when that is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None, "a process of a pool has a parent"
    connection.wait([parent.sentinel])
    os._exit(1)
