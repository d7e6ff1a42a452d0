#!/usr/bin/env python3
"""Ends runs of `image-embedder embed` in every way there is, and holds what they leave against the right vectors.

usage: scripts/faults/campaign.py PROGRAM [--seconds 900] [--seed N] [--events N]

A scenario is a folder of small pictures, a kind of run and some events: a signal to the process or to its group, an
error in a system call (needs strace), a disk that is full (needs root), inputs that come and go between runs. After
them one run is left in peace, and then every picture that is there must have exactly one row, with its own vector; rows
of pictures that went may stay; files of others must be what they were. The pictures go through a model whose output is
its input, so that the right vector is known without any program. Only what the command line promises is relied on.

Prints a line for each kind of run and event; the exit status is 1, and the folder stays, when something is wrong.
"""

import argparse
import collections
import contextlib
import json
import os
import pathlib
import random
import re
import shutil
import signal
import struct
import subprocess
import sys
import tarfile
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
MODELS = ROOT / "Tests/TestSupport/Fixtures/Models"
IDENTITY = MODELS / "identity_uint8_8x6.tflite"
SEVERAL_HEADS = MODELS / "heads_abc.tflite"
WIDTH, HEIGHT = 8, 6

# What asks a program to end, or ends it; the others stop it, go on with it or mean nothing to it.
SIGNALS = [
    signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL, signal.SIGQUIT, signal.SIGABRT, signal.SIGALRM,
    signal.SIGUSR1, signal.SIGUSR2, signal.SIGPIPE, signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE, signal.SIGILL,
    signal.SIGTRAP, signal.SIGSYS, signal.SIGXCPU, signal.SIGVTALRM, signal.SIGPROF, signal.SIGIO,
]  # fmt: skip
CALLS = [
    "openat", "write", "pwrite64", "writev", "fsync", "fdatasync", "rename", "renameat", "renameat2", "unlink",
    "unlinkat", "mkdir", "mkdirat", "flock", "fcntl", "ftruncate", "truncate", "lseek", "close", "newfstatat",
    "getdents64", "readlink", "copy_file_range", "fallocate", "mmap",
]  # fmt: skip
ERRORS = ["ENOSPC", "EIO", "EACCES", "EDQUOT", "EROFS", "ENOENT", "EMFILE", "ENOMEM", "EINTR", "ENOLCK", "EBADF"]
PART = re.compile(r"metadata_(\d+)\.jsonl")
PATIENCE_SECONDS = 120


class WrongError(Exception):
    """What a run left is not what it may leave."""


def write_picture(path: pathlib.Path, seed: int) -> tuple[float, ...]:
    """Writes a picture whose pixels are its number's, and returns the vector that it has."""
    pixels = random.Random(seed).randbytes(WIDTH * HEIGHT * 3)
    path.write_bytes(b"P6\n%d %d\n255\n" % (WIDTH, HEIGHT) + pixels)
    return tuple(map(float, pixels))


def read_array(path: pathlib.Path) -> list[tuple[float, ...]]:
    """The rows of a NumPy file of float32, which is all there."""
    data = path.read_bytes()
    if data[:6] != b"\x93NUMPY":
        raise WrongError(f"{path} is no NumPy file: {data[:6]!r}")
    (length,) = struct.unpack_from("<H", data, 8)
    header = data[10 : 10 + length].decode()
    shape = re.search(r"'shape': \((\d+), (\d+)\)", header)
    if "'<f4'" not in header or not shape:
        raise WrongError(f"{path} has the header {header!r}")
    count, width = int(shape[1]), int(shape[2])
    if len(data) != 10 + length + 4 * count * width:
        raise WrongError(f"{path} has {len(data)} bytes for {count} rows of {width}")
    return list(struct.iter_unpack(f"<{width}f", data[10 + length :]))


def single(numbers: list[float]) -> tuple[float, ...]:
    """Numbers as float32 holds them; text has as many digits as tell them apart."""
    return struct.unpack(f"<{len(numbers)}f", struct.pack(f"<{len(numbers)}f", *numbers))


class Scenario:
    """Pictures, a kind of run, and what its output must be."""

    def __init__(self, program: str, kind: str, folder: pathlib.Path, chance: random.Random) -> None:
        """Makes the pictures; `chance` decides about everything."""
        self.program, self.kind, self.folder, self.chance = program, kind, folder, chance
        self.inputs = folder / "in"
        self.inputs.mkdir()
        self.output = folder / ("v.npy" if kind == "array" else "v.jsonl" if kind == "lines" else "out")
        self.is_folder = kind not in ("array", "lines")
        self.vectors: dict[str, tuple[float, ...]] = {}
        self.present: set[str] = set()
        self.foreign: dict[pathlib.Path, bytes] = {}
        self.mounted = False
        for _ in range(chance.randint(10, 60)):
            self.add_picture()

    # Inputs

    def add_picture(self) -> None:
        """Adds a picture that was never there."""
        number = len(self.vectors)
        # Not in the order of their making, so that new ones come between old ones.
        path = self.inputs / f"{self.chance.randrange(10**6):06d}-{number}.ppm"
        vector = write_picture(path, self.chance.getrandbits(64))
        name = f"{self.folder}/in.tar/in/{path.name}" if self.kind == "archive" else str(path)
        self.vectors[name] = vector
        self.present.add(name)

    def change_inputs(self) -> None:
        """Adds some pictures and takes some away."""
        for _ in range(self.chance.randint(1, 8)):
            self.add_picture()
        for name in self.chance.sample(sorted(self.present), self.chance.randint(0, 3)):
            self.present.discard(name)
            (self.inputs / pathlib.Path(name).name).unlink()

    def commands(self) -> list[list[str]]:
        """How the program is called, in full: several times for several shards."""
        model = SEVERAL_HEADS if self.kind == "heads" else IDENTITY
        source = self.inputs
        if self.kind == "archive":
            source = self.folder / "in.tar"
            with tarfile.open(source, "w") as archive:
                archive.add(self.inputs, "in")
        command = [self.program, "embed", str(source), "--model", str(model), "--output", str(self.output)]
        if self.is_folder:
            command += ["--resume", "--retry-failed", "--rows-per-file", "7"]
        if self.kind == "isolated":
            command += ["--isolate"]
        if self.kind != "shards":
            return [command]
        return [[*command, "--shard", f"{number}/3"] for number in (1, 2, 3)]

    # Events

    def start(self, command: list[str], prefix: list[str] | None = None) -> subprocess.Popen[bytes]:
        """Starts a run in a process group of its own."""
        log = (self.folder / "log").open("ab")
        log.write(f"$ {' '.join((prefix or []) + command)}\n".encode())
        log.flush()
        return subprocess.Popen(
            [*(prefix or []), *command], stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )

    def wait(self, process: subprocess.Popen[bytes]) -> int:
        """Waits for the end of a run, which has to come."""
        try:
            return process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise WrongError(f"a run did not end within {PATIENCE_SECONDS} seconds") from None

    def send_signal(self, to_group: bool) -> str:
        """Ends runs by a signal at some time, one of the first milliseconds as well."""
        number = self.chance.choice(SIGNALS)
        processes = [self.start(command) for command in self.commands()]
        time.sleep(self.chance.choice([0.0, 0.002, 0.01, 0.1]) + self.chance.random() * 0.12)
        for process in processes:
            with contextlib.suppress(ProcessLookupError):
                (os.killpg if to_group else os.kill)(process.pid, number)
        for process in processes:
            if self.wait(process) not in (0, 2, -number, 128 + number) and process.returncode >= 0:
                raise WrongError(f"exit status {process.returncode} after {number.name}")
        return f"{number.name} to the {'group' if to_group else 'process'}"

    def inject(self) -> str:
        """Lets one system call fail, or ends the program in it."""
        call, when = self.chance.choice(CALLS), self.chance.choice([1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144])
        how = "signal=KILL" if self.chance.random() < 0.3 else f"error={self.chance.choice(ERRORS)}"
        # A call that the machine's libraries no longer make is never met.
        prefix = [
            "strace",
            "-f",
            "-qq",
            "-o",
            "/dev/null",
            "-e",
            f"trace={call}",
            "-e",
            f"inject={call}:{how}:when={when}",
        ]
        for process in [self.start(command, prefix) for command in self.commands()]:
            self.wait(process)
        return ("killed in" if how.startswith("signal") else "error") + f" = {call} {how}"

    def fill_disk(self) -> str:
        """Lets a disk be full for a run, and then larger."""
        target = self.output
        target.mkdir(exist_ok=True)
        if any(target.iterdir()):
            return "nothing"
        size = self.chance.choice([4, 16, 24, 32, 48])
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size}k", "image-embedder-faults", str(target)], check=True
        )
        self.mounted = True
        for process in [self.start(command) for command in self.commands()]:
            if self.wait(process) not in (0, 1):
                raise WrongError(f"exit status {process.returncode} on a full disk")
        subprocess.run(["mount", "-o", "remount,size=64m", str(target)], check=True)
        return "full disk"

    def plant(self) -> None:
        """Puts files of others into the output, once it is the program's."""
        if not self.is_folder or not (self.output / "metadata").is_dir() or self.foreign:
            return
        if not any(self.output.glob("run*.json")):
            return
        for name in ("notes.txt", "metadata/notes_1.txt", "img_emb/copy_of_img_emb_99.npy", "img_emb/photo.jpg"):
            path = self.output / name
            content = self.chance.randbytes(50)
            path.write_bytes(content)
            self.foreign[path] = content

    # What is left

    def finish(self) -> None:
        """A run in peace, which makes everything whole."""
        for command in self.commands():
            status = self.wait(self.start(command))
            if status != 0:
                raise WrongError(f"exit status {status} of the run that was left in peace")

    def check_between(self) -> None:
        """What must hold at any time: a single file is whole or not there, and others' files are theirs."""
        for path, content in self.foreign.items():
            if not path.exists() or path.read_bytes() != content:
                raise WrongError(f"{path}, which is somebody else's, was touched")
        if self.is_folder or not self.output.exists():
            return
        rows = self.single_file_rows()
        if len(rows) != len({name for name, _ in rows}):
            raise WrongError("a picture has two rows")
        self.check_rows(rows)

    def single_file_rows(self) -> list[tuple[str, tuple[float, ...]]]:
        """The rows of a single file."""
        if self.kind == "array":
            lines = pathlib.Path(f"{self.output}.rows.jsonl").read_text().splitlines()
            names = [json.loads(line)["path"] for line in lines]
            vectors = read_array(self.output)
            if len(names) != len(vectors):
                raise WrongError(f"{len(names)} names for {len(vectors)} rows")
            return list(zip(names, vectors, strict=True))
        rows = [json.loads(line) for line in self.output.open()]
        return [(row["path"], tuple(row["embeddings"][0]["feature_vector"])) for row in rows if row["status"] == "ok"]

    def folder_rows(self) -> list[tuple[str, tuple[float, ...]]]:
        """The rows of all parts of a folder, of which every head has as many."""
        rows: list[tuple[str, tuple[float, ...]]] = []
        for metadata in sorted((self.output / "metadata").iterdir()):
            match = PART.fullmatch(metadata.name)
            if not match:
                continue
            names = [json.loads(line)["path"] for line in metadata.open()]
            heads = [path for path in self.output.iterdir() if path.name.startswith("img_emb") and path.is_dir()]
            if self.kind == "heads" and len(heads) < 2:
                raise WrongError("the arrays of a head are missing")
            for head in sorted(heads):
                vectors = read_array(head / f"img_emb_{match[1]}.npy")
                if len(vectors) != len(names):
                    raise WrongError(f"part {match[1]} has {len(names)} names and {len(vectors)} rows in {head.name}")
                if head.name == "img_emb":
                    rows += zip(names, vectors, strict=True)
        return rows

    def check_rows(self, rows: list[tuple[str, tuple[float, ...]]]) -> None:
        """Every row is the vector of its picture."""
        for name, vector in rows:
            if name not in self.vectors:
                raise WrongError(f"a row of {name}, which never was")
            if self.kind != "heads" and vector != self.vectors[name]:
                raise WrongError(f"the row of {name} is not its vector")

    def check_end(self) -> None:
        """Nothing is lost, doubled or wrong, and nothing is left over."""
        self.check_between()
        rows = self.folder_rows() if self.is_folder else self.single_file_rows()
        self.check_rows(rows)
        counts = collections.Counter(name for name, _ in rows)
        if self.kind == "heads":
            self.check_heads(rows)
        for name in self.present:
            if counts[name] != 1:
                raise WrongError(f"{counts[name]} rows of {name}")
        if doubled := [name for name, count in counts.items() if count > 1]:
            raise WrongError(f"two rows of {doubled[0]}")
        if left := [path for path in self.folder.rglob("*.partial") if path.parent != self.inputs]:
            raise WrongError(f"{left[0]} is left over")

    def check_heads(self, rows: list[tuple[str, tuple[float, ...]]]) -> None:
        """The first head of every row is what the program gives for the picture alone."""
        command = [self.program, "embed", str(self.inputs), "--model", str(SEVERAL_HEADS)]
        lines = subprocess.run(command, capture_output=True, check=True).stdout.splitlines()
        right = {row["path"]: single(row["embeddings"][0]["feature_vector"]) for row in map(json.loads, lines)}
        for name, vector in rows:
            if name in right and vector != right[name]:
                raise WrongError(f"the row of {name} is not its vector")

    def close(self) -> None:
        """Takes the disk away."""
        if self.mounted:
            subprocess.run(["umount", str(self.output)], check=True)


def run_scenario(
    program: str, kind: str, folder: pathlib.Path, chance: random.Random, counts: collections.Counter[str]
) -> None:
    """One scenario from its first picture to its last check."""
    scenario = Scenario(program, kind, folder, chance)
    try:
        for _ in range(chance.randint(1, 6)):
            event = chance.random()
            if event < 0.3:
                what = scenario.send_signal(to_group=False)
            elif event < 0.6:
                what = scenario.send_signal(to_group=True)
            elif event < 0.9 and shutil.which("strace"):
                what = scenario.inject()
            elif scenario.is_folder and os.geteuid() == 0 and not scenario.mounted:
                what = scenario.fill_disk()
            else:
                scenario.change_inputs()
                what = "other inputs"
            if what != "nothing":
                counts[f"{kind}: {re.sub('SIG[A-Z]*', 'signal', what).split('=')[0]}"] += 1
            with (folder / "log").open("a") as log:
                log.write(f"# {what}\n")
            scenario.check_between()
            scenario.plant()
        scenario.finish()
        scenario.check_end()
    finally:
        scenario.close()


def main() -> None:
    """Runs scenarios until the time is over."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--seconds", type=float, default=900)
    parser.add_argument("--events", type=int, default=10**9, help="end after so many events")
    parser.add_argument("--seed", type=int, default=None, help="the first scenario's number")
    arguments = parser.parse_args()
    program = os.path.realpath(arguments.program)
    for name, is_there in (("strace", shutil.which("strace")), ("root", os.geteuid() == 0)):
        if not is_there:
            print(f"faults: without {name} some events are left out")
    seed = arguments.seed if arguments.seed is not None else random.SystemRandom().randrange(10**9)
    counts: collections.Counter[str] = collections.Counter()
    kinds = ["plain", "shards", "isolated", "heads", "archive", "array", "lines"]
    end = time.monotonic() + arguments.seconds
    scenarios = 0
    while time.monotonic() < end and sum(counts.values()) < arguments.events:
        kind = kinds[seed % len(kinds)]
        folder = pathlib.Path(tempfile.mkdtemp(prefix="image-embedder-faults-"))
        try:
            run_scenario(program, kind, folder, random.Random(f"{seed}-{kind}"), counts)
        except WrongError as error:
            print((folder / "log").read_text(errors="replace")[-3000:])
            sys.exit(f"faults: {kind}, --seed {seed}: {error}\nfaults: the folder stays: {folder}")
        shutil.rmtree(folder)
        scenarios += 1
        seed += 1
    for name, count in sorted(counts.items()):
        print(f"{count:6}  {name}")
    print(f"faults: {sum(counts.values())} events in {scenarios} scenarios; no row was lost, doubled or wrong")


if __name__ == "__main__":
    main()
