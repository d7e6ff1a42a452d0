"""What is found is held against what the command line prints, line by line."""

from __future__ import annotations

import base64
import copy
import json
import os
import pickle
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from test_independent_reader import PROGRAM
from test_store import write

import image_embedder
from image_embedder import Duplicates, Store, find_duplicates

needs_program = pytest.mark.skipif(not PROGRAM.is_file(), reason="the program is not built")


def picture(seed: int, size: tuple[int, int] = (64, 48)) -> bytes:
    """A PNM file of patches of eight pixels; of one colour for 0."""
    width, height = size
    patches = [
        [(x * x * 31 + y * seed * 97 + seed * 13) % 251 for x in range(width // 8)]
        for y in range(height // 8)
    ]
    pixels = bytes(
        patches[y // 8][x // 8] if seed else 200 for y in range(height) for x in range(width)
    )
    return b"P5\n%d %d\n255\n" % size + pixels


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of files in every state, one of whose names is no text."""
    folder = tmp_path / "photos"
    (folder / "below").mkdir(parents=True)
    (folder / ".hidden").mkdir()
    for name in (b"a.pgm", b"below/b.pgm", b"x\xff.pgm", b".hidden/c.pgm", b"notes.txt"):
        Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_bytes(picture(1))
    (folder / "edited.pgm").write_bytes(picture(1).replace(b"P5\n", b"P5\n# edited\n"))
    (folder / "other.pgm").write_bytes(picture(5))
    (folder / "flat.pgm").write_bytes(picture(0))
    (folder / "torn.pgm").write_bytes(b"P5\n64")
    return folder


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory, photographs: Path) -> Path:
    """A folder with photographs, copies of them and a store of both."""
    folder = tmp_path_factory.mktemp("duplicates")
    inputs = folder / "in"
    (inputs / "best").mkdir(parents=True)
    for name in ("coffee.png", "motorcycle_left.png", "motorcycle_right.png", "rocket.jpg"):
        shutil.copy(photographs / name, inputs)
    shutil.copy(inputs / "rocket.jpg", inputs / "best/rocket.jpg")
    with Image.open(inputs / "coffee.png") as coffee:
        coffee.transpose(Image.Transpose.ROTATE_90).save(inputs / "turned.png")
        coffee.convert("RGB").save(inputs / "best/saved.jpg", quality=60)
        coffee.save(inputs / "same.tif")
    Image.new("RGB", (300, 200), "white").save(inputs / "white.png")
    Image.new("RGB", (300, 200), "white").save(os.fsencode(inputs) + b"/blank\xff.png")
    subprocess.run([PROGRAM, "embed", "in", "--output", "out"], cwd=folder, check=True)
    return folder


def printed(folder: Path, *arguments: str) -> list[dict[str, Any]]:
    """What the command line writes as JSON Lines."""
    process = subprocess.run(
        [PROGRAM, "duplicates", *arguments, "--json"], cwd=folder, check=False, capture_output=True
    )
    assert process.returncode in (0, 2), process.stderr
    return [told(json.loads(line)) for line in process.stdout.splitlines()]


def told(values: dict[str, Any]) -> dict[str, Any]:
    """A line with paths as Python has them."""
    for name in ("a", "b", "keep", "path"):
        encoded = values.pop(f"{name}_bytes", None)
        if encoded is not None:
            values[name] = os.fsdecode(base64.b64decode(encoded))
    if "members" in values:
        members = [
            member if isinstance(member, str) else told(member)["path"]
            for member in values["members"]
        ]
        values["members"] = members
    return values


def lines(found: Duplicates) -> Iterator[dict[str, Any]]:
    """The same of what was found here."""
    for pair in found.pairs:
        yield {
            "a": pair.a.path,
            "b": pair.b.path,
            "tier": pair.tier,
            "cosine": pair.cosine,
            "correlation": pair.correlation,
            "transform": pair.transform,
            "reason": pair.reason,
        }
    for number, group in enumerate(found.groups, 1):
        yield {
            "group": number,
            "tier": group.tier,
            "members": [member.path for member in group.members],
            "keep": group.keep.path,
            "reason": group.reason,
        }
    for flat in found.flat:
        yield {"path": flat.path, "tier": "flat"}
    for failed in found.failed:
        yield {"path": failed.path, "status": "failed", "error_message": failed.problem}


@needs_program
@pytest.mark.parametrize(
    ("options", "arguments"),
    [
        ({}, []),
        ({"tiers": ["bytes", "pixels"]}, ["--tiers", "bytes,pixels"]),
        ({"tiers": ("copies",)}, ["--tiers", "copies"]),
        ({"tiers": {"similar"}, "similar_cosine": 0.5}, ["--tiers=similar", "--similar-cosine=.5"]),
        ({"prefer": "in/best", "threads": 1}, ["--prefer", "in/best", "--threads", "1"]),
        ({"prefer": [b"in/best", Path("in")]}, ["--prefer", "in/best", "--prefer", "in"]),
    ],
)
def test_a_store_has_the_duplicates_of_the_command_line(
    embedded: Path, options: dict[str, Any], arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(embedded)
    expected = printed(embedded, "out", *arguments)
    found = Store("out").duplicates(**options)
    assert list(lines(found)) == expected
    assert found.pairs
    if not options:
        assert {pair.tier for pair in found.pairs} >= {"bytes", "pixels", "copies", "similar"}
        assert len(found.flat) == 2
    store = Store("out")
    for pair in found.pairs:
        for member in (pair.a, pair.b):
            assert store.rows[member.row or 0].path == member.path
            assert os.path.samefile(member.absolute_path, member.path)
            assert member.problem is None


@needs_program
def test_refused_pairs_are_left_out(embedded: Path, tmp_path: Path) -> None:
    (tmp_path / "no.jsonl").write_text(
        json.dumps({"members": ["in/rocket.jpg", "in/best/rocket.jpg"]}) + "\n"
    )
    arguments = ["--not-duplicates", str(tmp_path / "no.jsonl")]
    expected = printed(embedded, "out", *arguments)
    former = os.getcwd()
    os.chdir(embedded)
    try:
        found = Store("out").duplicates(not_duplicates=tmp_path / "no.jsonl")
        assert len(found.pairs) == len(Store("out").duplicates().pairs) - 1
    finally:
        os.chdir(former)
    assert list(lines(found)) == expected


@needs_program
@pytest.mark.parametrize("tiers", [["bytes"], ["pixels"], ["bytes", "pixels"]])
def test_files_have_the_duplicates_of_the_command_line(folder: Path, tiers: list[Any]) -> None:
    expected = printed(folder.parent, str(folder), "--tiers", ",".join(tiers))
    assert list(lines(find_duplicates(folder, tiers=tiers))) == expected


def test_files_are_found_in_folders_and_lists(folder: Path) -> None:
    found = find_duplicates(folder)
    assert repr(found) == "Duplicates(6 pairs, 1 groups, 1 flat, 1 failed)"
    names = [os.fsdecode(b"x\xff.pgm"), "a.pgm", "b.pgm", "edited.pgm"]
    assert sorted(Path(member.path).name for member in found.groups[0].members) == sorted(names)
    assert Path(found.groups[0].keep.path).name == "edited.pgm"
    assert found.groups[0].reason == "it has more bytes"
    assert all(pair.a.row is None and pair.cosine is None for pair in found.pairs)
    assert find_duplicates(os.fsencode(folder)) == found
    assert find_duplicates([folder, str(folder)]).groups == found.groups
    assert len(find_duplicates([folder / "a.pgm", folder / "below"]).pairs) == 1
    assert find_duplicates([]).pairs == ()
    best = find_duplicates(folder, prefer=folder / "below").groups[0]
    assert (Path(best.keep.path).name, best.reason) == ("b.pgm", "it is in a preferred folder")


def test_a_missing_file_is_told(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="a folder of pictures is needed") as caught:
        find_duplicates(tmp_path / "none")
    assert caught.value.filename == tmp_path / "none"
    found = find_duplicates([folder, tmp_path / "none.png"])
    assert [failed.path for failed in found.failed[-1:]] == [str(tmp_path / "none.png")]
    assert "not there" in str(found.failed[-1].problem)
    with pytest.raises(FileNotFoundError, match=r"none\.jsonl"):
        find_duplicates(folder, not_duplicates=tmp_path / "none.jsonl")


def test_files_cannot_be_compared_by_vectors(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="a store of the pictures is needed"):
        find_duplicates(folder, tiers=["bytes", "copies"])  # type: ignore[list-item]
    with pytest.raises(ValueError, match="is a folder of vectors"):
        find_duplicates(write(tmp_path / "out"))


def test_a_search_says_what_it_needs(tmp_path: Path, folder: Path) -> None:
    store = Store(write(tmp_path / "out"))
    for cosine in (0, -0.5, 1.5, float("nan")):
        with pytest.raises(ValueError, match="above 0 and up to 1"):
            store.duplicates(similar_cosine=cosine)
    with pytest.raises(ValueError, match="there is no head 1"):
        store.duplicates(head=1)
    with pytest.raises(ValueError, match="head is -1"):
        store.duplicates(head=-1)
    with pytest.raises(ValueError, match="threads is 0"):
        store.duplicates(threads=0)
    with pytest.raises(ValueError, match="tiers is empty"):
        store.duplicates(tiers=[])
    with pytest.raises(ValueError, match="'pixels' or 'copies' or 'unsure'"):
        store.duplicates(tiers=["all"])  # type: ignore[list-item]
    with pytest.raises(ValueError, match=r"line 1 of .* names no pictures"):
        store.duplicates(not_duplicates=folder / "torn.pgm")
    assert store.duplicates(threads=1 << 30, tiers=["bytes"]).pairs == ()


def test_an_empty_store_has_none(tmp_path: Path) -> None:
    found = Store(write(tmp_path / "out", ())).duplicates()
    assert found == Duplicates((), (), (), (), ())
    with pytest.raises(RuntimeError, match="find them anew"):
        Duplicates((), (), (), (), ()).write_move_script(tmp_path / "move.sh")


def test_pictures_that_are_gone_or_have_changed_are_named(tmp_path: Path) -> None:
    # The pictures of this store are nowhere.
    found = Store(write(tmp_path / "out")).duplicates()
    assert [failed.row for failed in found.failed] == [0, 1, 2, 3, 4]
    assert found.failed[2].path == "in/2.png"
    assert found.failed[2].absolute_path == "/photos/in/2.png"
    assert {failed.problem for failed in found.failed} == {
        "it is not there any longer; embed --sync removes its row"
    }


def test_a_store_that_changed_is_told(tmp_path: Path) -> None:
    store = Store(write(tmp_path / "out"))
    record = tmp_path / "out/run.json"
    settings = json.loads(record.read_text()) | {"fingerprint": "0" * 64}
    record.write_text(json.dumps(settings))
    with pytest.raises(RuntimeError, match="open it anew"):
        store.duplicates()
    record.unlink()
    with pytest.raises(FileNotFoundError, match=r"run\.json"):
        store.duplicates()


def test_a_store_that_is_damaged_is_told(tmp_path: Path) -> None:
    store = Store(write(tmp_path / "out"))
    array = tmp_path / "out/img_emb/img_emb_000000.npy"
    array.write_bytes(b"\0" * array.stat().st_size)
    with pytest.raises(RuntimeError) as caught:
        store.duplicates()
    assert getattr(caught.value, "code", None) == "DATA_LOSS"


# MARK: The script


def test_the_script_moves_all_but_what_is_kept(folder: Path, tmp_path: Path) -> None:
    found = find_duplicates(folder)
    script = tmp_path / "move.sh"
    assert found.write_move_script(script) == 3
    # One of its own is replaced, and nothing else.
    assert found.write_move_script(os.fspath(script)) == 3
    (tmp_path / "mine.sh").write_text("#!/bin/sh\n")
    for name in ("mine.sh", "photos"):
        with pytest.raises(RuntimeError, match="is not replaced"):
            found.write_move_script(tmp_path / name)
    with pytest.raises(FileNotFoundError):
        found.write_move_script(tmp_path / "nowhere/move.sh")
    with pytest.raises(TypeError, match="a path is needed"):
        found.write_move_script(3)  # type: ignore[arg-type]
    subprocess.run(["sh", script, tmp_path / "away"], check=True)
    left = [member.path for member in found.groups[0].members if os.path.exists(member.path)]
    assert left == [found.groups[0].keep.path]


def test_copies_are_equal_and_write_no_script(folder: Path, tmp_path: Path) -> None:
    found = find_duplicates(folder)
    for same in (pickle.loads(pickle.dumps(found)), copy.deepcopy(found)):
        assert same == found
        assert hash(same) == hash(found)
        with pytest.raises(RuntimeError, match="are a copy"):
            same.write_move_script(tmp_path / "move.sh")
    with pytest.raises(AttributeError):
        found.pairs = ()  # type: ignore[misc]


# MARK: Searches that go on


class Waiting:
    """Files whose search goes on until `end`: a pipe, and an empty file of the same size."""

    def __init__(self, folder: Path) -> None:
        self.paths = [folder / "pipe", folder / "empty"]
        os.mkfifo(self.paths[0])
        self.paths[1].touch()

    def begun(self) -> int:
        """Waits for the search to read; closing what it returns ends the search."""
        return os.open(self.paths[0], os.O_WRONLY)


def test_other_threads_run_meanwhile(tmp_path: Path) -> None:
    waiting = Waiting(tmp_path)
    found: list[Duplicates] = []
    thread = threading.Thread(
        target=lambda: found.append(find_duplicates(waiting.paths, threads=1))
    )
    thread.start()
    os.close(waiting.begun())
    thread.join()
    assert [Path(failed.path).name for failed in found[0].failed] == ["pipe", "empty"]
    assert "it cannot be read" in str(found[0].failed[0].problem)


def test_progress_is_told_and_may_end_the_search(tmp_path: Path) -> None:
    waiting = Waiting(tmp_path)
    told: list[tuple[str, int, int]] = []

    def end(stage: str, done: int, total: int) -> None:
        told.append((stage, done, total))
        os.close(writers.pop())
        raise LookupError("enough")

    writers: list[int] = []
    opener = threading.Thread(target=lambda: writers.append(waiting.begun()))
    opener.start()

    def progress(stage: str, done: int, total: int) -> None:
        opener.join()
        end(stage, done, total)

    with pytest.raises(LookupError, match="enough"):
        find_duplicates(waiting.paths, threads=1, progress=progress)
    assert told == [("looking at files", 0, 2)]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_child_does_not_wait_for_its_parents_search(tmp_path: Path) -> None:
    waiting = Waiting(tmp_path)
    writers: list[int] = []
    opener = threading.Thread(target=lambda: writers.append(waiting.begun()))
    opener.start()
    parent = os.getpid()
    children: list[int] = []

    def progress(*_: object) -> None:
        opener.join()
        if not children:
            children.append(os.fork())
            if children[0] != 0:
                assert os.waitpid(children[0], 0)[1] == 0
                os.close(writers.pop())

    status = 1
    try:
        find_duplicates(waiting.paths, threads=1, progress=progress)
    except RuntimeError as error:
        status = 0 if "belongs to the process that began it" in str(error) else 2
    finally:
        if os.getpid() != parent:
            os._exit(status)
    assert status == 1


@pytest.mark.parametrize("what", ["search", "script"])
def test_an_interrupt_ends_it(what: str, tmp_path: Path) -> None:
    program = """
import os, signal, sys, threading
from image_embedder import find_duplicates

# Where the tests run in the background of a shell, it was ignored and stays so.
signal.signal(signal.SIGINT, signal.default_int_handler)
pipe, empty, picture, edited = (f"{sys.argv[2]}/{name}" for name in ("p", "e", "a.pgm", "b.pgm"))

def interrupt():
    writer = os.open(pipe, os.O_WRONLY)  # as soon as it is read
    os.kill(os.getpid(), signal.SIGINT)
    os.close(writer)

if sys.argv[1] == "search":
    os.mkfifo(pipe)
    open(empty, "w").close()
    work = lambda: find_duplicates([pipe, empty], threads=1)
else:
    found = find_duplicates(sys.argv[2])
    # The script needs the digest of a file of another size than all others.
    pipe = found.groups[0].keep.path
    os.remove(pipe)
    os.mkfifo(pipe)
    work = lambda: found.write_move_script(f"{sys.argv[2]}/move.sh")
threading.Thread(target=interrupt).start()
try:
    work()
    print("ended")
except KeyboardInterrupt:
    print("interrupted")
"""
    (tmp_path / "a.pgm").write_bytes(picture(1))
    (tmp_path / "b.pgm").write_bytes(picture(1).replace(b"P5\n", b"P5\n# edited\n"))
    process = subprocess.run(
        [sys.executable, "-c", program, what, tmp_path],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env={**os.environ, "PYTHONPATH": str(Path(image_embedder.__file__).parents[1])},
    )
    assert (process.returncode, process.stdout) == (0, "interrupted\n"), process.stderr
    assert not (tmp_path / "move.sh").exists()
