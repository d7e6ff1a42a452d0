"""Finds the fields of a TFLite model, so that they can be changed without breaking the FlatBuffer around them."""

from __future__ import annotations

import dataclasses
import struct
from typing import Dict, Iterator, List, Set, Tuple

# Field number -> kind. A scalar's kind is its struct code; "[x]" is a vector of them, "@Name" a table, "[@Name]" a
# vector of tables, "str" a string, "data" a buffer's bytes, "options" the union of operator options.
Kind = str
SCHEMA: Dict[str, Dict[int, Kind]] = {
    "Model": {
        0: "I",
        1: "[@OperatorCode]",
        2: "[@SubGraph]",
        4: "[@Buffer]",
        6: "[@Metadata]",
        7: "[@SignatureDef]",
    },
    "OperatorCode": {0: "b", 1: "str", 2: "i", 3: "i"},
    "SubGraph": {0: "[@Tensor]", 1: "[i]", 2: "[i]", 3: "[@Operator]", 4: "str"},
    "Tensor": {0: "[i]", 1: "b", 2: "I", 3: "str", 4: "@Quantization", 5: "B", 6: "@Sparsity", 7: "[i]", 8: "B"},
    "Quantization": {0: "[f]", 1: "[f]", 2: "[f]", 3: "[q]", 4: "B", 6: "i"},
    "Sparsity": {0: "[i]", 1: "[i]", 2: "[@Dimension]"},
    "Dimension": {0: "b", 1: "i", 2: "B", 4: "B"},
    "Operator": {0: "I", 1: "[i]", 2: "[i]", 3: "B", 4: "options", 6: "b", 7: "[B]", 8: "[i]"},
    "Buffer": {0: "data", 1: "Q", 2: "Q"},
    "Metadata": {0: "str", 1: "I"},
    "SignatureDef": {0: "[@TensorMap]", 1: "[@TensorMap]", 2: "str", 4: "I"},
    "TensorMap": {0: "str", 1: "I"},
}
OPTIONS: Dict[int, Dict[int, Kind]] = {
    1: {0: "b", 1: "i", 2: "i", 3: "b", 4: "i", 5: "i"},  # CONV_2D
    2: {0: "b", 1: "i", 2: "i", 3: "i", 4: "b", 5: "i", 6: "i"},  # DEPTHWISE_CONV_2D
    5: {0: "b", 1: "i", 2: "i", 3: "i", 4: "i", 5: "b"},  # pooling
    8: {0: "b", 1: "b", 2: "B", 3: "B"},  # FULLY_CONNECTED
    9: {0: "f"},  # SOFTMAX
    10: {0: "i", 1: "b"},  # CONCATENATION
    11: {0: "b"},  # ADD
    15: {2: "B", 3: "B"},  # RESIZE_BILINEAR
    17: {0: "[i]"},  # RESHAPE
    19: {0: "i"},  # SPACE_TO_DEPTH
    21: {0: "b"},  # MUL
    23: {0: "i", 1: "i"},  # GATHER
    27: {0: "B"},  # reductions
    30: {0: "[i]"},  # SQUEEZE
    32: {0: "i", 1: "i", 2: "i", 3: "i", 4: "i", 5: "B"},  # STRIDED_SLICE
    35: {0: "i"},  # SPLIT
    49: {0: "b", 1: "i", 2: "i", 3: "b"},  # TRANSPOSE_CONV
    59: {0: "i", 1: "i"},  # PACK
    64: {0: "i", 1: "i"},  # UNPACK
    94: {0: "i"},  # DEPTH_TO_SPACE
}
SMALL_DATA = 64


@dataclasses.dataclass(frozen=True)
class Place:
    """Something that can be changed.

    Attributes:
        what: `scalar`, `count` (of a vector), `entry` (of a vtable) or `offset` (to a table or vector).
        position: Where it is in the file.
        kind: The struct code of a scalar; for an offset what it leads to.
    """

    what: str
    position: int
    kind: Kind


class Layout:
    """The places of a model.

    Attributes:
        places: Everything that can be changed while the FlatBuffer stays valid.
        weights: Ranges of large data, which say nothing about the structure.
        targets: For each kind of table or vector, the positions of all that there are.
    """

    def __init__(self, model: bytes) -> None:
        """Walks a model.

        Args:
            model: The whole file.
        """
        self._model = model
        self._seen: Set[Tuple[int, str]] = set()
        self.places: List[Place] = []
        self.weights: List[Tuple[int, int]] = []
        self.targets: Dict[Kind, List[int]] = {}
        self._table(self._read("I", 0), "Model", SCHEMA["Model"])

    def structural_bytes(self) -> List[int]:
        """Returns the positions of all bytes outside large data."""
        result: List[int] = []
        start = 0
        for low, high in sorted(self.weights):
            result.extend(range(start, low))
            start = high
        result.extend(range(start, len(self._model)))
        return result

    def _read(self, code: str, position: int) -> int:
        return int(struct.unpack_from("<" + code, self._model, position)[0])

    def _vector(self, position: int) -> Iterator[int]:
        return iter(range(position + 4, position + 4 + self._read("I", position)))

    def _table(self, position: int, name: str, fields: Dict[int, Kind]) -> None:
        if (position, name) in self._seen:
            return
        self._seen.add((position, name))
        self.targets.setdefault("@" + name, []).append(position)
        vtable = position - self._read("i", position)
        size = self._read("H", vtable)
        for field, kind in fields.items():
            entry = vtable + 4 + 2 * field
            if entry + 2 > vtable + size or self._read("H", entry) == 0:
                continue
            self.places.append(Place("entry", entry, "H"))
            self._field(position, position + self._read("H", entry), vtable, kind)

    def _field(self, table: int, place: int, vtable: int, kind: Kind) -> None:
        if len(kind) == 1:
            self.places.append(Place("scalar", place, kind))
            return
        target = place + self._read("I", place)
        if kind == "options":
            entry = vtable + 4 + 2 * 3
            number = self._read("B", table + self._read("H", entry))
            self._table(target, f"Options{number}", OPTIONS.get(number, {}))
        elif kind.startswith("@"):
            self.places.append(Place("offset", place, kind))
            self._table(target, kind[1:], SCHEMA[kind[1:]])
        elif kind != "str":
            self._list(place, target, kind)

    def _list(self, place: int, target: int, kind: Kind) -> None:
        count = self._read("I", target)
        self.targets.setdefault(kind, []).append(target)
        self.places.append(Place("count", target, kind))
        self.places.append(Place("offset", place, kind))
        if kind == "data":
            if count > SMALL_DATA:
                self.weights.append((target + 4, target + 4 + count))
            else:
                self.places.extend(Place("scalar", target + 4 + 4 * i, "i") for i in range(count // 4))
        elif kind.startswith("[@"):
            for index in range(count):
                self._field(target, target + 4 + 4 * index, 0, kind[1:-1])
        else:
            size = struct.calcsize(kind[1:-1])
            self.places.extend(Place("scalar", target + 4 + size * i, kind[1:-1]) for i in range(count))
