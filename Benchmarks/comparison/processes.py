"""Running a program, and taking what it used: time, processors, memory."""

from __future__ import annotations

import os
import pathlib
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from typing import NamedTuple

SECONDS_TO_LIVE = 600.0
SECONDS_BETWEEN_LOOKS = 0.02


class ProcessError(Exception):
    """A program that ended with an error, or not at all."""


class Finished(NamedTuple):
    """What a program and the processes that it started used.

    Attributes:
        output: Its standard output.
        seconds: From its start to its end.
        first_seconds: From its start to the first byte of its output.
        cpu_seconds: The processor time of all its processes.
        peak_bytes: The most memory that all its processes had together, in proportional shares (PSS): a page that
            several of them share counts once. 0 unless it was asked for.
    """

    output: str
    seconds: float
    first_seconds: float
    cpu_seconds: float
    peak_bytes: int


def run(command: Sequence[str], watches_memory: bool = False) -> Finished:
    """Runs a program to its end.

    Args:
        command: The program and its arguments.
        watches_memory: Whether to look at its memory, many times a second, which slows it a little.

    Returns:
        What it used.

    Raises:
        ProcessError: It ended with another status than 0, or took too long.
    """
    with tempfile.TemporaryFile() as errors:
        start = time.perf_counter()
        # A session of its own holds all processes that it starts.
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, start_new_session=True
        )
        timer = threading.Timer(SECONDS_TO_LIVE, os.killpg, (process.pid, signal.SIGKILL))
        timer.start()
        watch = MemoryWatch(process.pid)
        try:
            if watches_memory:
                watch.start()
            assert process.stdout is not None
            first = process.stdout.read(1)
            first_seconds = time.perf_counter() - start
            output = first + process.stdout.read()
            process.stdout.close()
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - start
            # The process has been waited for here, for its usage.
            process.returncode = os.waitstatus_to_exitcode(status)
        finally:
            timer.cancel()
            watch.stop()
            if process.returncode is None:
                os.killpg(process.pid, signal.SIGKILL)
        if process.returncode != 0:
            errors.seek(0)
            lines = errors.read().decode(errors="replace").strip().splitlines() or ["it wrote nothing"]
            # Ours says what is wrong and then how to get help, Python says it last.
            reason = next((line for line in lines if line.startswith("Error: ")), lines[-1])
            raise ProcessError(f"{pathlib.Path(command[0]).name} ended with status {process.returncode}: {reason}")
    return Finished(output.decode(), seconds, first_seconds, usage.ru_utime + usage.ru_stime, watch.peak_bytes)


class MemoryWatch:
    """Looks at the memory of all processes of a session, again and again.

    Attributes:
        peak_bytes: The most that was seen.
    """

    def __init__(self, session: int) -> None:
        """Prepares to watch.

        Args:
            session: The number of the session, which is that of its first process.
        """
        self.peak_bytes = 0
        self._session = session
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Begins to watch."""
        self._thread.start()

    def stop(self) -> None:
        """Ends watching, if it has begun."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._ended.wait(SECONDS_BETWEEN_LOOKS):
            total = sum(map(proportional_bytes, session_members(self._session)))
            self.peak_bytes = max(self.peak_bytes, total)


def session_members(session: int) -> list[int]:
    """Lists the processes of a session.

    Args:
        session: The number of the session.

    Returns:
        Their numbers.
    """
    members = []
    for path in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            stat = (path / "stat").read_text()
        except OSError:
            continue
        # The name, in parentheses, may hold anything; the session is the fourth field after it.
        if int(stat.rpartition(")")[2].split()[3]) == session:
            members.append(int(path.name))
    return members


def proportional_bytes(process: int) -> int:
    """Returns a process's memory, with its share of what others use too.

    Args:
        process: The number of the process.

    Returns:
        Its proportional set size in bytes; 0 when it has ended.
    """
    try:
        lines = pathlib.Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)


def resident_bytes(process: int) -> int:
    """Returns the memory that a process has in use, shared or not.

    Args:
        process: The number of the process.

    Returns:
        Its resident set size in bytes; 0 when it has ended.
    """
    try:
        fields = pathlib.Path(f"/proc/{process}/statm").read_text().split()
    except OSError:
        return 0
    return int(fields[1]) * os.sysconf("SC_PAGE_SIZE")
