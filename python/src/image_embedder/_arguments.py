"""What callers pass, checked: what cannot be is told in a sentence before the library sees it."""

from __future__ import annotations

import itertools
import operator
import os
import reprlib
import sys
from collections.abc import Mapping, Sequence, Set
from typing import TYPE_CHECKING, Any, ClassVar

from ._errors import InvalidArgumentError, WrongTypeError


class Begun:
    """An object that says so when it is used although its `__init__` never ran.

    That is after `__new__` alone, or in a subclass that forgets to call it.
    """

    __slots__ = ()

    # What `__init__` sets.
    _begun_with: ClassVar[Sequence[str]] = ()

    if not TYPE_CHECKING:

        def __getattr__(self, name):
            """Is asked for what is not there."""
            kind = type(self).__name__
            if name in self._begun_with:
                raise InvalidArgumentError(
                    f"this {kind} was made without its __init__, as by __new__ alone; one that was "
                    "made whole is needed"
                )
            raise AttributeError(f"{kind!r} object has no attribute {name!r}")


def shown(value: Any) -> str:
    """Returns a value as messages show it: shortened, and whatever its own `repr` does."""
    return reprlib.repr(value)


def flag(value: Any, name: str) -> bool:
    """Checks that a value is true or false.

    Args:
        value: True, False, or NumPy's, or 1 or 0.
        name: What messages call it.

    Returns:
        The value.

    Raises:
        WrongTypeError: It is something else.
    """
    numpy = sys.modules.get("numpy")
    if isinstance(value, int) and value in (0, 1):
        return bool(value)
    if numpy is not None and isinstance(value, numpy.bool_):
        return bool(value)
    raise WrongTypeError(f"{name} is {shown(value)}; True or False is needed")


def whole_number(value: Any, bits: int, name: str) -> int:
    """Checks that a value is a whole number that fits into what the library has for it.

    Args:
        value: The number.
        bits: The number of bits, one of them for the sign.
        name: What messages call it.

    Returns:
        The number.

    Raises:
        WrongTypeError: It is no whole number.
        InvalidArgumentError: It does not fit.
    """
    try:
        number = operator.index(value)
    except Exception:
        raise WrongTypeError(f"{name} is {shown(value)}; a whole number is needed") from None
    if not -(1 << (bits - 1)) <= number < 1 << (bits - 1):
        raise InvalidArgumentError(f"{name} is {shown(number)}; a number of {bits} bits is needed")
    return number


def number(value: Any, name: str) -> float:
    """Checks that a value is a number.

    Args:
        value: The number, which may be one of NumPy's.
        name: What messages call it.

    Returns:
        The number.

    Raises:
        WrongTypeError: It is none.
    """
    try:
        if not isinstance(value, (str, bytes, bytearray, memoryview)):
            return float(value)
    except Exception:
        pass
    raise WrongTypeError(f"{name} is {shown(value)}; a number is needed")


def channel_values(value: Any, name: str) -> list[float]:
    """Checks that a value is a number, or a few.

    Args:
        value: A number, or a sequence of numbers.
        name: What messages call it.

    Returns:
        The numbers, at most four of them.

    Raises:
        WrongTypeError: It is something else.
    """
    problem = WrongTypeError(
        f"{name} is {shown(value)}; a number, or one for each of red, green and blue, is needed"
    )
    if isinstance(value, (str, bytes, bytearray, memoryview, Mapping, Set)):
        raise problem
    try:
        if hasattr(value, "__len__") and getattr(value, "ndim", 1) == 1:
            values = list(itertools.islice(value, 4))
        else:
            values = [value]
        if any(isinstance(number, (str, bytes, bytearray)) for number in values):
            raise problem
        return [float(number) for number in values]
    except Exception:
        raise problem from None


def choice(numbers: Mapping[str, int], value: Any, name: str) -> int:
    """Returns the number of a choice.

    Raises:
        InvalidArgumentError: There is no such choice.
    """
    if not isinstance(value, str) or value not in numbers:
        kind = InvalidArgumentError if isinstance(value, str) else WrongTypeError
        needed = " or ".join(repr(known) for known in numbers)
        raise kind(f"{name} is {shown(value)}; {needed} is needed")
    return numbers[value]


def text(value: Any, name: str) -> bytes:
    """Returns a string as the library takes it.

    Raises:
        WrongTypeError: It is no string.
        InvalidArgumentError: It holds what no name holds.
    """
    if not isinstance(value, str):
        raise WrongTypeError(f"{name} is {shown(value)}; a string is needed")
    return path_bytes(value, name)


def utf8(value: Any, name: str) -> bytes:
    """Returns text as UTF-8.

    Args:
        value: A string.
        name: What messages call it.

    Raises:
        WrongTypeError: It is no string.
        InvalidArgumentError: It holds what UTF-8 or the library cannot hold.
    """
    if not isinstance(value, str):
        raise WrongTypeError(f"{name} is {shown(value)}; a string is needed")
    try:
        encoded = value.encode("utf-8")
    except UnicodeError:
        raise InvalidArgumentError(
            f"{name} is {shown(value)}; a string without lone surrogates is needed"
        ) from None
    if b"\0" in encoded:
        raise InvalidArgumentError(
            f"{name} is {shown(value)}; a string without NUL characters is needed"
        )
    return encoded


def path_bytes(path: Any, name: str) -> bytes:
    """Turns a path into the bytes that the system knows it by.

    Args:
        path: The path: a string, bytes, or what has `__fspath__`.
        name: What messages call it.

    Returns:
        The bytes, without a NUL.

    Raises:
        WrongTypeError: It is no path.
        InvalidArgumentError: The path holds what no path can hold.
    """
    try:
        encoded = os.fsencode(path)
    except UnicodeError:
        raise InvalidArgumentError(
            f"{name} is {shown(path)}; a path that the system can spell is needed"
        ) from None
    except Exception:
        raise WrongTypeError(f"{name} is {shown(path)}; a path is needed") from None
    if b"\0" in encoded:
        raise InvalidArgumentError(
            f"{name} is {shown(path)}; a path without NUL characters is needed"
        )
    return encoded


def instance(value: Any, kind: type[Any], name: str) -> Any:
    """Checks that a value is of a type.

    Args:
        value: The value.
        kind: The type.
        name: What messages call it.

    Returns:
        The value.

    Raises:
        WrongTypeError: It is something else.
    """
    if not isinstance(value, kind):
        article = "an" if kind.__name__[0] in "AEIOUaeiou" else "a"
        raise WrongTypeError(f"{name} is {shown(value)}; {article} {kind.__name__} is needed")
    return value
