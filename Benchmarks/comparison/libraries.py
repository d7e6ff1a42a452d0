"""The peers: how each turns a file or a decoded frame into a vector, the way its own documentation shows.

Runs in a peer's own Python, so each library is imported only where it is asked for.
"""

from __future__ import annotations

import pathlib
from typing import Any, Callable, NamedTuple

import numpy as np

# What the model's metadata says, and the libraries that read metadata find there.
MEAN, STD = 127.0, 128.0


class Library(NamedTuple):
    """A peer with its model loaded.

    Attributes:
        embed_file: Turns the path of an image into a float vector.
        embed_frame: Turns uint8 pixels [height, width, 3] into a float vector.
    """

    embed_file: Callable[[str], np.ndarray]
    embed_frame: Callable[[np.ndarray], np.ndarray]


def tflite_support(model: str, threads: int) -> Library:
    """Loads a model with tflite-support.

    Args:
        model: The model's path.
        threads: The threads of one inference.

    Returns:
        The library, ready.
    """
    from tflite_support.task import core, vision

    options = vision.ImageEmbedderOptions(base_options=core.BaseOptions(file_name=model, num_threads=threads))
    embedder = vision.ImageEmbedder.create_from_options(options)

    def embed(image: Any) -> np.ndarray:
        return embedder.embed(image).embeddings[0].feature_vector.value

    return Library(
        lambda path: embed(vision.TensorImage.create_from_file(path)),
        lambda frame: embed(vision.TensorImage.create_from_array(frame)),
    )


def mediapipe(model: str, threads: int) -> Library:
    """Loads a model with MediaPipe, which chooses the number of threads itself.

    Args:
        model: The model's path.
        threads: Ignored.

    Returns:
        The library, ready.
    """
    import mediapipe as mp
    from mediapipe.tasks.python import BaseOptions, vision

    options = vision.ImageEmbedderOptions(base_options=BaseOptions(model_asset_path=model))
    embedder = vision.ImageEmbedder.create_from_options(options)

    def embed(image: Any) -> np.ndarray:
        return embedder.embed(image).embeddings[0].embedding

    return Library(
        lambda path: embed(mp.Image.create_from_file(path)),
        lambda frame: embed(mp.Image(image_format=mp.ImageFormat.SRGB, data=frame)),
    )


def pillow_litert(model: str, threads: int, draft: bool = False) -> Library:
    """Puts Pillow before the runtime's own interpreter.

    Args:
        model: The model's path.
        threads: The threads of one inference.
        draft: Whether JPEG files may be decoded to a smaller size.

    Returns:
        The library, ready.
    """
    from ai_edge_litert.interpreter import Interpreter
    from PIL import Image

    # From memory, as we load it: the library's warning about paths does not apply then.
    interpreter = Interpreter(model_content=pathlib.Path(model).read_bytes(), num_threads=threads)
    interpreter.allocate_tensors()
    source, target = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
    height, width = (int(side) for side in source["shape"][1:3])

    def embed(image: Image.Image) -> np.ndarray:
        small = image.convert("RGB").resize((width, height), Image.Resampling.BILINEAR, reducing_gap=2.0)
        pixels = (np.asarray(small, np.float32) - np.float32(MEAN)) / np.float32(STD)
        interpreter.set_tensor(source["index"], pixels[np.newaxis])
        interpreter.invoke()
        return interpreter.get_tensor(target["index"]).reshape(-1)

    def embed_file(path: str) -> np.ndarray:
        with Image.open(path) as image:
            if draft:
                image.draft("RGB", (width, height))
            return embed(image)

    return Library(embed_file, lambda frame: embed(Image.fromarray(frame)))


LIBRARIES: dict[str, Callable[..., Library]] = {
    "tflite-support": tflite_support,
    "mediapipe": mediapipe,
    "pillow-litert": pillow_litert,
}
