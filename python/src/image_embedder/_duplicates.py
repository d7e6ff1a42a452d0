"""Pictures that are there more than once."""

from __future__ import annotations

import ctypes
import math
import os
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Callable, Literal, Union

from . import _abi, _arguments
from ._errors import FailedError, InvalidArgumentError, MissingFileError, WrongTypeError

Tier = Literal["bytes", "pixels", "copies", "unsure", "similar"]
Path = Union[str, bytes, "os.PathLike[Any]"]
Progress = Callable[[str, int, int], object]

# How long a search goes on before Python looks for signals.
_TURN_SECONDS = 0.1
_TIERS: dict[int, Tier] = {1: "bytes", 2: "pixels", 4: "copies", 8: "unsure", 16: "similar"}


@dataclass(frozen=True)
class DuplicatePicture:
    """One picture among those that were compared.

    Attributes:
        path: The path as it was given, or as the store has it, as `os.fsdecode` gives it.
        absolute_path: The same from the root, by which the file can be opened.
        row: The store's row; None without a store.
        width: The width of the upright picture; 0 where nobody needed to know.
        height: Its height.
        problem: Why the picture was not compared; None where it was.
    """

    path: str
    absolute_path: str
    row: int | None
    width: int
    height: int
    problem: str | None


@dataclass(frozen=True)
class DuplicatePair:
    """Two pictures that belong together.

    Attributes:
        a: The first picture.
        b: The second one.
        tier: The surest tier that holds: "bytes", "pixels", "copies", "unsure" or "similar".
        cosine: The cosine of the stored vectors; None without a store.
        correlation: That of the small pictures, aligned as well as they can be, -1 to 1; None where
            nobody looked.
        transform: How b is brought onto a: "none", or some of "mirror", "turn 90" (clockwise) and
            "crop"; None for pictures that are no copies.
        reason: What the tier rests on.
    """

    a: DuplicatePicture
    b: DuplicatePicture
    tier: Tier
    cosine: float | None
    correlation: float | None
    transform: str | None
    reason: str


@dataclass(frozen=True)
class DuplicateGroup:
    """Pictures of which every two meet a tier.

    Attributes:
        tier: The tier; "copies" where some are copies and others equal, "similar" where they are
            no duplicates.
        members: The pictures, at least two.
        keep: The one that is best kept, which is advice and no more.
        reason: Why that one.
    """

    tier: Tier
    members: tuple[DuplicatePicture, ...]
    keep: DuplicatePicture
    reason: str


@dataclass(frozen=True, repr=False)
class Duplicates:
    """What was found among pictures, as `image-embedder duplicates --json` has it.

    Attributes:
        pairs: The pairs, in the order of the pictures. Of a group of more than a hundred each
            member is paired with the one to keep alone.
        groups: The groups of duplicates, then those of similar pictures.
        flat: The pictures that show nothing, which are compared by bytes and pixels only.
        failed: The pictures that could not be compared; their `problem` says why.
        warnings: What else is to be known, one sentence each.
    """

    pairs: tuple[DuplicatePair, ...]
    groups: tuple[DuplicateGroup, ...]
    flat: tuple[DuplicatePicture, ...]
    failed: tuple[DuplicatePicture, ...]
    warnings: tuple[str, ...]
    _handle: _abi.Handle | None = field(default=None, compare=False)

    def write_move_script(self, path: str | os.PathLike[str]) -> int:
        """Writes a script for POSIX shells that moves all duplicates but those that are best kept.

        It is to be read before it is run, as `sh move.sh FOLDER`. It holds every file against its
        SHA-256 before it moves the first, and deletes and replaces nothing. Similar pictures stay.
        Files whose SHA-256 nobody needed so far are read for it.

        Args:
            path: The script, which appears whole or not at all, and replaces such a script only.

        Returns:
            The number of pictures that the script moves.

        Raises:
            FileNotFoundError: A picture is gone, or the script's folder is not there.
            RuntimeError: Another file has the name, or cannot be written; or this was found in
                another process, or is a copy.
        """
        handle = self._handle
        if handle is None or handle.is_foreign:
            raise FailedError(
                "these duplicates are a copy, or were found by another process; find them anew to "
                "write a script"
            )
        moved = ctypes.c_size_t()
        _interruptibly(
            "ie_duplicates_write_move_script",
            handle,
            _arguments.path_bytes(path, "path"),
            ctypes.byref(moved),
        )
        return moved.value

    def __getstate__(self) -> dict[str, Any]:
        """Leaves out what belongs to this process."""
        return self.__dict__ | {"_handle": None}

    def __repr__(self) -> str:
        """Returns a line that says how much was found."""
        return (
            f"Duplicates({len(self.pairs)} pairs, {len(self.groups)} groups, {len(self.flat)} flat,"
            f" {len(self.failed)} failed)"
        )


def find_duplicates(
    paths: Path | Iterable[Path],
    *,
    tiers: Iterable[Tier] = ("bytes", "pixels"),
    prefer: Path | Iterable[Path] = (),
    not_duplicates: Path | Iterable[Path] = (),
    threads: int | None = None,
    progress: Progress | None = None,
) -> Duplicates:
    """Finds image files that are there more than once, without a model or vectors.

    For copies that were scaled, cropped, turned or saved again, and for similar pictures, see
    `Store.duplicates`. Nothing is removed or changed. Ctrl-C works meanwhile, and other threads
    run.

        >>> for group in find_duplicates("photos/").groups:
        ...     print(group.keep.path, [picture.path for picture in group.members])

    Args:
        paths: A folder, whose files are taken whose names end as those of images do, also in the
            folders below; or a list of files and folders.
        tiers: "bytes" (the files are the same), "pixels" (the upright pixels are), or both.
        prefer: Folders whose pictures are best kept, the most preferred first.
        not_duplicates: Files of JSON Lines that name pairs which somebody has looked at and which
            are left out: objects with "a" and "b", or with "members".
        threads: The threads at work; one for each core by default.
        progress: Called now and then with the stage, what is done of it, and how much there is.

    Returns:
        What was found, the same on every run.

    Raises:
        FileNotFoundError: The folder, or a file of `not_duplicates`, is not there. One that is
            missing among several is among `failed`.
        ValueError: An argument cannot be; or the folder is one of vectors, which `Store` opens.
    """
    files = _paths(paths, "paths")
    if _is_path(paths) and not os.path.exists(files[0]):
        raise MissingFileError(
            f"{os.fsdecode(files[0])!r} is not there; a folder of pictures is needed", paths
        )
    options = _options(tiers, prefer, not_duplicates, threads)
    native = (ctypes.c_char_p * len(files))(*files)
    return _found(progress, "ie_duplicates_find_files", native, len(files), ctypes.byref(options))


def find_in_store(
    store: _abi.Handle,
    head: int,
    *,
    tiers: Iterable[Tier] | None,
    prefer: Path | Iterable[Path],
    not_duplicates: Path | Iterable[Path],
    similar_cosine: float,
    threads: int | None,
    progress: Progress | None,
) -> Duplicates:
    """Finds duplicates as `Store.duplicates` does, in a store of the library's."""
    options = _options(tiers, prefer, not_duplicates, threads)
    options.head = head
    options.similar_cosine = _cosine(similar_cosine)
    return _found(progress, "ie_duplicates_find", store.pointer, ctypes.byref(options))


def _found(progress: Progress | None, name: str, *arguments: Any) -> Duplicates:
    """Begins a search, waits for its end and reads what it found.

    Args:
        progress: Called while it goes on.
        name: The library's function that begins it.
        *arguments: All of its parameters but the last two.
    """
    if progress is not None and not callable(progress):
        raise WrongTypeError(f"progress is {_arguments.shown(progress)}; a function is needed")
    search = _Search(_abi.make(name, *arguments))
    try:
        search.wait(progress)
        return search.report()
    except BaseException:
        # A traceback would keep the search going.
        search.close()
        raise


class _Search:
    """A search of the library's."""

    def __init__(self, handle: _abi.Handle) -> None:
        """Takes over a search that has begun."""
        self._handle = handle
        self._pictures: dict[int, DuplicatePicture] = {}

    def wait(self, progress: Progress | None) -> None:
        """Waits for the end, in turns in which Python sees signals."""
        while True:
            if self._handle.is_foreign:
                raise FailedError(
                    "the search for duplicates belongs to the process that began it; begin another "
                    "one in this process"
                )
            try:
                return _abi.check("ie_duplicates_wait", self._handle.pointer, _TURN_SECONDS)
            except FailedError as error:
                if error.code != "DEADLINE_EXCEEDED":
                    raise
            if progress is not None:
                stage, done, total = ctypes.c_char_p(), ctypes.c_size_t(), ctypes.c_size_t()
                places = (ctypes.byref(place) for place in (stage, done, total))
                _abi.library().ie_duplicates_progress(self._handle.pointer, *places)
                progress(_abi.text(stage.value), done.value, total.value)

    def close(self) -> None:
        """Ends the search; its threads have ended then."""
        del self._handle

    def report(self) -> Duplicates:
        """Reads what was found."""
        library, pointer = _abi.library(), self._handle.pointer
        warnings: list[str] = []
        while (sentence := library.ie_duplicates_warning(pointer, len(warnings))) is not None:
            warnings.append(_abi.text(sentence))
        return Duplicates(
            tuple(
                self._pair(number) for number in range(library.ie_duplicates_pair_count(pointer))
            ),
            tuple(
                self._group(number) for number in range(library.ie_duplicates_group_count(pointer))
            ),
            self._listed(library.ie_duplicates_flat),
            self._listed(library.ie_duplicates_failed),
            tuple(warnings),
            self._handle,
        )

    def _filled(self, kind: str, struct: Any, number: int) -> Any:
        record = _abi.sized(struct)
        status = getattr(_abi.library(), f"ie_duplicates_{kind}")(
            self._handle.pointer, number, ctypes.byref(record)
        )
        if status != _abi.OK:
            raise _abi.status_error(status, f"there is no {kind} {number} among the duplicates")
        return record

    def _picture(self, number: int) -> DuplicatePicture:
        picture = self._pictures.get(number)
        if picture is None:
            native = self._filled("picture", _abi.DuplicatePicture, number)
            picture = self._pictures[number] = DuplicatePicture(
                os.fsdecode(native.path),
                os.fsdecode(native.absolute_path),
                native.row if native.row >= 0 else None,
                native.width,
                native.height,
                None if native.problem is None else _abi.text(native.problem),
            )
        return picture

    def _pair(self, number: int) -> DuplicatePair:
        native = self._filled("pair", _abi.DuplicatePair, number)
        return DuplicatePair(
            self._picture(native.a),
            self._picture(native.b),
            _TIERS[native.tier],
            None if math.isnan(native.cosine) else native.cosine,
            None if math.isnan(native.correlation) else native.correlation,
            None if native.transform is None else _abi.text(native.transform),
            _abi.text(native.reason),
        )

    def _group(self, number: int) -> DuplicateGroup:
        native = self._filled("group", _abi.DuplicateGroup, number)
        return DuplicateGroup(
            _TIERS[native.tier],
            tuple(self._picture(member) for member in native.members[: native.member_count]),
            self._picture(native.keep),
            _abi.text(native.reason),
        )

    def _listed(self, function: Any) -> tuple[DuplicatePicture, ...]:
        count = ctypes.c_size_t()
        numbers = function(self._handle.pointer, ctypes.byref(count))
        return tuple(self._picture(numbers[place]) for place in range(count.value))


def _interruptibly(name: str, handle: _abi.Handle, *arguments: Any) -> None:
    """Calls a function that may take long, while Python sees signals, which end it."""
    failures: list[BaseException] = []

    def call() -> None:
        try:
            _abi.check(name, handle.pointer, *arguments)
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=call, daemon=True)
    thread.start()
    try:
        while thread.is_alive():
            thread.join(_TURN_SECONDS)
    except BaseException:
        _abi.library().ie_duplicates_cancel(handle.pointer)
        thread.join()
        raise
    if failures:
        raise failures[0]


def _options(
    tiers: Iterable[Tier] | None,
    prefer: Path | Iterable[Path],
    not_duplicates: Path | Iterable[Path],
    threads: int | None,
) -> Any:
    options = _abi.sized(_abi.DuplicateOptions)
    options.tiers = _sum(tiers)
    for name, count, value, argument in (
        ("preferred_folders", "preferred_folder_count", prefer, "prefer"),
        ("not_duplicates", "not_duplicates_count", not_duplicates, "not_duplicates"),
    ):
        paths = _paths(value, argument)
        setattr(options, name, (ctypes.c_char_p * len(paths))(*paths))
        setattr(options, count, len(paths))
    if threads is not None:
        options.thread_count = _arguments.whole_number(threads, 32, "threads")
        if options.thread_count < 1:
            raise InvalidArgumentError(f"threads is {threads}; a number from 1 is needed")
    return options


def _sum(tiers: Iterable[Tier] | None) -> int:
    """The tiers as the library has them; 0 for all."""
    if tiers is None:
        return 0
    problem = WrongTypeError(
        f"tiers is {_arguments.shown(tiers)}; a list such as ['bytes', 'pixels'] is needed"
    )
    if isinstance(tiers, (str, bytes)):
        raise problem
    try:
        names = list(tiers)
    except Exception:
        raise problem from None
    if not names:
        raise InvalidArgumentError("tiers is empty; a list such as ['bytes', 'pixels'] is needed")
    return sum({_arguments.choice(_abi.DUPLICATE_TIERS, name, "a tier") for name in names})


def _cosine(value: float) -> float:
    cosine = _arguments.number(value, "similar_cosine")
    if not 0 < cosine <= 1:
        raise InvalidArgumentError(
            f"similar_cosine is {cosine}; a number above 0 and up to 1 is needed"
        )
    return cosine


def _is_path(value: Any) -> bool:
    return isinstance(value, (str, bytes, os.PathLike))


def _paths(value: Any, name: str) -> list[bytes]:
    """The paths that are one path or several."""
    if _is_path(value):
        return [_arguments.path_bytes(value, name)]
    try:
        paths = list(value)
    except Exception:
        raise WrongTypeError(
            f"{name} is {_arguments.shown(value)}; a path, or a list of paths, is needed"
        ) from None
    return [_arguments.path_bytes(path, f"a path of {name}") for path in paths]
