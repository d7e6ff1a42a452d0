"""docs/options.md and the header against what this package has of them."""

from __future__ import annotations

import ast
import ctypes
import inspect
import re
from collections.abc import Callable
from typing import Any

import pytest
from conftest import ROOT

import image_embedder
from image_embedder import Embedder, Store, _abi, _duplicates, find_duplicates

HEADER = (ROOT / "Sources/CImageEmbedder/include/image_embedder.h").read_text("utf-8")

# What ctypes has for the types of the header.
TYPES: dict[str, tuple[Any, ...]] = {
    "size_t": (ctypes.c_size_t,),
    "bool": (ctypes.c_bool,),
    "int32_t": (ctypes.c_int32,),
    "int64_t": (ctypes.c_int64,),
    "uint8_t": (ctypes.c_uint8,),
    "uint32_t": (ctypes.c_uint32,),
    "double": (ctypes.c_double,),
    "ie_decoding": (ctypes.c_int,),
    "ie_alpha": (ctypes.c_int,),
    "ie_format": (ctypes.c_int,),
    "ie_pooling": (ctypes.c_int,),
    "ie_layout": (ctypes.c_int,),
    "ie_accelerator": (ctypes.c_int,),
    "ie_precision": (ctypes.c_int,),
    "ie_duplicate_tier": (ctypes.c_int,),
    "ie_plane": (_abi.Plane,),
    "const char *": (ctypes.c_char_p,),
    "const char *const *": (ctypes.POINTER(ctypes.c_char_p),),
    "const size_t *": (ctypes.POINTER(ctypes.c_size_t),),
    "const void *": (ctypes.c_char_p, ctypes.c_void_p),
    "const float *": (ctypes.POINTER(ctypes.c_float), ctypes.c_void_p),
    "const int8_t *": (ctypes.c_void_p,),
    "const ie_file_part *": (ctypes.c_void_p,),
    "const ie_frame *": (ctypes.POINTER(_abi.Frame),),
    "const ie_region *": (ctypes.POINTER(_abi.Region),),
}

STRUCTS = [
    _abi.Options,
    _abi.Plane,
    _abi.Frame,
    _abi.Region,
    _abi.Item,
    _abi.BatchOptions,
    _abi.Vector,
    _abi.IndexOptions,
    _abi.SearchOptions,
    _abi.Answer,
    _abi.Pair,
    _abi.DuplicateOptions,
    _abi.DuplicatePicture,
    _abi.DuplicatePair,
    _abi.DuplicateGroup,
]


def rows(title: str) -> list[dict[str, list[str]]]:
    """Returns the rows of the table under a title: the names in each cell by its column."""
    page = (ROOT / "docs/options.md").read_text("utf-8")
    section = page.split(f"\n## {title}\n")[1].split("\n## ")[0]
    lines = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in section.splitlines()
        if line.startswith("|")
    ]
    return [
        {column: re.findall(r"`([^`]+)`", cell) for column, cell in zip(lines[0], line)}
        for line in lines[2:]
    ]


def names(title: str, column: str) -> list[str]:
    return [name for row in rows(title) for name in row[column]]


def parameters(function: Callable[..., Any]) -> set[str]:
    return set(inspect.signature(function).parameters) - {"self", "images", "image", "head"}


def test_the_table_has_the_parameters_of_the_embedder() -> None:
    assert set(names("What an embedder does", "Python")) == parameters(Embedder.__init__)


def test_the_table_has_the_parameters_of_a_call() -> None:
    region = set(names("What is used of an image", "Python"))
    assert region == parameters(Embedder.embed)
    workers = set(names("How a batch works", "Python"))
    assert region | workers == parameters(Embedder.embed_batch)


def test_the_table_has_the_parameters_of_a_search_for_duplicates() -> None:
    known = set(names("How duplicates are looked for", "Python"))
    assert known == set(inspect.signature(Store.duplicates).parameters) - {"self"}
    of_files = set(inspect.signature(find_duplicates).parameters) - {"paths"}
    assert of_files == known - {"head", "similar_cosine"}


def test_the_tiers_are_those_of_the_header() -> None:
    numbers = re.findall(r"IE_DUPLICATE_TIER_(\w+) = (\d+)", HEADER)
    assert {name.lower(): int(number) for name, number in numbers} == _abi.DUPLICATE_TIERS
    for name, number in _abi.DUPLICATE_TIERS.items():
        assert _duplicates._TIERS[number] == name


def test_types_know_the_same_options() -> None:
    source = inspect.getsource(inspect.getmodule(Embedder) or image_embedder)
    (types,) = (
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ClassDef) and node.name == "Options"
    )
    known = {
        node.target.id
        for node in types.body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }
    assert known == parameters(Embedder.__init__) - {"model", "quantize"}


def test_names_in_messages_are_those_of_the_table() -> None:
    for native, name in _abi._OPTIONS.items():
        assert any(
            native in row["C"] and name in row["Python"] for row in rows("What an embedder does")
        ), native


@pytest.mark.parametrize("struct", STRUCTS, ids=lambda struct: struct.__name__)
def test_structs_are_those_of_the_header(struct: type[ctypes.Structure]) -> None:
    name = (struct.__doc__ or "").strip(".")
    match = re.search(rf"^typedef struct {name} {{\n(.*?)^}} {name};", HEADER, re.M | re.S)
    assert match, name
    declared = re.findall(r"^  ([a-z][\w *]*?[ *])(\w+)(?:\[(\d)\])?;", match[1], re.M)
    fields: list[Any] = list(struct._fields_)
    assert [member for _, member, _ in declared] == [field[0] for field in fields]
    for (kind, member, count), (_, found) in zip(declared, fields):
        known = TYPES[kind.strip()]
        if count:
            assert issubclass(found, ctypes.Array), member
            assert found._length_ == int(count), member
            assert found._type_ in known, member
        else:
            assert found in known, member
