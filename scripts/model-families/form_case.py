"""What a case of a form is: a model whose outputs take options to become vectors, and which options those are."""

from __future__ import annotations

import dataclasses

from case import Case

# The program's options of one run by their names, such as {"pool": "mean"}.
Run = dict[str, str]

POOLED: tuple[Run, ...] = ({"pool": "mean"}, {"pool": "max"}, {"pool": "flatten"})
# Where heights and widths are open, all numbers of a map are of no one length.
GROWING: tuple[Run, ...] = POOLED[:2]
TOKENS: tuple[Run, ...] = (*POOLED, {"pool": "cls"})
FOUR = 4


@dataclasses.dataclass(frozen=True)
class FormCase(Case):
    """A model to convert, and the ways to run it.

    Attributes:
        runs: The options of each run.
    """

    runs: tuple[Run, ...] = ({},)


def layout_runs(layout: str) -> tuple[Run, ...]:
    """Returns the runs of a map whose channels are not where the input has them."""
    return tuple({**run, "layout": layout} for run in POOLED)


def form_name(kind: str, batch: int | None, open_size: bool, number_format: str) -> str:
    """Returns the name of a case in one variant."""
    batches = {None: "open-batch", 1: "fixed-batch", FOUR: "batch-of-four"}
    return f"{kind}.{batches[batch]}.{'open' if open_size else 'fixed'}-size.{number_format}"
