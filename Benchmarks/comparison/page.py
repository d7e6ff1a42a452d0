"""The results as a page of Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from summary import Ratio, Spread, ratios


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Writes a table; all columns but the first are aligned to the right.

    Args:
        head: The names of the columns.
        rows: The cells.

    Yields:
        Its lines.
    """
    yield f"| {' | '.join(head)} |"
    yield "|---|" + "---:|" * (len(head) - 1)
    for row in rows:
        yield f"| {' | '.join(row)} |"


def figure(value: float) -> str:
    """Writes a number with three digits, or all of those before the point."""
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def spelled(samples: Sequence[float], factor: float = 1) -> str:
    """Writes the median and the extremes of samples; nothing if there are none."""
    if not samples:
        return ""
    return "{} ({} to {})".format(*(figure(factor * value) for value in Spread.of(samples)))


def contestant_cells(row: dict[str, Any]) -> list[str]:
    """Writes what was measured of a contestant.

    Args:
        row: Its results.

    Returns:
        The cells.
    """
    return [
        row["title"],
        spelled(row["images_per_second"]),
        spelled(row["cpu_seconds_per_image"], 1e3),
        f"{row['peak_bytes'] / 1e6:.0f}" if "peak_bytes" in row else "",
        spelled(row["first_seconds"], 1e3),
        f"{row['cosine']:.4f}" if "cosine" in row else "",
    ]


def ratio_cells(ratio: Ratio, cost: Ratio) -> list[str]:
    """Writes a ratio.

    Args:
        ratio: The ratio.
        cost: The same by processor time.

    Returns:
        The cells.
    """
    needed = "" if ratio.needed is None else f"{ratio.needed:.2f}"
    verdict = "" if ratio.needed is None else "yes" if ratio.holds else "**no**"
    return [
        ratio.title,
        "{:.3f} ({:.3f} to {:.3f})".format(*ratio.spread),
        f"{cost.spread.median:.3f}",
        needed,
        verdict,
    ]


def page(results: dict[str, Any]) -> Iterator[str]:
    """Writes the page.

    Args:
        results: The content of `results.json`.

    Yields:
        Its lines.
    """
    machine = results["machine"]
    yield from ["# Speed, side by side", ""]
    if results["is_quick"]:
        yield from ["**A dry run: too few images for its figures to mean anything.**", ""]
    yield from ["![Images a second of each program](images-per-second.svg)", ""]
    yield (
        f"Measured on {machine['date']} by `{results['command']}`: {machine['cores']} cores of {machine['processor']}, "
        f"{machine['memory']}, {machine['system']}; load of the machine before: {machine['load']}. "
        + "; ".join(f"{name} {version}" for name, version in machine["versions"].items())
        + "."
    )
    yield ""
    for title, versions in results["peers"].items():
        yield f"- {title}: " + ", ".join(f"{name} {version}" for name, version in versions.items())
    for title, reason in results["unavailable"].items():
        yield f"- {title}: **not measured**, {reason}"
    yield ""
    yield from (
        "All take the same files and the same float model, `Models/efficientnet-lite0.tflite`, except where int8 is",
        f"named. They ran in turns, {results['rounds']} times each; figures are medians, with the least and the",
        "greatest in parentheses.",
        "",
        "- **Images a second** and **CPU** (processor time an image, all threads and processes) count from the first",
        "  vector to the last, without start and loading. Peers begin when all their processes are ready, and stop",
        "  after 5 seconds. Ours is a command: what a run with one image for each thread takes is subtracted.",
        "- `embed_batch` begins when its workers are ready, and embeds the files twice over.",
        "- **Memory** is the most that all processes had together (PSS: shared pages count once), in a run of its own.",
        "- **First vector** is the time from the start of the process to the vector of one image. Ours with OpenVINO finds",
        "  the model that an earlier run compiled and kept.",
        "- **Cosine** is that of this vector to ours. Pillow smooths where the reference, and we, do not.",
        "- The **roofline** is a loop in C that decodes a file from memory and runs the model, and does nothing else:",
        "  no reading, no scaling, no output. By arithmetic it is made of the two measured each alone.",
        "  Its own ratio to a peer is about the most that any program with the same engine and decoder can reach.",
        "- **Promised** is what this project set out to reach. Where not even the roofline's ratio reaches it, no program with",
        "  the same engine and decoder can.",
        "- **By processor time** the ratios are steadier where other programs run meanwhile.",
        "- Peers take decoded frames as arrays in memory; ours reads them from files.",
        "- **Pipelines**: simplejpeg decodes by libjpeg-turbo into memory that is used again, and OpenCV scales",
        "  bilinearly and does not smooth. In **draft mode** a file is decoded to a smaller size that still covers the",
        "  model's input, by the decoder's faster ways. OpenVINO and ONNX Runtime read the same weights widened to",
        "  single precision. **Streams** are OpenVINO's queue of inferences in one process, fed by as many decoding",
        "  threads. Ours with **OpenVINO** is `--accelerator openvino`, in **bfloat16** with",
        "  `--precision bfloat16`, which gives other vectors.",
    )
    for key, workload in results["workloads"].items():
        yield from workload_section(key, workload)


def workload_section(key: str, workload: dict[str, Any]) -> Iterator[str]:
    """Writes what was measured of a workload.

    Args:
        key: Its key.
        workload: Its results.

    Yields:
        The section's lines.
    """
    rows = workload["contestants"].values()
    yield from ["", f"## {workload['title']}", "", f"{workload['images']} images.", ""]
    head = ("", "images a second", "CPU, ms", "memory, MB", "first vector, ms", "cosine")
    yield from table(head, [contestant_cells(row) for row in rows if row["group"] != "bound"])
    yield ""
    bounds = [contestant_cells(row)[:3] for row in rows if row["group"] == "bound"]
    yield from table(("the libraries underneath", "times a second", "CPU, ms"), bounds)
    yield ""
    pairs = zip(ratios(key, workload["contestants"]), ratios(key, workload["contestants"], by_processor=True))
    questions = ("ours is … (in the same round)", "ratio", "by processor time", "promised", "holds")
    yield from table(questions, [ratio_cells(ratio, cost) for ratio, cost in pairs])
    if workload["failures"]:
        yield ""
        yield from (f"- {title}: **failed**, {reason}" for title, reason in workload["failures"].items())
