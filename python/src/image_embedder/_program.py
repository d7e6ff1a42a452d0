"""The command line, which is a program of its own inside the package."""

from __future__ import annotations

import os
import sys

from ._errors import FailedError


def path() -> str:
    """Returns the path of the image-embedder executable.

    Raises:
        FailedError: This package has none, as where it was not installed from a wheel.
    """
    program = os.path.join(os.path.dirname(os.path.abspath(__file__)), "_lib", "image-embedder")
    if not os.access(program, os.X_OK):
        raise FailedError(
            f"there is no program {program!r}; the package as it comes in the wheel is needed, or "
            "the path of another image-embedder executable"
        )
    return program


def main() -> None:
    """Becomes the program, with its arguments, descriptors and signals."""
    try:
        os.execv(path(), ["image-embedder", *sys.argv[1:]])
    except (FailedError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(1)
