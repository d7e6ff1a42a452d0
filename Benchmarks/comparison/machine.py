"""What the measurements were made on."""

from __future__ import annotations

import datetime
import os
import pathlib
import platform
import subprocess
from collections.abc import Sequence
from typing import Any

from contestants import CORES, PROGRAM, ROOT


def description() -> dict[str, Any]:
    """Describes the machine and the programs of ours.

    Returns:
        Names and their values, for readers.
    """
    return {
        "date": datetime.date.today().isoformat(),
        "processor": _field("/proc/cpuinfo", "model name", ":"),
        "cores": CORES,
        "memory": f"{int(_field('/proc/meminfo', 'MemTotal', ':').split()[0]) / 2**20:.0f} GiB",
        "system": f"{_field('/etc/os-release', 'PRETTY_NAME', '=')}, Linux {platform.release()}",
        "versions": {
            "Image Embedder": _output([str(PROGRAM), "--version"]).split()[-1],
            "commit": _output(["git", "-C", str(ROOT), "describe", "--always", "--dirty"]),
            "Swift": _output(["swift", "--version"]).partition("Swift version ")[2].split(" ")[0],
            "libjpeg-turbo": _output(["pkg-config", "--modversion", "libturbojpeg"]),
        },
        "load": round(os.getloadavg()[0], 2),
    }


def _field(path: str, name: str, separator: str) -> str:
    """Returns the value of the first line that begins with a name."""
    for line in pathlib.Path(path).read_text().splitlines():
        key, _, value = line.partition(separator)
        if key.strip() == name:
            return value.strip().strip('"')
    return "0" if path == "/proc/meminfo" else platform.machine()


def _output(command: Sequence[str]) -> str:
    """Returns what a command writes in its first line; "unknown" where it does not run."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return done.stdout.strip().split("\n")[0] or "unknown"
