"""Collects the photographs that the tables of docs/duplicates.md were made of.

    python3 Benchmarks/copies/collect.py .build/copies/photographs

Downloads Debian packages by `apt-get` and wheels by `pip`, and copies from them what `photographs.txt` names
by its SHA-256: photographs that show nothing twice. Some lie inside of Qt's resource files, as WebP images.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

PACKAGES = [
    "gcompris-qt-data",
    "lomiri-wallpapers-16.04",
    "lomiri-wallpapers-20.04",
    "mate-backgrounds",
    "opencv-doc",
    "plasma-workspace-wallpapers",
    "ukui-wallpapers",
]
WHEELS = ["scikit-image==0.26.0", "scikit-learn==1.8.0"]


def images(path: Path) -> Iterator[bytes]:
    """The file itself, or the WebP images inside of a Qt resource file."""
    content = path.read_bytes()
    if path.suffix != ".rcc":
        yield content
        return
    start = content.find(b"RIFF")
    while start >= 0:
        if content[start + 8 : start + 12] == b"WEBP":
            yield content[start : start + 8 + int.from_bytes(content[start + 4 : start + 8], "little")]
        start = content.find(b"RIFF", start + 4)


def unpack(folder: Path) -> None:
    """Downloads the packages and wheels into a folder and unpacks them there."""
    for package in PACKAGES:
        subprocess.run(["apt-get", "download", "--quiet", "--quiet", package], cwd=folder, check=True)
    for archive in folder.glob("*.deb"):
        subprocess.run(["dpkg-deb", "--extract", archive, folder], check=True)
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    platform = ["--python-version", "3.11", "--platform", "manylinux_2_28_x86_64", "--platform", "manylinux_2_27_x86_64"]
    subprocess.run([*pip, *platform, "--dest", str(folder), *WHEELS], check=True)
    for archive in folder.glob("*.whl"):
        with zipfile.ZipFile(archive) as wheel:
            wheel.extractall(folder)


def main() -> None:
    """Collects them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="the folder to put them into")
    folder = parser.parse_args().folder
    lines = Path(__file__).with_name("photographs.txt").read_text().splitlines()
    wanted = {digest: name for digest, name in (line.split(maxsplit=1) for line in lines)}
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        unpack(Path(temporary))
        for path in sorted(path for path in Path(temporary).rglob("*") if path.is_file() and not path.is_symlink()):
            for content in images(path):
                name = wanted.pop(hashlib.sha256(content).hexdigest(), None)
                if name is not None:
                    (folder / name).write_bytes(content)
    print(f"{len(lines) - len(wanted)} photographs are in {folder}")
    if wanted:
        sys.exit(f"the packages do not have these any longer: {', '.join(sorted(wanted.values()))}")


if __name__ == "__main__":
    main()
