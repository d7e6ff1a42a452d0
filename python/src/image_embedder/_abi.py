"""The functions of libimageembedder, as image_embedder.h declares them.

Only this module knows ctypes' types. ctypes lets other threads run during each call.
"""

from __future__ import annotations

import ctypes
import functools
import os
import re
from ctypes import (
    POINTER,
    byref,
    c_bool,
    c_char_p,
    c_double,
    c_float,
    c_int,
    c_int32,
    c_int64,
    c_size_t,
    c_uint8,
    c_uint32,
    c_void_p,
)
from typing import Any

from ._errors import EmbedderError, FailedError, error_for

OK = 0
DEADLINE_EXCEEDED = 4

FORMAT_RGBA = 0
FORMAT_RGB = 1
FORMAT_GRAY = 6

ALPHA = {"drop": 0, "white": 1, "black": 2}
POOLING = {"mean": 1, "max": 2, "cls": 3, "flatten": 4}
LAYOUT = {"nhwc": 1, "nchw": 2}
ACCELERATOR = {"cpu": 0, "openvino": 1, "gpu": 2}
PRECISION = {"float32": 0, "bfloat16": 1}
DUPLICATE_TIERS = {"bytes": 1, "pixels": 2, "copies": 4, "unsure": 8, "similar": 16}
DECODING = {"exact": 0, "fast": 1, "task-library": 2}


class Options(ctypes.Structure):
    """ie_options."""

    _fields_ = (
        ("struct_size", c_size_t),
        ("model_bytes", c_char_p),
        ("model_byte_count", c_size_t),
        ("model", c_char_p),
        ("model_file_part", c_void_p),
        ("l2_normalize", c_bool),
        ("quantize", c_bool),
        ("thread_count", c_int32),
        ("normalization_mean", POINTER(c_float)),
        ("normalization_std", POINTER(c_float)),
        ("normalization_count", c_size_t),
        ("ignores_orientation", c_bool),
        ("allows_truncated", c_bool),
        ("rotation", c_int32),
        ("max_pixels", c_int64),
        ("max_file_bytes", c_int64),
        ("decoding", c_int),
        ("preset", c_char_p),
        ("alpha", c_int),
        ("litert_path", c_char_p),
        ("worker_path", c_char_p),
        ("worker_timeout_seconds", c_int32),
        ("reserved", c_int32),
        ("signature", c_char_p),
        ("pooling", c_int),
        ("map_layout", c_int),
        ("accelerator", c_int),
        ("accelerator_library", c_char_p),
        ("precision", c_int),
        ("reserved2", c_int32),
    )


class Plane(ctypes.Structure):
    """ie_plane."""

    _fields_ = (
        ("data", c_void_p),
        ("byte_count", c_size_t),
        ("row_stride", c_size_t),
        ("pixel_stride", c_size_t),
    )


class Frame(ctypes.Structure):
    """ie_frame."""

    _fields_ = (
        ("struct_size", c_size_t),
        ("width", c_int32),
        ("height", c_int32),
        ("format", c_int),
        ("orientation", c_int32),
        ("plane_count", c_size_t),
        ("planes", Plane * 3),
    )


class Region(ctypes.Structure):
    """ie_region."""

    _fields_ = (("x", c_int32), ("y", c_int32), ("width", c_int32), ("height", c_int32))


class Item(ctypes.Structure):
    """ie_item."""

    _fields_ = (
        ("struct_size", c_size_t),
        ("path", c_char_p),
        ("bytes", c_char_p),
        ("byte_count", c_size_t),
        ("frame", POINTER(Frame)),
        ("region", POINTER(Region)),
    )


class BatchOptions(ctypes.Structure):
    """ie_batch_options."""

    _fields_ = (
        ("struct_size", c_size_t),
        ("worker_count", c_int32),
        ("borrows_memory", c_bool),
        ("reserved", c_uint8 * 3),
    )


class Annotations(ctypes.Structure):
    """ie_annotations."""

    _fields_ = (
        ("struct_size", c_size_t),
        ("normalization_mean", POINTER(c_float)),
        ("normalization_std", POINTER(c_float)),
        ("normalization_count", c_size_t),
        ("name", c_char_p),
        ("description", c_char_p),
        ("version", c_char_p),
        ("author", c_char_p),
        ("license", c_char_p),
        ("head_names", POINTER(c_char_p)),
        ("head_name_count", c_size_t),
    )


class Vector(ctypes.Structure):
    """ie_vector."""

    _fields_ = (("floats", c_void_p), ("quantized", c_void_p), ("count", c_size_t))


class IndexOptions(ctypes.Structure):
    """ie_index_options."""

    _fields_ = (
        ("struct_size", c_size_t),
        ("head", c_size_t),
        ("thread_count", c_int32),
        ("reserved", c_int32),
    )


class SearchOptions(ctypes.Structure):
    """ie_search_options."""

    _fields_ = (
        ("struct_size", c_size_t),
        ("rows", POINTER(c_size_t)),
        ("row_count", c_size_t),
        ("min_cosine", c_double),
        ("has_min_cosine", c_bool),
        ("reserved", c_int32),
    )


class Answer(ctypes.Structure):
    """ie_answer."""

    _fields_ = (("row", c_size_t), ("cosine", c_double))


class Pair(ctypes.Structure):
    """ie_pair."""

    _fields_ = (("first", c_size_t), ("second", c_size_t), ("cosine", c_double))


class DuplicateOptions(ctypes.Structure):
    """ie_duplicate_options."""

    _fields_ = (
        ("struct_size", c_size_t),
        ("tiers", c_uint32),
        ("thread_count", c_int32),
        ("head", c_size_t),
        ("similar_cosine", c_double),
        ("preferred_folders", POINTER(c_char_p)),
        ("preferred_folder_count", c_size_t),
        ("not_duplicates", POINTER(c_char_p)),
        ("not_duplicates_count", c_size_t),
    )


class DuplicatePicture(ctypes.Structure):
    """ie_duplicate_picture."""

    _fields_ = (
        ("struct_size", c_size_t),
        ("path", c_char_p),
        ("absolute_path", c_char_p),
        ("row", c_int64),
        ("width", c_int32),
        ("height", c_int32),
        ("is_flat", c_bool),
        ("problem", c_char_p),
    )


class DuplicatePair(ctypes.Structure):
    """ie_duplicate_pair."""

    _fields_ = (
        ("struct_size", c_size_t),
        ("a", c_size_t),
        ("b", c_size_t),
        ("tier", c_int),
        ("cosine", c_double),
        ("correlation", c_double),
        ("transform", c_char_p),
        ("reason", c_char_p),
    )


class DuplicateGroup(ctypes.Structure):
    """ie_duplicate_group."""

    _fields_ = (
        ("struct_size", c_size_t),
        ("tier", c_int),
        ("members", POINTER(c_size_t)),
        ("member_count", c_size_t),
        ("keep", c_size_t),
        ("reason", c_char_p),
    )


def sized(struct: Any) -> Any:
    """Makes a struct of zeros that states its size.

    Args:
        struct: The type of the struct.

    Returns:
        The struct.
    """
    return struct(struct_size=ctypes.sizeof(struct))


_STRING = POINTER(c_char_p)
_HANDLE = POINTER(c_void_p)

# Name: (type of the result, types of the parameters). What frees memory takes the plain address.
_SIGNATURES: dict[str, tuple[Any, list[Any]]] = {
    "ie_status_name": (c_char_p, [c_int]),
    "ie_string_free": (None, [c_void_p]),
    "ie_version": (c_char_p, []),
    "ie_built_in_model_name": (c_char_p, [c_size_t]),
    "ie_image_decode_file": (c_int, [c_char_p, POINTER(Options), _HANDLE, _HANDLE]),
    "ie_image_decode": (c_int, [c_char_p, c_size_t, POINTER(Options), _HANDLE, _HANDLE]),
    "ie_image_frame": (c_int, [c_void_p, POINTER(Frame)]),
    "ie_image_destroy": (None, [c_void_p]),
    "ie_result_status": (c_int, [c_void_p]),
    "ie_result_message": (c_char_p, [c_void_p]),
    "ie_result_count": (c_size_t, [c_void_p]),
    "ie_result_vector": (c_int, [c_void_p, c_size_t, POINTER(Vector)]),
    "ie_result_width": (c_int32, [c_void_p]),
    "ie_result_height": (c_int32, [c_void_p]),
    "ie_result_warning": (c_char_p, [c_void_p, c_size_t]),
    "ie_result_destroy": (None, [c_void_p]),
    "ie_cosine_similarity": (
        c_int,
        [POINTER(Vector), POINTER(Vector), POINTER(c_double), _HANDLE],
    ),
    "ie_embedder_create": (c_int, [POINTER(Options), _HANDLE, _HANDLE]),
    "ie_embedder_embed_frame": (
        c_int,
        [c_void_p, POINTER(Frame), POINTER(Region), _HANDLE, _HANDLE],
    ),
    "ie_embedder_embed_file": (c_int, [c_void_p, c_char_p, POINTER(Region), _HANDLE, _HANDLE]),
    "ie_embedder_embed_encoded": (
        c_int,
        [c_void_p, c_char_p, c_size_t, POINTER(Region), _HANDLE, _HANDLE],
    ),
    "ie_embedder_destroy": (None, [c_void_p]),
    "ie_embedder_head_count": (c_size_t, [c_void_p]),
    "ie_embedder_head_name": (c_char_p, [c_void_p, c_size_t]),
    "ie_embedder_head_dimension": (c_int64, [c_void_p, c_size_t]),
    "ie_embedder_model_name": (c_char_p, [c_void_p]),
    "ie_embedder_model_digest": (c_char_p, [c_void_p]),
    "ie_embedder_fingerprint": (c_char_p, [c_void_p]),
    "ie_model_annotate": (
        c_int,
        [POINTER(Options), POINTER(Annotations), c_char_p, _HANDLE],
    ),
    "ie_batch_create": (c_int, [c_void_p, POINTER(BatchOptions), _HANDLE, _HANDLE]),
    "ie_batch_add": (c_int, [c_void_p, POINTER(Item), _HANDLE]),
    "ie_batch_finish": (c_int, [c_void_p]),
    "ie_batch_next": (c_int, [c_void_p, c_double, _HANDLE, _HANDLE]),
    "ie_batch_destroy": (None, [c_void_p]),
    "ie_store_open": (c_int, [c_char_p, _HANDLE, _HANDLE]),
    "ie_store_count": (c_size_t, [c_void_p]),
    "ie_store_row": (
        c_int,
        [c_void_p, c_size_t, _HANDLE, POINTER(c_int32), POINTER(c_int32), _HANDLE],
    ),
    "ie_store_close": (None, [c_void_p]),
    "ie_index_open": (c_int, [c_void_p, POINTER(IndexOptions), _HANDLE, _HANDLE]),
    "ie_index_search": (
        c_int,
        [
            c_void_p,
            POINTER(Vector),
            c_size_t,
            c_size_t,
            POINTER(SearchOptions),
            POINTER(Answer),
            POINTER(c_size_t),
            _HANDLE,
        ],
    ),
    "ie_index_close": (None, [c_void_p]),
    "ie_index_pairs": (c_int, [c_void_p, POINTER(SearchOptions), _HANDLE, _HANDLE]),
    "ie_pairs_next": (
        c_int,
        [c_void_p, c_double, POINTER(Pair), c_size_t, POINTER(c_size_t), _HANDLE],
    ),
    "ie_pairs_close": (None, [c_void_p]),
    "ie_duplicates_find": (c_int, [c_void_p, POINTER(DuplicateOptions), _HANDLE, _HANDLE]),
    "ie_duplicates_find_files": (
        c_int,
        [POINTER(c_char_p), c_size_t, POINTER(DuplicateOptions), _HANDLE, _HANDLE],
    ),
    "ie_duplicates_wait": (c_int, [c_void_p, c_double, _HANDLE]),
    "ie_duplicates_progress": (
        c_int,
        [c_void_p, _STRING, POINTER(c_size_t), POINTER(c_size_t)],
    ),
    "ie_duplicates_cancel": (c_int, [c_void_p]),
    "ie_duplicates_picture": (c_int, [c_void_p, c_size_t, POINTER(DuplicatePicture)]),
    "ie_duplicates_pair_count": (c_size_t, [c_void_p]),
    "ie_duplicates_pair": (c_int, [c_void_p, c_size_t, POINTER(DuplicatePair)]),
    "ie_duplicates_group_count": (c_size_t, [c_void_p]),
    "ie_duplicates_group": (c_int, [c_void_p, c_size_t, POINTER(DuplicateGroup)]),
    "ie_duplicates_flat": (POINTER(c_size_t), [c_void_p, POINTER(c_size_t)]),
    "ie_duplicates_failed": (POINTER(c_size_t), [c_void_p, POINTER(c_size_t)]),
    "ie_duplicates_warning": (c_char_p, [c_void_p, c_size_t]),
    "ie_duplicates_write_move_script": (
        c_int,
        [c_void_p, c_char_p, POINTER(c_size_t), _HANDLE],
    ),
    "ie_duplicates_close": (None, [c_void_p]),
    "ie_store_remove_rows": (
        c_int,
        [c_char_p, POINTER(c_char_p), c_size_t, POINTER(c_size_t), _HANDLE],
    ),
}


def _candidates() -> list[str]:
    """Lists where the library may be, most specific first."""
    chosen = os.environ.get("IMAGE_EMBEDDER_LIBRARY")
    if chosen:
        return [chosen]
    name = "libimageembedder.so.0"
    return [os.path.join(os.path.dirname(os.path.abspath(__file__)), "_lib", name), name]


@functools.cache
def library() -> Any:
    """Opens the library, once.

    Returns:
        The library, whose functions know their types.

    Raises:
        FailedError: The library is nowhere, or an older one.
    """
    attempts = []
    for candidate in _candidates():
        try:
            opened = ctypes.CDLL(candidate)
        except OSError as error:
            attempts.append(str(error))
            continue
        for name, (result, parameters) in _SIGNATURES.items():
            try:
                function = getattr(opened, name)
            except AttributeError:
                raise FailedError(
                    f"{candidate} has no function {name}; a newer libimageembedder is needed"
                ) from None
            function.restype = result
            function.argtypes = parameters
        return opened
    raise FailedError(
        "libimageembedder was not found; reinstall the package image-embedder, or name the "
        "library's file with IMAGE_EMBEDDER_LIBRARY. Tried: " + "; ".join(attempts)
    )


def text(characters: bytes | None) -> str:
    """Turns a message of the library's, which may hold bytes of a path, into a string."""
    return (characters or b"").decode("utf-8", "replace")


# What the library's sentences call the options, and what they are called here.
_OPTIONS = {
    "litert_path": "litert",
    "map_layout": "layout",
    "normalization_mean": "mean",
    "normalization_std": "std",
    "pooling": "pool",
    "thread_count": "threads",
    "worker_path": "worker",
    "worker_timeout_seconds": "worker_timeout",
}
# Names that are quoted are those of files.
_OPTION_NAMES = re.compile(rf"'[^']*'|\b(?:{'|'.join(_OPTIONS)})\b")


# What they advise where there is no normalization.
_NORMALIZATION = re.compile(
    r"; give mean and std, .* \(image-embedder annotate\)|, with mean and std"
)

# What they advise where an output is a map or tokens.
_POOLING = re.compile(r"; say how it becomes one by pool: .* is needed")


def without_own_options(sentence: str) -> str:
    """Returns a sentence for an interface of others, without options for mean, std and pool."""

    def advice(found: re.Match[str]) -> str:
        if "annotate" not in found.group():
            return ""
        return (
            "; NormalizationOptions in its metadata are needed"
            " (image_embedder.annotate writes them)"
        )

    pooled = _POOLING.sub("; image_embedder.Embedder makes one of it by its option pool", sentence)
    return _NORMALIZATION.sub(advice, pooled)


def status_error(status: int, message: str, filename: Any = None) -> EmbedderError:
    """Makes the exception for a status of the library's.

    Args:
        status: Its number.
        message: The library's sentence.
        filename: The file that was asked for, if there was one.
    """
    sentence = _OPTION_NAMES.sub(lambda word: _OPTIONS.get(word.group(), word.group()), message)
    return error_for(text(library().ie_status_name(status)), sentence, filename)


def check(name: str, *arguments: Any, filename: Any = None) -> None:
    """Calls a function that returns a status and whose last parameter is `char **error`.

    Args:
        name: The function.
        *arguments: All parameters but the last.
        filename: The file that is asked for, if there is one.

    Raises:
        EmbedderError: What the function reports.
    """
    error = c_void_p()
    status = getattr(library(), name)(*arguments, byref(error))
    if status == OK:
        return
    message = text(ctypes.string_at(error.value)) if error.value else name
    library().ie_string_free(error)
    raise status_error(status, message, filename)


def make(name: str, *arguments: Any, filename: Any = None) -> Handle:
    """Calls a function that makes a handle through its last parameter but one.

    Args:
        name: The function; its type's destroy function frees the handle.
        *arguments: All parameters but the last two.
        filename: The file that is asked for, if there is one.

    Returns:
        The handle.

    Raises:
        EmbedderError: What the function reports.
    """
    pointer = c_void_p()
    check(name, *arguments, byref(pointer), filename=filename)
    return Handle(pointer.value, _DESTROYERS[name])


_DESTROYERS = {
    "ie_embedder_create": "ie_embedder_destroy",
    "ie_embedder_embed_frame": "ie_result_destroy",
    "ie_embedder_embed_file": "ie_result_destroy",
    "ie_embedder_embed_encoded": "ie_result_destroy",
    "ie_image_decode_file": "ie_image_destroy",
    "ie_image_decode": "ie_image_destroy",
    "ie_batch_create": "ie_batch_destroy",
    "ie_store_open": "ie_store_close",
    "ie_index_open": "ie_index_close",
    "ie_index_pairs": "ie_pairs_close",
    "ie_duplicates_find": "ie_duplicates_close",
    "ie_duplicates_find_files": "ie_duplicates_close",
}


class Handle:
    """What the library gave out to be destroyed, with the last reference to this.

    The garbage collector may end this before a finalizer that still uses it; it then says that it
    is destroyed, and so would the library. Whoever calls a function with the pointer holds a
    reference meanwhile, so that closing in one thread pulls nothing from under another. A child
    process does not free what its parent made: the threads that belong to it were not copied.
    """

    __slots__ = ("_destroy", "_pid", "pointer")

    def __init__(self, pointer: int | None, destroyer: str) -> None:
        """Takes over a pointer."""
        self.pointer = pointer
        self._destroy = getattr(library(), destroyer)
        self._pid = os.getpid()

    @property
    def is_destroyed(self) -> bool:
        """Whether this was ended although somebody still refers to it."""
        return self.pointer is None

    @property
    def is_foreign(self) -> bool:
        """Whether this is a forked copy of another process's handle."""
        return self._pid != os.getpid()

    def __del__(self, getpid: Any = os.getpid) -> None:
        """Frees what the pointer stands for."""
        pointer, self.pointer = getattr(self, "pointer", None), None
        if pointer is not None and self._pid == getpid():
            self._destroy(pointer)
