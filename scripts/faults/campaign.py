#!/usr/bin/env python3
"""Ends runs of `image-embedder embed` in every way there is, and holds what they leave against the right vectors.

usage: scripts/faults/campaign.py PROGRAM [--seconds 900] [--seed N] [--events N]

A scenario is a folder of small pictures, a kind of run and some events: a signal to the process or to its group, an
error in a system call (needs strace), a disk that is full or loses its power (needs root), inputs that come, go and
change between runs. After them one run is left in peace, and then every picture that is there must have exactly one
row, with its own vector; rows of pictures that went may stay, but not after --sync; files of others must be what they
were. The pictures go through models whose outputs are their input, or its first row, so that the right vectors are
known without any program. Only what the command line promises is relied on.

A power cut is a copy of the disk's blocks, taken while a run writes: a file system of its own, in an image that is
mounted. What the program has not flushed is not in it. The copy is mounted in the image's place, which replays the
file system's journal as after a real cut, and the scenario goes on with it. A copy counts only if a second one is the
same, since a disk has one state at a time.

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
SEVERAL_HEADS = MODELS / "heads_no_metadata.tflite"
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
KINDS = ["plain", "shards", "isolated", "heads", "archive", "array", "lines", "sync"]

# Without what ext4 does for programs that forget to flush before they rename; the rest varies.
MOUNT_OPTIONS = ["", ",data=writeback", ",nodelalloc", ",data=writeback,commit=1"]

Vectors = tuple[tuple[float, ...], ...]


class WrongError(Exception):
    """What a run left is not what it may leave."""


def write_picture(path: pathlib.Path, seed: int) -> Vectors:
    """Writes a picture whose pixels are its number's, and returns its vectors: all pixels, and the first row."""
    pixels = random.Random(seed).randbytes(WIDTH * HEIGHT * 3)
    path.write_bytes(b"P6\n%d %d\n255\n" % (WIDTH, HEIGHT) + pixels)
    return tuple(map(float, pixels)), tuple(map(float, pixels[: WIDTH * 3]))


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


def can_mount() -> bool:
    """Whether file systems in images can be made and mounted here."""
    if os.geteuid() != 0 or not shutil.which("mkfs.ext4"):
        return False
    with tempfile.TemporaryDirectory() as folder:
        disk = Disk(pathlib.Path(folder))
        try:
            disk.make("")
        except subprocess.CalledProcessError:
            return False
        disk.unmount()
        return True


class Disk:
    """A file system in an image, which can lose its power."""

    def __init__(self, folder: pathlib.Path) -> None:
        """Describes a disk whose image and whose place are in a folder."""
        self.image, self.place = folder / "disk.img", folder / "disk"
        self.options = ""

    def make(self, options: str) -> None:
        """Makes and mounts it."""
        self.options = f"loop,noauto_da_alloc{options}"
        with self.image.open("wb") as file:
            file.truncate(8 << 20)
        subprocess.run(["mkfs.ext4", "-q", "-E", "lazy_itable_init=0", str(self.image)], check=True)
        self.place.mkdir()
        self.mount()

    def mount(self) -> None:
        """Puts it in its place."""
        subprocess.run(["mount", "-o", self.options, str(self.image), str(self.place)], check=True, capture_output=True)

    def unmount(self) -> None:
        """Takes it away."""
        subprocess.run(["umount", str(self.place)], check=True)

    def copy(self) -> bytes | None:
        """Its blocks as they are at one moment; `None` where they change too fast."""
        former = self.image.read_bytes()
        for _ in range(20):
            blocks = self.image.read_bytes()
            if blocks == former:
                return blocks
            former = blocks
        return None

    def cut(self, blocks: bytes) -> None:
        """Goes on with what the disk held when its power was cut."""
        self.unmount()
        self.image.write_bytes(blocks)
        checked = subprocess.run(["e2fsck", "-p", str(self.image)], capture_output=True, text=True)
        # A journal that is replayed is nothing to mend.
        if checked.returncode not in (0, 1):
            raise RuntimeError(f"the copy of the disk is no disk that lost its power: {checked.stdout}")
        self.mount()


class Scenario:
    """Pictures, a kind of run, and what its output must be."""

    def __init__(self, program: str, kind: str, folder: pathlib.Path, chance: random.Random, mounts: bool) -> None:
        """Makes the pictures; `chance` decides about everything."""
        self.program, self.kind, self.folder, self.chance = program, kind, folder, chance
        self.inputs = folder / "in"
        self.inputs.mkdir()
        self.disk: Disk | None = None
        if mounts and chance.random() < 0.3:
            self.disk = Disk(folder)
            self.disk.make(chance.choice(MOUNT_OPTIONS))
        place = self.disk.place if self.disk else folder
        self.output = place / ("v.npy" if kind == "array" else "v.jsonl" if kind == "lines" else "out")
        self.is_folder = kind not in ("array", "lines")
        # Of a picture that changed all that it ever had, the last one last.
        self.vectors: dict[str, list[Vectors]] = {}
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
        self.vectors[name] = [vector]
        self.present.add(name)

    def change_inputs(self) -> None:
        """Adds some pictures, takes some away and, where rows are to follow, changes some."""
        for _ in range(self.chance.randint(1, 8)):
            self.add_picture()
        if self.kind == "sync":
            for name in self.chance.sample(sorted(self.present), self.chance.randint(0, 3)):
                self.vectors[name].append(write_picture(pathlib.Path(name), self.chance.getrandbits(64)))
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
            going_on = "--sync" if self.kind == "sync" else "--resume"
            command += [going_on, "--retry-failed", "--rows-per-file", "7"]
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
            if self.wait(process) not in (*self.accepted(), 2, -number, 128 + number) and process.returncode >= 0:
                raise WrongError(f"exit status {process.returncode} after {number.name}")
        return f"{number.name} to the {'group' if to_group else 'process'}"

    def accepted(self) -> tuple[int, ...]:
        """How a run may end that nothing disturbs: one that would remove most rows stops."""
        return (0, 1) if self.kind == "sync" and self.removes_most() else (0,)

    def cut_power(self) -> str:
        """Lets the disk lose its power while runs write to it."""
        if not self.disk:
            return "nothing"
        if self.chance.random() < 0.5:
            # What runs leave that end by themselves is on the disk.
            for command in self.commands():
                self.wait(self.start(command))
            self.change_inputs()
        else:
            self.flush_disk()
        before = self.counting_rows()
        processes = [self.start(command) for command in self.commands()]
        time.sleep(self.chance.random() * 0.4)
        if halts := self.chance.random() < 0.5:
            # What runs then is the system only: the moment is one between two calls.
            self.signal_all(processes, signal.SIGSTOP)
        blocks = self.disk.copy()
        self.signal_all(processes, signal.SIGKILL)
        for process in processes:
            self.wait(process)
        if blocks is None:
            return "nothing"
        self.disk.cut(blocks)
        # A single file may be the next run's, and with --sync rows may go.
        if self.is_folder and self.kind != "sync" and (lost := before - self.counting_rows()):
            raise WrongError(f"{len(lost)} rows are gone with the power, of which one is {min(lost)}")
        if self.is_folder and any(self.output.glob("run*.json")):
            verified = subprocess.run([self.program, "verify", str(self.output)], capture_output=True, text=True)
            if verified.returncode != 0:
                raise WrongError(f"after a power cut: {verified.stderr}")
        return "power cut " + ("between calls" if halts else "at any time")

    def flush_disk(self) -> None:
        """Has everything reach the disk, also what others wrote."""
        if self.disk:
            subprocess.run(["sync", "-f", str(self.disk.place)], check=True)

    def signal_all(self, processes: list[subprocess.Popen[bytes]], number: signal.Signals) -> None:
        """Sends a signal to the groups of all."""
        for process in processes:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, number)

    def counting_rows(self) -> set[str]:
        """The pictures of which rows count by the records."""
        names: set[str] = set()
        for record in self.output.glob("run*.json"):
            for part in json.loads(record.read_bytes())["parts"]:
                metadata = self.output / part["metadata"]["file"]
                names |= {json.loads(line)["path"] for line in metadata.open()}
        return names

    def removes_most(self) -> bool:
        """Whether a run with --sync would remove more than half of the rows."""
        rows = self.counting_rows()
        return 2 * len(rows - self.present) > len(rows)

    def unmount_inputs(self) -> str:
        """Runs while the inputs are not there, or empty, as a disk is that is not mounted."""
        if self.kind != "sync":
            return "nothing"
        before = self.counting_rows()
        away = self.folder / "away"
        self.inputs.rename(away)
        if self.chance.random() < 0.5:
            self.inputs.mkdir()
        statuses = [self.wait(self.start(command)) for command in self.commands()]
        if self.inputs.exists():
            self.inputs.rmdir()
        away.rename(self.inputs)
        if before and statuses != [1]:
            raise WrongError(f"exit status {statuses} where the inputs were not there")
        if self.counting_rows() != before:
            raise WrongError("rows went because their disk was not there")
        return "inputs away"

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
        if self.disk:
            return "nothing"
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
        self.flush_disk()

    # What is left

    def finish(self) -> None:
        """A run in peace, which makes everything whole."""
        forces = self.kind == "sync" and self.removes_most()
        for command in self.commands():
            status = self.wait(self.start(command))
            if forces:
                if status != 1:
                    raise WrongError(f"exit status {status} where most rows would go")
                forced = ["--sync=force" if word == "--sync" else word for word in command]
                status = self.wait(self.start(forced))
            if status != 0:
                raise WrongError(f"exit status {status} of the run that was left in peace")

    def check_between(self) -> None:
        """What must hold at any time: a single file is whole or not there, and others' files are theirs."""
        for path, content in self.foreign.items():
            if not path.exists() or path.read_bytes() != content:
                raise WrongError(f"{path}, which is somebody else's, was touched")
        if self.is_folder or not self.output.exists():
            return
        # Former names go before there is a new array, and its own come last.
        if self.kind == "array" and not pathlib.Path(f"{self.output}.rows.jsonl").exists():
            return
        rows = self.single_file_rows()
        if len(rows) != len({name for name, _ in rows}):
            raise WrongError("a picture has two rows")
        self.check_rows(rows, at_end=False)

    def single_file_rows(self) -> list[tuple[str, list[tuple[float, ...]]]]:
        """The rows of a single file, each with its only vector."""
        if self.kind == "array":
            lines = pathlib.Path(f"{self.output}.rows.jsonl").read_text().splitlines()
            names = [json.loads(line)["path"] for line in lines]
            vectors = read_array(self.output)
            if len(names) != len(vectors):
                raise WrongError(f"{len(names)} names for {len(vectors)} rows")
            return [(name, [vector]) for name, vector in zip(names, vectors, strict=True)]
        rows = [json.loads(line) for line in self.output.open()]
        return [
            (row["path"], [tuple(head["feature_vector"]) for head in row["embeddings"]])
            for row in rows
            if row["status"] == "ok"
        ]

    def folder_rows(self) -> list[tuple[str, list[tuple[float, ...]]]]:
        """The rows of all parts of a folder, each with the vectors of all heads."""
        rows: list[tuple[str, list[tuple[float, ...]]]] = []
        heads = ["img_emb", "img_emb_head1"] if self.kind == "heads" else ["img_emb"]
        if found := {path.name for path in self.output.glob("img_emb*")} ^ set(heads):
            raise WrongError(f"{found.pop()} is missing, or is too much")
        for metadata in sorted((self.output / "metadata").iterdir()):
            match = PART.fullmatch(metadata.name)
            if not match:
                continue
            names = [json.loads(line)["path"] for line in metadata.open()]
            arrays = [read_array(self.output / head / f"img_emb_{match[1]}.npy") for head in heads]
            for head, array in zip(heads, arrays, strict=True):
                if len(array) != len(names):
                    raise WrongError(f"part {match[1]} has {len(names)} names and {len(array)} rows in {head}")
            rows += [(name, list(vectors)) for name, *vectors in zip(names, *arrays, strict=True)]
        return rows

    def check_rows(self, rows: list[tuple[str, list[tuple[float, ...]]]], *, at_end: bool) -> None:
        """Every row has the vectors of its picture; at the end, of what the picture is now."""
        for name, vectors in rows:
            if name not in self.vectors:
                raise WrongError(f"a row of {name}, which never was")
            right = self.vectors[name][-1:] if at_end and name in self.present else self.vectors[name]
            if tuple(vectors) not in [known[: len(vectors)] for known in right]:
                raise WrongError(f"the row of {name} is not its vector")

    def check_end(self) -> None:
        """Nothing is lost, doubled or wrong, and nothing is left over."""
        self.check_between()
        rows = self.folder_rows() if self.is_folder else self.single_file_rows()
        self.check_rows(rows, at_end=True)
        counts = collections.Counter(name for name, _ in rows)
        if self.kind == "sync" and (gone := counts.keys() - self.present):
            raise WrongError(f"a row of {min(gone)}, which is gone")
        for name in self.present:
            if counts[name] != 1:
                raise WrongError(f"{counts[name]} rows of {name}")
        if doubled := [name for name, count in counts.items() if count > 1]:
            raise WrongError(f"two rows of {doubled[0]}")
        if left := [path for path in self.folder.rglob("*.partial") if path.parent != self.inputs]:
            raise WrongError(f"{left[0]} is left over")

    def close(self) -> None:
        """Takes the disk away."""
        if self.mounted:
            subprocess.run(["umount", str(self.output)], check=True)
        if self.disk:
            self.disk.unmount()


def run_scenario(
    program: str,
    kind: str,
    folder: pathlib.Path,
    chance: random.Random,
    counts: collections.Counter[str],
    mounts: bool,
) -> None:
    """One scenario from its first picture to its last check."""
    scenario = Scenario(program, kind, folder, chance, mounts)
    try:
        for _ in range(chance.randint(1, 6)):
            event = chance.random()
            if scenario.disk and event < 0.6:
                what = scenario.cut_power()
            elif event < 0.3:
                what = scenario.send_signal(to_group=False)
            elif event < 0.6:
                what = scenario.send_signal(to_group=True)
            elif event < 0.9 and shutil.which("strace"):
                what = scenario.inject()
            elif event < 0.93:
                what = scenario.unmount_inputs()
            elif event < 0.96 and scenario.is_folder and os.geteuid() == 0 and not scenario.mounted:
                what = scenario.fill_disk()
            else:
                scenario.change_inputs()
                what = "other inputs"
            if what != "nothing":
                counts[f"{kind}: {re.sub('SIG[A-Z0-9]*', 'signal', what).split('=')[0]}"] += 1
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
    parser.add_argument("--kind", choices=KINDS, action="append", help="only this kind of run; may be given again")
    arguments = parser.parse_args()
    program = os.path.realpath(arguments.program)
    mounts = can_mount()
    kinds = arguments.kind or KINDS
    needs = (("strace", shutil.which("strace")), ("root", os.geteuid() == 0), ("loop devices and mkfs.ext4", mounts))
    for name, is_there in needs:
        if not is_there:
            print(f"faults: without {name} some events are left out")
    seed = arguments.seed if arguments.seed is not None else random.SystemRandom().randrange(10**9)
    counts: collections.Counter[str] = collections.Counter()
    end = time.monotonic() + arguments.seconds
    scenarios = 0
    while time.monotonic() < end and sum(counts.values()) < arguments.events:
        kind = kinds[seed % len(kinds)]
        folder = pathlib.Path(tempfile.mkdtemp(prefix="image-embedder-faults-"))
        try:
            run_scenario(program, kind, folder, random.Random(f"{seed}-{kind}"), counts, mounts)
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
