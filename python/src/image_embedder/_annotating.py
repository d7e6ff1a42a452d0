"""Metadata for models that lack them."""

from __future__ import annotations

import ctypes
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from . import _abi, _arguments, _embedder
from ._errors import InvalidArgumentError, WrongTypeError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ._embedder import Model, Path


def annotate(
    model: Model,
    output: Path,
    *,
    mean: float | Sequence[float] | None = None,
    std: float | Sequence[float] | None = None,
    name: str | None = None,
    author: str | None = None,
    license: str | None = None,
    description: str | None = None,
    version: str | None = None,
    head_names: Sequence[str] | None = None,
) -> None:
    """Writes metadata into a copy of a model.

    Its operators, weights and buffers stay byte for byte what they are, and files that are
    associated with it stay readable. What is None stays as the model has it; an empty text takes
    away what it has. The Task Library and MediaPipe read the metadata too; MediaPipe refuses three
    different means or stds.

    Args:
        model: The path of a TFLite file, its content, or a built-in name. It need not be a model
            that can embed images yet.
        output: The path of the copy, which ends in ".tflite". The file appears whole or not at all,
            and replaces a TFLite model only.
        mean: What is subtracted from pixel values: one number, or one for each of red, green and
            blue; for models of float32 or int8 input.
        std: What they are divided by after that.
        name: The model's name.
        author: Who made it.
        license: Its licence, by name or as the whole text.
        description: What it does.
        version: Its version, in whatever form.
        head_names: The name of each of the model's outputs.

    Raises:
        FileNotFoundError: There is no such model file, or no such folder for the output.
        ValueError: The model cannot be understood, what is given does not fit it, or the output is
            the model itself or is there and is no model.
        RuntimeError: The model cannot be read, or the output not be written.
    """
    options = _abi.sized(_abi.Options)
    native = _abi.sized(_abi.Annotations)
    _, filename = _embedder.set_model(options, model)
    _embedder.set_normalization(native, mean, std)
    for field, value in (
        ("name", name),
        ("author", author),
        ("license", license),
        ("description", description),
        ("version", version),
    ):
        if value is not None:
            setattr(native, field, _arguments.utf8(value, field))
    if head_names is not None:
        names = _names(head_names)
        native.head_names = (ctypes.c_char_p * len(names))(*names)
        native.head_name_count = len(names)
    _abi.check(
        "ie_model_annotate",
        options,
        native,
        _arguments.path_bytes(output, "the output"),
        filename=filename,
    )


def _names(names: Any) -> list[bytes]:
    """Checks the names of outputs.

    Raises:
        WrongTypeError: They are no strings, or a single one.
        InvalidArgumentError: There are none.
    """
    if isinstance(names, (str, bytes)) or not isinstance(names, Iterable):
        raise WrongTypeError(
            f"head_names is {_arguments.shown(names)}; a list with a string for each output is "
            "needed"
        )
    encoded = [_arguments.utf8(name, "a head name") for name in names]
    if not encoded:
        raise InvalidArgumentError("head_names is empty; a name for each output is needed")
    return encoded
