"""The peers: how each turns a file or a decoded frame into a vector, the way its own documentation shows.

Runs in a peer's own Python, so each library is imported only where it is asked for.
"""

from __future__ import annotations

import collections
import concurrent.futures
import pathlib
import threading
from collections.abc import Iterable
from typing import Any, Callable, NamedTuple

import numpy as np

# What the model's metadata says, and the libraries that read metadata find there.
MEAN, STD = 127.0, 128.0
# What the model takes.
SIDE = 224


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


class Pixels:
    """Files and frames as pixels of the model's size, the fastest way that packages for Python have.

    libjpeg-turbo decodes into memory that is used again, and OpenCV scales bilinearly. One thread at a time.
    """

    def __init__(self, draft: bool) -> None:
        """Prepares.

        Args:
            draft: Whether files may be decoded to a smaller size, by the faster ways of the decoder.
        """
        import cv2
        import simplejpeg

        # What runs beside is another process, or another thread that decodes.
        cv2.setNumThreads(1)
        self._resize = cv2.resize
        self._header, self._decode = simplejpeg.decode_jpeg_header, simplejpeg.decode_jpeg
        self._least = {"min_height": SIDE, "min_width": SIDE} if draft else {}
        self._faster = {"fastdct": draft, "fastupsample": draft}
        self._memory = np.empty(0, np.uint8)

    def of_file(self, path: str) -> np.ndarray:
        """Reads, decodes and scales a JPEG file.

        Args:
            path: Its path.

        Returns:
            uint8 [SIDE, SIDE, 3], RGB.
        """
        content = pathlib.Path(path).read_bytes()
        height, width = self._header(content, **self._least)[:2]
        if self._memory.size < 3 * height * width:
            self._memory = np.empty(3 * height * width, np.uint8)
        return self.of_frame(self._decode(content, buffer=self._memory, **self._least, **self._faster))

    def of_frame(self, frame: np.ndarray) -> np.ndarray:
        """Scales a frame.

        Args:
            frame: uint8 [height, width, 3], RGB.

        Returns:
            uint8 [SIDE, SIDE, 3], RGB.
        """
        return self._resize(frame, (SIDE, SIDE))


def compiled_openvino(model: str, streams: int) -> Any:
    """Compiles a model with OpenVINO, which normalizes the pixels too.

    Args:
        model: The model's path.
        streams: How many inferences run at a time, on a thread each.

    Returns:
        The compiled model, which takes uint8 [1, SIDE, SIDE, 3], RGB.
    """
    import openvino
    from openvino.preprocess import PrePostProcessor

    core = openvino.Core()
    steps = PrePostProcessor(core.read_model(model))
    steps.input().tensor().set_element_type(openvino.Type.u8)
    steps.input().preprocess().convert_element_type(openvino.Type.f32).mean(MEAN).scale(STD)
    options = {
        "INFERENCE_NUM_THREADS": streams,
        "NUM_STREAMS": streams,
        # Processors with bfloat16 would compute in that.
        "INFERENCE_PRECISION_HINT": "f32",
        # Pinned threads of two processes would share a core.
        "ENABLE_CPU_PINNING": False,
    }
    return core.compile_model(steps.build(), "CPU", options)


def openvino(model: str, threads: int, draft: bool = False) -> Library:
    """Puts libjpeg-turbo and OpenCV before OpenVINO.

    Args:
        model: The model's path.
        threads: Ignored: an inference has one thread.
        draft: Whether JPEG files may be decoded to a smaller size.

    Returns:
        The library, ready.
    """
    pixels, request = Pixels(draft), compiled_openvino(model, 1).create_infer_request()

    def embed(small: np.ndarray) -> np.ndarray:
        return request.infer([small[np.newaxis]], share_inputs=True)[0].reshape(-1)

    return Library(lambda path: embed(pixels.of_file(path)), lambda frame: embed(pixels.of_frame(frame)))


def openvino_streams(model: str, streams: int, draft: bool = False) -> Callable[[Iterable[Any]], list[np.ndarray]]:
    """Puts libjpeg-turbo and OpenCV, on as many threads, before OpenVINO's queue of inferences.

    Args:
        model: The model's path.
        streams: How many images are decoded, and how many inferences run, at a time.
        draft: Whether JPEG files may be decoded to a smaller size.

    Returns:
        What turns paths, or decoded frames, into vectors, in no order.
    """
    from openvino import AsyncInferQueue

    compiled = compiled_openvino(model, streams)
    queue = AsyncInferQueue(compiled, streams)
    mine = threading.local()

    def small(item: Any) -> np.ndarray:
        if not hasattr(mine, "pixels"):
            mine.pixels = Pixels(draft)
        return mine.pixels.of_file(item) if isinstance(item, str) else mine.pixels.of_frame(item)

    def embed_all(items: Iterable[Any]) -> list[np.ndarray]:
        vectors: list[np.ndarray] = []
        queue.set_callback(lambda request, _: vectors.append(request.get_output_tensor(0).data.reshape(-1).copy()))
        with concurrent.futures.ThreadPoolExecutor(streams) as pool:
            decoded: collections.deque[Any] = collections.deque()
            for item in items:
                decoded.append(pool.submit(small, item))
                # As many again wait, so that no stream does.
                if len(decoded) > 2 * streams:
                    queue.start_async([decoded.popleft().result()[np.newaxis]])
            for last in decoded:
                queue.start_async([last.result()[np.newaxis]])
            queue.wait_all()
        return vectors

    return embed_all


def onnxruntime(model: str, threads: int, draft: bool = False) -> Library:
    """Puts libjpeg-turbo and OpenCV before ONNX Runtime.

    Args:
        model: The path of the model, which takes planes: [1, 3, SIDE, SIDE].
        threads: The threads of one inference.
        draft: Whether JPEG files may be decoded to a smaller size.

    Returns:
        The library, ready.
    """
    import cv2
    import onnxruntime as runtime

    options = runtime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    session = runtime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    name, pixels = session.get_inputs()[0].name, Pixels(draft)

    def embed(small: np.ndarray) -> np.ndarray:
        planes = cv2.dnn.blobFromImage(small, 1 / STD, mean=(MEAN, MEAN, MEAN))
        return session.run(None, {name: planes})[0].reshape(-1)

    return Library(lambda path: embed(pixels.of_file(path)), lambda frame: embed(pixels.of_frame(frame)))


LIBRARIES: dict[str, Callable[..., Library]] = {
    "tflite-support": tflite_support,
    "mediapipe": mediapipe,
    "pillow-litert": pillow_litert,
    "openvino": openvino,
    "onnxruntime": onnxruntime,
}

# Those with a queue of their own, which embeds everything in one process.
QUEUES: dict[str, Callable[..., Callable[[Iterable[Any]], list[np.ndarray]]]] = {"openvino": openvino_streams}
