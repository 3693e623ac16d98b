"""Thin widgets round the drawings in `tui.render`.

Each takes `Words` and a `Look`, is handed the newest second by
``show(frame, history, facts)``, and repaints only the rows that changed.
"""
