"""The simulator: knows numpy and SimPy, has never heard of a terminal.

Front doors: ``simulation`` (run a scenario), ``replay`` (verify and fork),
``recording`` (read and write runs), ``scenario`` (what a run starts from),
``catalog`` (what can be bought), ``frame`` and ``outcomes`` (what comes back)
and ``services.registry`` (what a player may do).
"""
