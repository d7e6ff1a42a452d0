"""Whether memory stays flat: 20,000 paths on the standard input of one process."""

from __future__ import annotations

import pathlib
import subprocess
import tempfile
import threading
import time
from typing import NamedTuple

from contestants import CORES, OPENVINO_LIBRARY, PROGRAM
from processes import resident_bytes
from workloads import WORKLOADS

IMAGE_COUNT = 20_000
# Where memory is compared with the end: after the 1,000th image.
EARLY_SHARE = 1_000 / IMAGE_COUNT
SECONDS_BETWEEN_LOOKS = 0.1
LARGEST_GROWTH = 0.05


class Sample(NamedTuple):
    """Memory at a moment.

    Attributes:
        seconds: Since the process began.
        resident: What it had, in bytes.
    """

    seconds: float
    resident: int


def growth(samples: list[Sample]) -> tuple[int, int]:
    """Compares memory early and late in a run of even pace.

    Args:
        samples: The samples, in order of time, to the end of the run.

    Returns:
        The bytes after the 1,000th image, and the most in the run's last twentieth.
    """
    end = samples[-1].seconds
    early = next(sample.resident for sample in samples if sample.seconds >= EARLY_SHARE * end)
    late = max(sample.resident for sample in samples if sample.seconds >= (1 - EARLY_SHARE) * end)
    return early, late


def command(accelerator: str, threads: int) -> list[str]:
    """Spells the command that reads paths, but for its output.

    Args:
        accelerator: What computes.
        threads: How many images are embedded at once.

    Returns:
        The command.
    """
    library = ["--accelerator-library", str(OPENVINO_LIBRARY)] if accelerator == "openvino" else []
    return [str(PROGRAM), "embed", "-", "--threads", str(threads), "--accelerator", accelerator, *library]


def watch(accelerator: str = "cpu", threads: int = CORES, image_count: int = IMAGE_COUNT) -> bool:
    """Embeds the small pictures over and over in one process, and prints how its memory grows.

    Args:
        accelerator: What computes.
        threads: How many images are embedded at once.
        image_count: How many images.

    Returns:
        Whether memory stayed flat.
    """
    paths = WORKLOADS[0].paths
    lines = "".join(f"{paths[index % len(paths)]}\n" for index in range(image_count)).encode()
    with tempfile.TemporaryDirectory() as folder:
        output = pathlib.Path(folder, "vectors")
        start = time.perf_counter()
        process = subprocess.Popen([*command(accelerator, threads), "--output", str(output)], stdin=subprocess.PIPE)
        assert process.stdin is not None
        feeder = threading.Thread(target=_feed, args=(process, lines))
        feeder.start()
        samples = []
        while process.poll() is None:
            resident = resident_bytes(process.pid)
            if resident:
                samples.append(Sample(time.perf_counter() - start, resident))
            time.sleep(SECONDS_BETWEEN_LOOKS)
        feeder.join()
    if process.returncode != 0 or not samples:
        print(f"image-embedder ended with status {process.returncode}")
        return False
    early, late = growth(samples)
    change = late / early - 1
    seconds = samples[-1].seconds
    print(f"{image_count} images by {accelerator} on {threads} thread{'s' * (threads > 1)}, {seconds:.0f} s")
    print(f"resident memory after the 1,000th {early / 1e6:.1f} MB, at the end {late / 1e6:.1f} MB ({change:+.1%})")
    return change <= LARGEST_GROWTH


def _feed(process: subprocess.Popen[bytes], lines: bytes) -> None:
    """Writes the paths; a process that has ended reads no more."""
    assert process.stdin is not None
    try:
        process.stdin.write(lines)
        process.stdin.close()
    except BrokenPipeError:
        pass
