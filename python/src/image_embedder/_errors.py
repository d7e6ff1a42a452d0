"""What can go wrong."""

from __future__ import annotations


class EmbedderError(Exception):
    """An image or a model that could not be used, or a library that is missing.

    What is raised is always one of the subclasses, which are Python's own exceptions too.

    Attributes:
        code: The canonical name of the kind of failure, such as "INVALID_ARGUMENT".
    """

    code: str = "UNKNOWN"


class InvalidArgumentError(EmbedderError, ValueError):
    """An image, a model, a vector or an option that cannot be used."""

    code = "INVALID_ARGUMENT"


class MissingFileError(EmbedderError, FileNotFoundError):
    """A file that is not there."""

    code = "NOT_FOUND"


class FailedError(EmbedderError, RuntimeError):
    """Everything else: no permission, too large, unsupported, a runtime that failed."""


def error_for(code: str, message: str) -> EmbedderError:
    """Makes the exception for a status.

    Args:
        code: The canonical name of the status.
        message: A sentence.

    Returns:
        The exception.
    """
    kinds = {"INVALID_ARGUMENT": InvalidArgumentError, "NOT_FOUND": MissingFileError}
    error: EmbedderError = kinds.get(code, FailedError)(message)
    error.code = code
    return error
