"""A user's program: the rows of a folder of vectors that can be spared, and a closest pair."""

from __future__ import annotations

import sys

from typing_extensions import assert_type

from image_embedder import DuplicatePair, DuplicatePicture, Duplicates, Store, find_duplicates


def spare(folder: str) -> set[int]:
    """Finds the rows of duplicates that are not kept.

    Args:
        folder: The folder of vectors.

    Returns:
        Their numbers.
    """
    rows: set[int] = set()
    found = Store(folder).duplicates(
        tiers=["bytes", "pixels", "copies"],
        prefer="best/",
        progress=lambda stage, done, total: print(stage, done, total),
    )
    assert_type(found, Duplicates)
    for group in found.groups:
        assert_type(group.members, tuple[DuplicatePicture, ...])
        for picture in group.members:
            if picture != group.keep and picture.row is not None:
                rows.add(picture.row)
    return rows


def closest(pairs: tuple[DuplicatePair, ...]) -> DuplicatePair | None:
    """Finds the pair whose pixels are most alike."""
    return max(pairs, key=lambda pair: pair.correlation or 0, default=None)


if __name__ == "__main__":
    print(spare(sys.argv[1]))
    print(closest(find_duplicates([sys.argv[2]], tiers=("pixels",)).pairs))
