"""Picks the requests that a player can follow: the slowest and the first failed of each class."""

import numpy as np
import numpy.typing as npt

from engine.flow.requests import Floats, Ints, Requests
from engine.flow.tally import Tally
from engine.frame import Sample, Step
from engine.outcomes import FailureReason


class Sampler:
    """Writes samples of one second into the tally; `places` are the names of places by number."""

    def __init__(self, requests: Requests, tally: Tally, places: list[str]) -> None:
        self._requests = requests
        self._tally = tally
        self._places = places

    def slowest(self, rows: Ints, latency_s: Floats, good: npt.NDArray[np.bool_]) -> None:
        """Answers of one batch: the slowest of each class is kept."""
        chosen = self._tally.samples.slow
        classes = self._requests.request_class[rows]
        for index in range(len(self._tally.names)):
            of_class = np.flatnonzero(classes == index) if len(self._tally.names) > 1 else None
            if of_class is not None and not len(of_class):
                continue
            values = latency_s if of_class is None else latency_s[of_class]
            best = int(values.argmax())
            at = best if of_class is None else int(of_class[best])
            latency_ms = float(latency_s[at]) * 1_000
            if index not in chosen or latency_ms > chosen[index].latency_ms:
                outcome = "good" if good[at] else "late"
                chosen[index] = self._sample(int(rows[at]), latency_ms, outcome)

    def failed(self, rows: Ints, times: Floats, reason: FailureReason) -> None:
        """Failures of one batch: the first of each class is kept."""
        chosen = self._tally.samples.failed
        classes, firsts = np.unique(self._requests.request_class[rows], return_index=True)
        for index, at in zip(classes.tolist(), firsts.tolist(), strict=True):
            if index not in chosen:
                row = int(rows[at])
                latency_ms = float(times[at] - self._requests.started[row]) * 1_000
                chosen[index] = self._sample(row, latency_ms, reason)

    def _sample(self, row: int, latency_ms: float, outcome: str) -> Sample:
        requests = self._requests
        steps = [
            Step(
                station=self._places[requests.place_log[row, slot]],
                wait_ms=round(float(requests.wait_log[row, slot]) * 1_000, 3),
                work_ms=round(float(requests.work_log[row, slot]) * 1_000, 3),
            )
            for slot in np.flatnonzero(~np.isnan(requests.work_log[row])).tolist()
        ]
        place = int(requests.place[row])
        if outcome not in ("good", "late") and place:
            spent_ms = sum(s.wait_ms + s.work_ms for s in steps)
            rest_ms = round(max(0.0, latency_ms - spent_ms), 3)
            steps.append(Step(self._places[place], wait_ms=rest_ms, work_ms=0.0, finished=False))
        return Sample(
            started_s=round(float(requests.started[row]), 6),
            latency_ms=round(latency_ms, 3),
            outcome=str(outcome),
            attempt=int(requests.attempt[row]),
            steps=tuple(steps),
        )
