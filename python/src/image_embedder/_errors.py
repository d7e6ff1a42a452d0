"""What can go wrong."""

from __future__ import annotations

import errno
import os
from typing import Any


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


class WrongTypeError(InvalidArgumentError, TypeError):
    """An argument of a type that it cannot have."""


class NoSuchFileError(FileNotFoundError):
    """A file that is not there, in a sentence of its own.

    Attributes:
        errno: ENOENT.
        strerror: What the system calls that.
        filename: The path as it was given, or None where none is known.
    """

    def __init__(self, message: str, filename: Any = None) -> None:
        """Holds a sentence and the file that it is about."""
        super().__init__(message)
        self.errno = errno.ENOENT
        self.strerror = os.strerror(errno.ENOENT)
        self.filename = filename

    def __str__(self) -> str:
        """Returns the sentence; OSError's own would leave it out."""
        return str(self.args[0])

    def __reduce__(self) -> Any:
        """Keeps the file and the code for another process."""
        return type(self), (self.args[0], self.filename), self.__dict__


class MissingFileError(EmbedderError, NoSuchFileError):
    """A file that is not there."""

    code = "NOT_FOUND"


class UnopenedFileError(NoSuchFileError, RuntimeError):
    """A file that is not there, for interfaces of others, whose programs expect a RuntimeError."""


class FailedError(EmbedderError, RuntimeError):
    """Everything else: no permission, too large, unsupported, a runtime that failed."""


def error_for(code: str, message: str, filename: Any = None) -> EmbedderError:
    """Makes the exception for a status.

    Args:
        code: The canonical name of the status.
        message: A sentence.
        filename: The file that was asked for, if there was one.

    Returns:
        The exception.
    """
    if code == "NOT_FOUND":
        return MissingFileError(message, filename)
    error: EmbedderError = (InvalidArgumentError if code == "INVALID_ARGUMENT" else FailedError)(
        message
    )
    error.code = code
    return error
