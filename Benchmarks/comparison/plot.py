"""The results as a picture: bars of images a second, for light and dark pages."""

from __future__ import annotations

import html
from collections.abc import Iterator
from typing import Any

from page import figure
from summary import Spread

WIDTH, NAME_WIDTH, VALUE_WIDTH = 940, 410, 70
ROW_HEIGHT, BAR_HEIGHT, TITLE_HEIGHT, MARGIN = 24, 16, 44, 16
STYLE = """
  text { font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #1f2328 }
  .title { font-weight: 600; font-size: 15px }
  .name { text-anchor: end }
  .ours { fill: #0f766e } .peer { fill: #a3abb5 } .bound { fill: none; stroke: #0f766e; stroke-dasharray: 4 3 }
  .spread { stroke: #1f2328; stroke-width: 1.5 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .ours { fill: #2dd4bf } .peer { fill: #6e7681 } .bound { stroke: #2dd4bf }
    .spread { stroke: #e6edf3 }
  }
"""


def shown(contestants: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Chooses what a reader wants to see, the fastest first.

    Args:
        contestants: What was measured, by the contestants' keys.

    Returns:
        All programs, and of the bounds those that do the whole work.
    """
    has_files = any(key.startswith("both-") for key in contestants)
    prefix = "both-" if has_files else "run-"
    rows = [row for key, row in contestants.items() if row["group"] != "bound" or key.startswith(prefix)]
    return sorted(rows, key=lambda row: -Spread.of(row["images_per_second"]).median)


def plot(workloads: dict[str, dict[str, Any]]) -> Iterator[str]:
    """Draws a group of bars for each workload.

    Args:
        workloads: The workloads' results.

    Yields:
        The lines of an SVG file.
    """
    groups = [(workload["title"], shown(workload["contestants"])) for workload in workloads.values()]
    height = sum(TITLE_HEIGHT + ROW_HEIGHT * len(rows) for _, rows in groups) + 2 * MARGIN
    yield f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">'
    yield "<title>Images a second: Image Embedder (coloured), peers (gray), what no program can beat (dashed)</title>"
    yield f"<style>{STYLE}</style>"
    top = MARGIN
    for title, rows in groups:
        yield f'<text class="title" x="{MARGIN}" y="{top + 24}">{html.escape(title)}: images a second</text>'
        top += TITLE_HEIGHT
        greatest = max((Spread.of(row["images_per_second"]).high for row in rows), default=1.0)
        for row in rows:
            yield from bar(row, top, (WIDTH - NAME_WIDTH - VALUE_WIDTH - MARGIN) / greatest)
            top += ROW_HEIGHT
    yield "</svg>"


def bar(row: dict[str, Any], top: float, scale: float) -> Iterator[str]:
    """Draws a contestant's bar.

    Args:
        row: Its results.
        top: Where it begins.
        scale: The length of one image a second.

    Yields:
        The lines.
    """
    spread = Spread.of(row["images_per_second"])
    left, middle = NAME_WIDTH, top + BAR_HEIGHT / 2
    low, high = (left + scale * value for value in (spread.low, spread.high))
    name = html.escape(row["title"].replace("`", ""))
    yield f'<text class="name" x="{left - 8}" y="{middle + 4.5:.1f}">{name}</text>'
    yield (
        f'<rect class="{row["group"]}" x="{left}" y="{top}" width="{scale * spread.median:.1f}" '
        f'height="{BAR_HEIGHT}" rx="2"/>'
    )
    yield f'<line class="spread" x1="{low:.1f}" x2="{high:.1f}" y1="{middle}" y2="{middle}"/>'
    yield f'<text x="{high + 8:.1f}" y="{middle + 4.5:.1f}">{figure(spread.median)}</text>'
