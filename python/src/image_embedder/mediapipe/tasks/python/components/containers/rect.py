"""Rectangles."""

from __future__ import annotations

import dataclasses

__all__ = ["Rect", "RectF"]


@dataclasses.dataclass
class Rect:
    """A rectangle in pixels.

    Attributes:
        left: The first column.
        top: The first row.
        bottom: The row behind the last.
        right: The column behind the last.
    """

    left: int
    top: int
    bottom: int
    right: int


@dataclasses.dataclass
class RectF:
    """A rectangle in parts of an image's width and height, 0 to 1.

    Attributes:
        left: Where it begins, from the left.
        top: Where it begins, from the top.
        bottom: Where it ends, from the top.
        right: Where it ends, from the left.
    """

    left: float
    top: float
    bottom: float
    right: float
