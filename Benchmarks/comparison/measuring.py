"""Measuring in turns: A B C A B C, so that whatever else the machine does meets all alike."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any, Callable

import processes
from contestants import BOUND, Contestant
from summary import cosine
from workloads import Workload


class Results:
    """What was measured of one workload.

    Attributes:
        workload: The images.
        short_workload: A few of them.
        entrants: The contestants, without those that failed.
        failures: Why contestants failed, by their titles.
        rows: What was measured, by the contestants' keys.
    """

    def __init__(self, workload: Workload, short_workload: Workload, contestants: Sequence[Contestant]) -> None:
        """Begins with nothing measured.

        Args:
            workload: The images.
            short_workload: A few of them.
            contestants: Who takes part.
        """
        self.workload = workload
        self.short_workload = short_workload
        self.entrants = [contestant for contestant in contestants if contestant.takes(workload)]
        self.failures: dict[str, str] = {}
        self.rows: dict[str, dict[str, Any]] = {}
        self._first_vector: list[float] = []

    def warm_up(self) -> None:
        """Runs every contestant on a few images, and takes its memory and the vector of the first, but no time."""
        self._in_turn(self._warm_up)

    def measure(self) -> None:
        """Runs every contestant once and takes its time."""
        self._in_turn(self._measure)

    def _in_turn(self, run: Callable[[Contestant], None]) -> None:
        """Runs all; whoever fails takes part no more."""
        for contestant in list(self.entrants):
            try:
                run(contestant)
            except processes.ProcessError as error:
                self.failures[contestant.title] = str(error)
                self.entrants.remove(contestant)
                self.rows.pop(contestant.key, None)
                print(f"  {contestant.title}: {error}", file=sys.stderr)

    def _measure(self, contestant: Contestant) -> None:
        measurement = contestant.measure(self.workload)
        row = self.rows[contestant.key]
        row["images_per_second"].append(measurement.images / measurement.seconds)
        row["cpu_seconds_per_image"].append(measurement.cpu_seconds / measurement.images)
        first = contestant.first_command(self.workload)
        if first:
            row["first_seconds"].append(processes.run(first).first_seconds)

    def _warm_up(self, contestant: Contestant) -> None:
        row: dict[str, Any] = {
            "title": contestant.title,
            "group": contestant.group,
            "cores": contestant.cores,
            "images_per_second": [],
            "cpu_seconds_per_image": [],
            "first_seconds": [],
        }
        used = processes.run(contestant.command(self.short_workload), watches_memory=True)
        if contestant.group != BOUND:
            row["peak_bytes"] = used.peak_bytes
        first = contestant.first_command(self.workload)
        if first:
            vector = feature_vector(json.loads(processes.run(first).output))
            self._first_vector = self._first_vector or vector
            row["cosine"] = cosine(vector, self._first_vector)
        self.rows[contestant.key] = row

    @property
    def content(self) -> dict[str, Any]:
        """The results for JSON."""
        return {
            "title": self.workload.title,
            "images": len(self.workload.paths),
            "failures": self.failures,
            "contestants": self.rows,
        }


def feature_vector(output: Any) -> list[float]:
    """Finds the vector in what a contestant printed.

    Args:
        output: A peer's list, or our object.

    Returns:
        The vector.
    """
    numbers = output["embeddings"][0]["feature_vector"] if isinstance(output, dict) else output
    return [float(number) for number in numbers]
