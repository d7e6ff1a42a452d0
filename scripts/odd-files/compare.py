#!/usr/bin/env python3
"""Embeds every odd file with Image Embedder and with its peers, and writes the table that compares them.

    compare.py [--ours PROGRAM] [--tflite-support PYTHON] [--mediapipe PYTHON] [--output FILE] [--check]

Without a peer's Python its last results are taken from `peers.json` beside this script. With --check nothing is
written, and the exit status is 1 where ours does not do what the manifest says.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import dataclasses
import datetime
import fnmatch
import functools
import hashlib
import itertools
import json
import math
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PHOTOGRAPHS = ("photograph.png", "photograph-half.png", "photograph-quarter.png")
PEERS = {"tflite-support": "tflite-support", "mediapipe": "MediaPipe"}
SECONDS = 60.0
# What a result has to exceed for its time and memory to be worth a word.
SLOW_SECONDS, LARGE_MEGABYTES = 5.0, 1000
LONGEST_MESSAGE = 110
# MediaPipe says where it failed before it says why.
_MEDIAPIPE_PLACE = re.compile(r".*RET_CHECK failure \([^)]*\) ", re.DOTALL)

EMBEDDED, WARNED, REFUSED = "embedded", "embedded with a warning", "refused"


@dataclasses.dataclass(frozen=True)
class Run:
    """How a process ended.

    Attributes:
        status: Its exit status, negative for a signal; None when it was still running and had to be ended.
        output: Its standard output.
        errors: Its standard error.
        seconds: The processor time that it took.
        megabytes: The most memory that it had.
    """

    status: int | None
    output: str
    errors: str
    seconds: float
    megabytes: int


def run(command: Sequence[str], folder: pathlib.Path) -> Run:
    """Runs a process and measures it.

    Args:
        command: The program and its arguments.
        folder: Where it runs, so that no message holds a path.

    Returns:
        How it ended.
    """
    environment = {**os.environ, "SWIFT_BACKTRACE": "enable=no", "TF_CPP_MIN_LOG_LEVEL": "2"}
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        start = time.monotonic()
        process = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=errors, env=environment
        )
        ended = False
        while True:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            if not ended and time.monotonic() - start > SECONDS:
                process.kill()
                ended = True
            time.sleep(0.005)
        seconds = usage.ru_utime + usage.ru_stime
        process.returncode = os.waitstatus_to_exitcode(status)
        texts = []
        for file in (output, errors):
            file.seek(0)
            texts.append(file.read().decode(errors="replace"))
    code = None if ended else process.returncode
    return Run(code, texts[0], texts[1], round(seconds, 1), usage.ru_maxrss // 1024)


# --- Ours -------------------------------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Ours:
    """Image Embedder's program and the model for it.

    Attributes:
        program: The program's path.
        model: The model file.
        folder: Where the odd files are.
    """

    program: pathlib.Path
    model: pathlib.Path
    folder: pathlib.Path

    def embed(self, names: Sequence[str], options: Sequence[str] = ()) -> tuple[Run, list[dict[str, Any]]]:
        """Embeds files in one run.

        Args:
            names: The files.
            options: Further options.

        Returns:
            How the run ended, and the rows that it wrote.
        """
        command = [str(self.program), "embed", *names, "--model", str(self.model), "--format", "jsonl", *options]
        done = run(command, self.folder)
        try:
            return done, [json.loads(line) for line in done.output.splitlines()]
        except ValueError:
            return done, []

    @functools.cached_property
    def photographs(self) -> list[list[float]]:
        """The vectors of the sound photographs."""
        done, rows = self.embed(PHOTOGRAPHS)
        if done.status != 0:
            sys.exit(f"ours does not embed the photograph itself: {done.errors}")
        return [vector(row) for row in rows]

    @functools.cached_property
    def version(self) -> str:
        """The program's version."""
        return run([str(self.program), "--version"], self.folder).output.strip()

    def probe(self, name: str, options: Sequence[str] = ()) -> dict[str, Any]:
        """Embeds a file, and the sound photographs after it.

        Args:
            name: The file.
            options: Further options.

        Returns:
            What came of it, in the form of the peers' results.
        """
        done, rows = self.embed([name, *PHOTOGRAPHS], options)
        result: dict[str, Any] = {"seconds": done.seconds, "megabytes": done.megabytes}
        if done.status is None or done.status < 0:
            return result | ended(done)
        if done.status not in (0, 2) or len(rows) != 1 + len(PHOTOGRAPHS):
            return result | {"outcome": "stopped", "message": last_line(done.errors)}
        first, *others = rows
        if first["status"] != "ok":
            result |= {"outcome": REFUSED, "message": first["error_message"]}
        else:
            warnings = first.get("warnings", [])
            result |= {"outcome": WARNED if warnings else EMBEDDED, "message": "; ".join(warnings)}
            result |= {"cosine": nearest(vector(first), self.photographs)}
            result |= {"width": first["width"], "height": first["height"]}
        if any(row["status"] != "ok" for row in others):
            result["afterwards"] = "failures"
        elif [vector(row) for row in others] != self.photographs:
            result["afterwards"] = "other vectors"
        return result


def vector(row: dict[str, Any]) -> list[float]:
    """Takes the vector out of a row.

    Args:
        row: One line of the program's output.

    Returns:
        The first head's vector.
    """
    return row["embeddings"][0]["feature_vector"]


def nearest(one: Sequence[float], others: Sequence[Sequence[float]]) -> float | None:
    """Compares a vector with those of the photographs.

    Args:
        one: The vector.
        others: Theirs.

    Returns:
        The largest cosine; None where there is none.
    """
    cosines = []
    for other in others:
        length = math.hypot(*one) * math.hypot(*other)
        if length > 0:
            cosines.append(math.sumprod(one, other) / length if hasattr(math, "sumprod") else dot(one, other) / length)
    return max(cosines, default=None)


def dot(u: Sequence[float], v: Sequence[float]) -> float:
    """Multiplies two vectors.

    Args:
        u: One.
        v: The other.

    Returns:
        The sum of the products.
    """
    return math.fsum(a * b for a, b in zip(u, v, strict=True))


def ended(done: Run) -> dict[str, Any]:
    """Describes a process that did not end by itself.

    Args:
        done: How it ended.

    Returns:
        The outcome.
    """
    if done.status is None:
        return {"outcome": f"still running after {SECONDS:.0f} s"}
    assert done.status < 0
    return {"outcome": f"killed by signal {-done.status} ({signal.Signals(-done.status).name})"}


def last_line(text: str) -> str:
    """Takes the line of a program's messages that says why it failed.

    Args:
        text: The messages.

    Returns:
        The first line that begins with "Error", else the last.
    """
    lines = [line for line in text.splitlines() if line.strip()] or ["no message"]
    return next((line for line in lines if line.startswith("Error")), lines[-1])


def contradiction(expected: dict[str, Any], result: dict[str, Any]) -> str:
    """Holds a result against what the manifest expects.

    Args:
        expected: The manifest's entry, or an element of its `also`.
        result: The result.

    Returns:
        What is different; empty for nothing.
    """
    if result["outcome"] != expected["expect"]:
        return f"expected: {expected['expect']}"
    pixels = expected.get("reference_pixels")
    if pixels and "width" in result:
        found, wanted = (f"{size['width']} x {size['height']}" for size in (result, pixels))
        if found != wanted:
            return f"expected {wanted} pixels, not {found}"
    return "the embedder is broken afterwards" if "afterwards" in result else ""


# --- The peers --------------------------------------------------------------------------------------------------------


def probe_peer(library: str, python: str, model: pathlib.Path, folder: pathlib.Path, name: str) -> dict[str, Any]:
    """Embeds a file with a peer.

    Args:
        library: The peer.
        python: Its Python.
        model: The model file.
        folder: Where the odd files are.
        name: The file.

    Returns:
        What came of it.
    """
    done = run([python, str(HERE / "probe.py"), library, str(model), name, *PHOTOGRAPHS], folder)
    result: dict[str, Any] = {"seconds": done.seconds, "megabytes": done.megabytes}
    if done.status is None or done.status < 0:
        return result | ended(done)
    if done.status != 0:
        sys.exit(f"{library}: {done.errors}")
    result |= json.loads(done.output.splitlines()[-1])
    for field in ("message", "afterwards"):
        if field in result:
            result[field] = shortened(result[field])
    return result


def peer_versions(library: str, python: str) -> dict[str, str]:
    """Asks which versions a peer's Python has.

    Args:
        library: The peer.
        python: Its Python.

    Returns:
        Versions by name.
    """
    script = (
        "import importlib.metadata as m, json, platform, sys\n"
        "print(json.dumps({n: m.version(n) for n in (sys.argv[1], 'numpy')} | {'Python': platform.python_version()}))"
    )
    done = subprocess.run([python, "-c", script, library], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def measure_peer(
    library: str,
    python: str,
    paths: argparse.Namespace,
    entries: list[dict[str, Any]],
    known: dict[str, Any] | None,
) -> dict[str, Any]:
    """Embeds the files with a peer.

    Args:
        library: The peer.
        python: Its Python.
        paths: The arguments of the command line.
        entries: The manifest's entries.
        known: What was measured before.

    Returns:
        The peer's part of `peers.json`.
    """
    names = [entry["name"] for entry in entries if fnmatch.fnmatch(entry["name"], paths.only)]
    results = {}
    with concurrent.futures.ThreadPoolExecutor(paths.jobs) as pool:
        probes = pool.map(functools.partial(probe_peer, library, python, paths.model, paths.files), names)
        for name, result in zip(names, probes, strict=True):
            results[name] = {"sha256": checksum(paths.files / name)} | result
            print(f"{library}: {name}: {result['outcome']}", file=sys.stderr)
    part = {"measured": datetime.date.today().isoformat(), "versions": peer_versions(library, python)}
    if known and known["versions"] != part["versions"] and len(names) < len(entries):
        sys.exit(f"{library}: the other files were measured with {known['versions']}")
    merged = {**(known or {}).get("results", {}), **results}
    return part | {"results": {entry["name"]: merged[entry["name"]] for entry in entries if entry["name"] in merged}}


def write_peers(path: pathlib.Path, peers: dict[str, Any]) -> None:
    """Writes the peers' results, one in a line.

    Args:
        path: The file.
        peers: What goes into it.
    """
    parts = []
    for library, part in peers.items():
        lines = [f"   {json.dumps(n)}: {json.dumps(r, ensure_ascii=False)}" for n, r in part["results"].items()]
        head = {key: value for key, value in part.items() if key != "results"}
        start = json.dumps(head, ensure_ascii=False)[:-1]
        parts.append(f' {json.dumps(library)}: {start}, "results": {{\n' + ",\n".join(lines) + "\n }}")
    path.write_text("{\n" + ",\n".join(parts) + "\n}\n")


def checksum(path: pathlib.Path) -> str:
    """Tells one state of a file from another.

    Args:
        path: The file.

    Returns:
        The first 8 bytes of its SHA-256.
    """
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


# --- The table --------------------------------------------------------------------------------------------------------


def shortened(message: str) -> str:
    """Cuts a message down to what fits into a table.

    Args:
        message: The message.

    Returns:
        Why it failed, in one line.
    """
    line = " ".join(_MEDIAPIPE_PLACE.sub("", message).strip().split("\n")[0].split())
    return line if len(line) <= LONGEST_MESSAGE else line[: LONGEST_MESSAGE - 1].rstrip() + "…"


def cell(result: dict[str, Any] | None) -> str:
    """Writes a result for the table.

    Args:
        result: The result; None if there is none.

    Returns:
        The cell's text.
    """
    if result is None:
        return "not measured"
    text, message = result["outcome"], escaped(shortened(result.get("message") or ""))
    if "cosine" in result:
        value = "no cosine" if result["cosine"] is None else f"cosine {result['cosine']:.4f}"
        text = f"{EMBEDDED} ({value})" + (f", warning: {message}" if message else "")
    elif message:
        text += f": {message}"
    if result.get("seconds", 0) > SLOW_SECONDS and "running" not in text:
        text += f", after {result['seconds']:.0f} s"
    if result.get("megabytes", 0) > LARGE_MEGABYTES:
        text += f", {result['megabytes'] / 1000:.1f} GB of memory"
    if "afterwards" in result:
        text += "; **its embedder is broken from then on**"
        if result["afterwards"] != result.get("message"):
            text += f": {escaped(shortened(result['afterwards']))}"
    return f"**{text}**" if text.startswith(("killed", "still running")) else text


def escaped(text: str) -> str:
    """Keeps Markdown from reading more into a text than is there.

    Args:
        text: The text.

    Returns:
        The text for a table's cell.
    """
    for character in "\\|<>*_`[]":
        text = text.replace(character, "\\" + character)
    return text


def summary(entries: Sequence[dict[str, Any]], results: Sequence[dict[str, Any] | None]) -> list[str]:
    """Counts what became of the files.

    Args:
        entries: The manifest's entries.
        results: A library's result for each.

    Returns:
        The cells of a row.
    """
    counts: Counter[str] = Counter()
    for entry, result in zip(entries, results, strict=True):
        if result is not None:
            word = result["outcome"].split(" ")[0]
            counts[f"{word}, {'bad' if entry['expect'] == REFUSED else 'good'}"] += 1
            counts[word] += 1
            counts["broken"] += "afterwards" in result
    cells = ("embedded, good", "refused, bad", "refused, good", "embedded, bad", "killed", "still", "broken")
    return [str(counts[name]) for name in cells]


def table(
    paths: argparse.Namespace,
    version: str,
    manifest: dict[str, Any],
    ours: dict[tuple[str, ...], dict[str, Any]],
    peers: dict[str, Any],
) -> Iterator[str]:
    """Writes the page.

    Args:
        paths: The arguments of the command line.
        version: Our version.
        manifest: The manifest.
        ours: Our results by file and options.
        peers: The content of `peers.json`.

    Yields:
        Its lines.
    """
    entries = manifest["files"]

    def peer_result(library: str, name: str) -> dict[str, Any] | None:
        result = peers.get(library, {}).get("results", {}).get(name)
        return result if result and result["sha256"] == checksum(paths.files / name) else None

    yield from ["# Odd files", ""]
    yield (
        f"One small photograph in {len(entries)} files, with every format and every defect that users' folders hold: "
        "what becomes of each here, and in the two libraries that do the same work."
    )
    yield ""
    known = [f"Image Embedder {version} on {datetime.date.today().isoformat()}"]
    for library, title in PEERS.items():
        if library in peers:
            part = peers[library]
            versions = part["versions"]
            known.append(f"{title} {versions[library]} (Python {versions['Python']}) on {part['measured']}")
    yield (
        "Measured by `scripts/odd-files/compare.py`, which "
        "[its README](../scripts/odd-files/README.md) explains: "
        + "; ".join(known)
        + ". Each file had a process of its "
        f"own, {SECONDS:.0f} seconds, the default options except where the first column names others, and the model "
        f"`Models/{paths.model.name}`. The cosine is to the same library's vector of the undamaged photograph, of "
        "which there are three sizes: the nearest counts. Before and after each file the photograph itself was "
        "embedded; an embedder that then gives an error or another vector is broken. Processor time and "
        f"memory of the whole process are given above {SLOW_SECONDS:.0f} seconds and {LARGE_MEGABYTES / 1000:.0f} GB."
    )
    bad = sum(entry["expect"] == REFUSED for entry in entries)
    head = f"| | of {len(entries) - bad} usable files embedded | of {bad} others refused | usable, refused "
    yield from [
        "",
        head + "| others, embedded | killed | endless | embedder broken |",
        "|---|---|---|---|---|---|---|---|",
    ]
    plain = [ours[(entry["name"],)] for entry in entries]
    yield f"| Image Embedder | {' | '.join(summary(entries, plain))} |"
    for library, title in PEERS.items():
        results = [peer_result(library, entry["name"]) for entry in entries]
        yield f"| {title} | {' | '.join(summary(entries, results))} |"

    by_format = sorted(entries, key=lambda entry: rank(entry["format"]))
    for group, members in itertools.groupby(by_format, key=lambda entry: entry["format"]):
        yield from ["", f"## {group[0].upper()}{group[1:]}", ""]
        yield from ["| file | what is odd | ours | tflite-support | MediaPipe |", "|---|---|---|---|---|"]
        for entry in members:
            name = entry["name"]
            for part in [entry, *entry.get("also", [])]:
                options = part.get("options", [])
                key = (name, *options)
                wrong = contradiction(part, ours[key])
                row = [f"`{' '.join(key)}`", "the same" if options else escaped(entry["odd"])]
                row.append(cell(ours[key]) + (f" **({wrong})**" if wrong else ""))
                row += ["" if options else cell(peer_result(library, name)) for library in PEERS]
                yield f"| {' | '.join(row)} |"


def rank(kind: str) -> int:
    """Puts the formats in order.

    Args:
        kind: The format.

    Returns:
        Its place.
    """
    order = (
        "JPEG",
        "PNG",
        "WebP",
        "GIF",
        "BMP",
        "TIFF",
        "HEIC",
        "AVIF",
        "PSD",
        "TGA",
        "PNM",
        "HDR",
        "PIC",
        "other images",
    )
    return order.index(kind) if kind in order else len(order)


# --- The command ------------------------------------------------------------------------------------------------------


def arguments() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--ours", type=pathlib.Path, default=ROOT / ".build/release/image-embedder", help="the program")
    add("--tflite-support", metavar="PYTHON", help="a Python that has tflite-support 0.4.4")
    add("--mediapipe", metavar="PYTHON", help="a Python that has mediapipe 1.2.2")
    add("--model", type=pathlib.Path, default=ROOT / "Models/efficientnet-lite0.tflite")
    add("--files", type=pathlib.Path, default=ROOT / "Tests/TestSupport/Fixtures/OddFiles", help="the odd files")
    add("--output", type=pathlib.Path, default=ROOT / "docs/odd-files.md", help="the table")
    add("--only", metavar="PATTERN", default="*", help="the files that the peers are measured on anew, such as 'png-*'")
    add("--jobs", type=int, default=2, help="processes at a time")
    add("--check", action="store_true", help="write nothing; exit 1 where ours is not as expected")
    result = parser.parse_args()
    for name in ("ours", "model", "files"):
        setattr(result, name, getattr(result, name).resolve())
    return result


def main() -> None:
    """Compares."""
    paths = arguments()
    manifest = json.loads((paths.files / "manifest.json").read_text())
    entries = manifest["files"]

    peers_file = HERE / "peers.json"
    peers = json.loads(peers_file.read_text()) if peers_file.exists() else {}
    if not paths.check:
        for library in PEERS:
            python = getattr(paths, library.replace("-", "_"))
            if python:
                peers[library] = measure_peer(library, python, paths, entries, peers.get(library))
                write_peers(peers_file, peers)

    program = Ours(paths.ours, paths.model, paths.files)
    parts = [(entry["name"], part) for entry in entries for part in [entry, *entry.get("also", [])]]
    _ = program.photographs
    with concurrent.futures.ThreadPoolExecutor(paths.jobs) as pool:
        results = pool.map(lambda item: program.probe(item[0], item[1].get("options", [])), parts)
        ours = {(name, *part.get("options", [])): result for (name, part), result in zip(parts, results, strict=True)}

    wrong = 0
    for name, part in parts:
        key = (name, *part.get("options", []))
        difference = contradiction(part, ours[key])
        if difference:
            wrong += 1
            print(f"{' '.join(key)}: {ours[key]['outcome']}: {ours[key].get('message', '')} ({difference})")
    print(f"{len(parts) - wrong} of {len(parts)} results are as expected")
    if paths.check:
        sys.exit(1 if wrong else 0)
    paths.output.write_text("\n".join(table(paths, program.version, manifest, ours, peers)) + "\n")


if __name__ == "__main__":
    main()
