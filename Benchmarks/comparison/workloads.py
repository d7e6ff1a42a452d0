"""What is embedded: folders of pictures, made once and kept in the cache."""

from __future__ import annotations

import dataclasses
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache", "image-embedder")
PHOTOGRAPHS = CACHE / "photographs-0.26.0"
# The number goes up when pictures.py makes others.
PICTURES = CACHE / "benchmark-pictures-1"
# What `image-embedder --raw` is told of the frames.
FRAME_LAYOUT = "rgb:500x375"


@dataclasses.dataclass(frozen=True)
class Workload:
    """Images of one kind.

    Attributes:
        key: Its short name.
        title: Its name for readers.
        folder: The folder that holds the images and nothing else.
        short_count: The number of images that will do for warming up and for a dry run.
    """

    key: str
    title: str
    folder: pathlib.Path
    short_count: int

    @property
    def is_frames(self) -> bool:
        """Whether the images are decoded already."""
        return self.key == "frames"

    @property
    def paths(self) -> list[str]:
        """The images' paths, in order."""
        return [str(path) for path in sorted(self.folder.iterdir())]

    def shortened(self, folder: pathlib.Path) -> Workload:
        """Copies the first images.

        Args:
            folder: Where to put the new workload's folder.

        Returns:
            The workload, with fewer images.
        """
        target = folder / self.key
        target.mkdir()
        for path in self.paths[: self.short_count]:
            shutil.copy(path, target)
        return dataclasses.replace(self, folder=target)


WORKLOADS = (
    Workload("small", "JPEG files of 500 x 375", PICTURES / "small", 50),
    Workload("large", "JPEG files of 12 megapixels", PICTURES / "large", 8),
    Workload("frames", "Decoded frames of 500 x 375", PICTURES / "frames", 50),
)


def make_pictures(python: pathlib.Path) -> None:
    """Makes the pictures, unless they are there.

    Args:
        python: A Python with Pillow and NumPy.
    """
    if not PICTURES.exists():
        print(f"making pictures in {PICTURES}, about a minute", file=sys.stderr)
        subprocess.run([str(python), str(HERE / "pictures.py"), str(PHOTOGRAPHS), str(PICTURES)], check=True)
