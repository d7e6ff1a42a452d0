"""From samples to figures: medians, and the ratios that matter."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple


class Spread(NamedTuple):
    """The middle of some samples, and how far they go.

    Attributes:
        median: The middle.
        low: The least.
        high: The greatest.
    """

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, samples: Sequence[float]) -> Spread:
        """Summarises samples.

        Args:
            samples: One or more.

        Returns:
            Their spread.
        """
        return cls(statistics.median(samples), min(samples), max(samples))


class Ratio(NamedTuple):
    """A figure that says how good we are.

    Attributes:
        title: What is divided by what.
        needed: What it has to be at least; None if nothing was promised.
        spread: What it is, round by round.
    """

    title: str
    needed: float | None
    spread: Spread

    @property
    def holds(self) -> bool:
        """Whether the median is as good as promised."""
        return self.needed is None or self.spread.median >= self.needed


def cosine(u: Sequence[float], v: Sequence[float]) -> float:
    """Compares two vectors.

    Args:
        u: One, not all zeros.
        v: The other, as long.

    Returns:
        The cosine of the angle between them.
    """
    product = math.fsum(x * y for x, y in zip(u, v))
    return product / math.sqrt(math.fsum(x * x for x in u) * math.fsum(y * y for y in v))


def quotient(samples: Sequence[float], others: Sequence[float]) -> list[float]:
    """Divides round by round, so that what slowed both in a round does not count.

    Args:
        samples: What is divided.
        others: By what.

    Returns:
        As many quotients as both have rounds.
    """
    return [sample / other for sample, other in zip(samples, others)]


def in_turn(*rates: Sequence[float]) -> list[float]:
    """Returns the rates of doing one thing after the other, from the rates of each alone."""
    return [1 / sum(1 / rate for rate in round_rates) for round_rates in zip(*rates)]


FLOAT, INT8 = "efficientnet-lite0", "efficientnet-lite0-int8"
MODELS = ((FLOAT, "float"), (INT8, "int8"))
# In keys what stands in place of the model's name where OpenVINO runs the float one.
ACCELERATED = "openvino"
# What is promised of ours.
SHARE_OF_ROOFLINE, SHARE_OF_GAIN, INT8_GAIN = 0.95, 0.97, 1.8
GAIN_ON_OPENVINO, GAIN_ON_OTHERS = 1.05, 1.15
SHARE_IN_PYTHON, GAIN_ON_ALL_PROCESSES, GAIN_ON_ONE_PROCESS = 0.95, 1.15, 2.0

Rates = Mapping[str, Sequence[float]]


def ratios(key: str, contestants: Mapping[str, Mapping[str, Any]], by_processor: bool = False) -> Iterator[Ratio]:
    """Works out what a workload's results say about us.

    Args:
        key: The workload's key.
        contestants: What was measured, by the contestants' keys.
        by_processor: Whether to compare images for each second of a processor, not of the clock.

    Yields:
        The ratios whose contestants all took part.
    """
    paces = {name: row["images_per_second"] for name, row in contestants.items()}
    costs = {name: [1 / seconds for seconds in row["cpu_seconds_per_image"]] for name, row in contestants.items()}
    rates = costs if by_processor else paces
    for count in sorted({row["cores"] for row in contestants.values()}):
        cores = "1 core" if count == 1 else f"{count} cores"
        if key == "frames":
            for model, name in (*MODELS, (ACCELERATED, "float")):
                runtime = " with OpenVINO" if model == ACCELERATED else ""
                title = f"of the {name} model's bare run{runtime}, {cores}"
                yield from _ratio(
                    rates, title, SHARE_OF_ROOFLINE, f"ours-exact-{model}-{count}", f"run-{model}-{count}"
                )
        yield from _roofline_ratios(rates, count, cores)
        needed = INT8_GAIN if key == "small" else None
        title = f"int8 model beside the float one, {cores}"
        yield from _ratio(rates, title, needed, f"ours-exact-{INT8}-{count}", f"ours-exact-{FLOAT}-{count}")
        title = f"the same of the bare runs, {cores}"
        yield from _ratio(rates, title, None, f"run-{INT8}-{count}", f"run-{FLOAT}-{count}")
        title = f"`--decode fast` beside exact, {cores}"
        yield from _ratio(rates, title, None, f"ours-fast-{FLOAT}-{count}", f"ours-exact-{FLOAT}-{count}")
        title, draft = f"`--decode fast` beside Pillow's draft mode, {cores}", f"pillow-litert-draft-{count}"
        yield from _ratio(rates, title, None, f"ours-fast-{FLOAT}-{count}", draft)
        if count > 1:
            yield from _gain_ratios(rates, count, cores)
        title = f"with OpenVINO beside LiteRT, {cores}"
        yield from _ratio(rates, title, None, f"ours-exact-{ACCELERATED}-{count}", f"ours-exact-{FLOAT}-{count}")
        coarse = f"ours-exact-{ACCELERATED}-bfloat16-{count}"
        title = f"with OpenVINO in bfloat16 beside single precision, {cores}"
        yield from _ratio(rates, title, None, coarse, f"ours-exact-{ACCELERATED}-{count}")
        yield from _python_ratios(rates, count, cores)
        peers = {name: row for name, row in contestants.items() if row["group"] == "peer" and row["cores"] == count}
        # A decoder that leaves pixels out competes with `--decode fast`, not with exact decoding.
        full = [name for name in peers if "draft" not in name]
        yield from _fastest_ratio(
            rates, contestants, "times the fastest peer", None, f"ours-exact-{FLOAT}-{count}", full
        )
        for decode, names in (("exact", full), ("fast", [name for name in peers if "draft" in name])):
            ours, mode = f"ours-{decode}-{ACCELERATED}-{count}", " and `--decode fast`" if decode == "fast" else ""
            title = f"with OpenVINO{mode}, times the fastest peer with OpenVINO"
            same = [name for name in names if name.startswith(ACCELERATED)]
            yield from _fastest_ratio(rates, contestants, title, GAIN_ON_OPENVINO, ours, same)
            others = [name for name in names if name not in same]
            bound = f"run-{ACCELERATED}-{count}" if key == "frames" else f"both-{decode}-{ACCELERATED}-{count}"
            limit = f"not ours: the roofline with OpenVINO{mode}, times the same"
            yield from _fastest_ratio(rates, contestants, limit, None, bound, same)
            title = f"with OpenVINO{mode}, times the fastest other peer"
            yield from _fastest_ratio(rates, contestants, title, GAIN_ON_OTHERS, ours, others)
            yield from _fastest_ratio(rates, contestants, limit, None, bound, others)


def _fastest_ratio(
    rates: Rates,
    contestants: Mapping[str, Mapping[str, Any]],
    title: str,
    needed: float | None,
    ours: str,
    peers: Sequence[str],
) -> Iterator[Ratio]:
    """Yields the ratio to the peer with the highest median of images a second, if there is any."""
    if peers:
        best = max(peers, key=lambda name: statistics.median(contestants[name]["images_per_second"]))
        yield from _ratio(rates, f"{title} ({contestants[best]['title']})", needed, ours, best)


def _ratio(rates: Rates, title: str, needed: float | None, above: str, below: str) -> Iterator[Ratio]:
    """Yields the ratio of two contestants, if both took part."""
    if above in rates and below in rates:
        yield Ratio(title, needed, Spread.of(quotient(rates[above], rates[below])))


def _python_ratios(rates: Rates, count: int, cores: str) -> Iterator[Ratio]:
    """Yields what the Python package reaches of the command line, and of the library that it takes the place of."""
    ours = f"python-{FLOAT}-{count}"
    title = f"`embed_batch` in Python beside the command line, {cores}"
    yield from _ratio(rates, title, SHARE_IN_PYTHON, ours, f"ours-exact-{FLOAT}-{count}")
    if count > 1:
        for processes, needed in ((count, GAIN_ON_ALL_PROCESSES), (1, GAIN_ON_ONE_PROCESS)):
            title = f"the same beside tflite-support, {processes} process{'es' if processes > 1 else ''}"
            yield from _ratio(rates, title, needed, ours, f"tflite-support-{processes}")
    title = f"`embed_batch` in Python with OpenVINO beside the command line, {cores}"
    above, below = f"python-{ACCELERATED}-{count}", f"ours-exact-{ACCELERATED}-{count}"
    yield from _ratio(rates, title, SHARE_IN_PYTHON, above, below)


def _roofline_ratios(rates: Rates, count: int, cores: str) -> Iterator[Ratio]:
    """Yields what ours reaches of decoding and the model's run."""
    for decode, model, name in (
        ("exact", FLOAT, "exact"),
        ("fast", FLOAT, "fast"),
        ("exact", INT8, "int8"),
        ("exact", ACCELERATED, "exact with OpenVINO"),
        ("fast", ACCELERATED, "fast with OpenVINO"),
    ):
        ours, both = f"ours-{decode}-{model}-{count}", f"both-{decode}-{model}-{count}"
        yield from _ratio(rates, f"of the roofline, {name}, {cores}", SHARE_OF_ROOFLINE, ours, both)
        parts = [f"decode-{decode}-{count}", f"run-{model}-{count}"]
        if ours in rates and all(part in rates for part in parts):
            samples = quotient(rates[ours], in_turn(*(rates[part] for part in parts)))
            yield Ratio(f"of the roofline by arithmetic, {name}, {cores}", None, Spread.of(samples))


def _gain_ratios(rates: Rates, count: int, cores: str) -> Iterator[Ratio]:
    """Yields what ours gains from several cores, beside what the runtime alone gains."""
    for model, name in MODELS:
        names = [f"{what}-{model}-{workers}" for what in ("ours-exact", "run") for workers in (count, 1)]
        if all(name in rates for name in names):
            ours, ours_alone, bare, bare_alone = (rates[name] for name in names)
            gains = quotient(quotient(ours, ours_alone), quotient(bare, bare_alone))
            yield Ratio(f"of the {name} model's own gain from {cores}", SHARE_OF_GAIN, Spread.of(gains))
