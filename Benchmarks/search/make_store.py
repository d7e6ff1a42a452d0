"""Makes a store of many vectors that are distributed as a network's are.

Pieces of photographs, changed in size and brightness, are embedded by the program itself. Rows are mixtures
of two of these vectors with noise in every component, in clusters of many sizes. Queries are further pieces,
which no row was made of.
"""

import argparse
import hashlib
import json
import random
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageEnhance

Vectors = NDArray[np.float32]

ROWS_PER_PART = 10_000


def write_pieces(photographs: list[Path], count: int, folder: Path) -> None:
    """Writes pieces of photographs as JPEG files."""
    chance = random.Random(1)
    images = [Image.open(path).convert("RGB") for path in photographs]
    for number in range(count):
        image = images[number % len(images)]
        share = chance.uniform(0.15, 0.9)
        width, height = (max(32, int(side * share)) for side in image.size)
        left = chance.randint(0, max(0, image.width - width))
        top = chance.randint(0, max(0, image.height - height))
        piece = image.crop((left, top, left + width, top + height)).resize((256, 256))
        piece = ImageEnhance.Brightness(piece).enhance(chance.uniform(0.5, 1.5))
        if chance.random() < 0.5:
            piece = piece.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        piece.save(folder / f"{number:06}.jpg", quality=chance.randint(40, 95))


def embed(program: Path, photographs: list[Path], count: int) -> tuple[Vectors, dict[str, object]]:
    """Embeds pieces of photographs.

    Returns:
        The vectors, shape `(count, dimension)`, and the record of the store that they came in.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "pieces").mkdir()
        write_pieces(photographs, count, folder / "pieces")
        subprocess.run([program, "embed", folder / "pieces", "--output", folder / "store"], check=True)
        parts = sorted((folder / "store" / "img_emb").glob("*.npy"))
        record = json.loads((folder / "store" / "run.json").read_text())
        return np.concatenate([np.load(part) for part in parts]), record


def parts(vectors: Vectors, row_count: int) -> Iterator[Vectors]:
    """Mixes vectors to rows, a part at a time."""
    generator = np.random.default_rng(2)
    for start in range(0, row_count, ROWS_PER_PART):
        count = min(ROWS_PER_PART, row_count - start)
        first = vectors[generator.integers(len(vectors), size=count)]
        second = vectors[generator.integers(len(vectors), size=count)]
        weight = generator.beta(0.5, 0.5, size=(count, 1)).astype(np.float32)
        noise = generator.standard_normal(first.shape, dtype=np.float32)
        spread = generator.uniform(0.02, 0.5, size=(count, 1)).astype(np.float32)
        yield (weight * first + (1 - weight) * second) * np.exp(spread * noise)


def seal(path: Path) -> dict[str, object]:
    """What a record says of a file."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"bytes": path.stat().st_size, "sha256": digest}


def main() -> None:
    """Makes the store and the queries beside it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("output", type=Path)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--queries", type=int, default=1000)
    parser.add_argument("--pieces", type=int, default=4000)
    parser.add_argument("--program", type=Path, required=True)
    parser.add_argument("--photographs", type=Path, required=True)
    options = parser.parse_args()

    photographs = sorted(path for path in options.photographs.rglob("*") if path.suffix in {".png", ".jpg", ".jpeg"})
    vectors, record = embed(options.program, photographs, options.pieces + options.queries)
    chosen = np.random.default_rng(3).permutation(len(vectors))
    for name in ("img_emb", "metadata"):
        (options.output / name).mkdir(parents=True, exist_ok=True)
    np.save(options.output.with_suffix(".queries.npy"), vectors[chosen[: options.queries]])
    record["parts"] = listed = []
    first = 0
    for number, rows in enumerate(parts(vectors[chosen[options.queries :]], options.rows)):
        array = options.output / "img_emb" / f"img_emb_{number:06}.npy"
        np.save(array, rows.astype(np.float32))
        metadata = options.output / "metadata" / f"metadata_{number:06}.jsonl"
        with metadata.open("w") as file:
            for row in range(first, first + len(rows)):
                file.write(f'{{"path":"/photographs/{row}.jpg","width":1,"height":1}}\n')
        first += len(rows)
        listed.append(
            {
                "number": number,
                "rows": len(rows),
                "folder": "/",
                "arrays": [seal(array)],
                "metadata": seal(metadata),
            }
        )
    (options.output / "run.json").write_text(json.dumps(record))


if __name__ == "__main__":
    main()
