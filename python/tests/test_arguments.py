"""Every argument of every public function, of every type that it cannot have."""

from __future__ import annotations

import copy
import io
import mmap
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Callable

import numpy as np
import pytest
from conftest import pixels
from test_store import write

import image_embedder
from image_embedder import Embedder, EmbedderError, cosine_similarity, mediapipe
from image_embedder.export import to_parquet
from image_embedder.mediapipe import tasks
from image_embedder.mediapipe.tasks.python.components.containers import rect
from image_embedder.ray import EmbedImages
from image_embedder.spark import embed_images
from image_embedder.task import core, processor, vision


class Rude:
    """Answers nothing that Python asks of it."""

    def __repr__(self) -> str:
        raise LookupError("no answer")

    __str__ = __len__ = __iter__ = __index__ = __float__ = __fspath__ = __repr__  # type: ignore


WRONG: dict[str, Any] = {
    "nothing": None,
    "a string": "a",
    "a number as a string": "0",
    "no": "no",
    "bytes": b"a",
    "a fraction": 0.5,
    "a large number": 1 << 80,
    "a negative number": -1 << 80,
    "not a number": float("nan"),
    "a complex number": 1j,
    "a list": [],
    "a list of lists": [[1], [2, 3]],
    "a list of strings": ["a", "b", "c"],
    "a dictionary": {"a": 1},
    "a set": {1, 2, 3},
    "a function": len,
    "a class": int,
    "an object": object(),
    "a rude object": Rude(),
    "an array": np.zeros((2, 2)),
    "an array of objects": np.array([object(), None]),
    "a scalar of NumPy": np.float64(0.5),
    "a generator": (number for number in "abc"),
    "a lone surrogate": "\ud800",
    "a NUL": "a\0b",
}

# What paths that need not lead anywhere may be.
PATHS = {"a string", "a number as a string", "no", "bytes", "a list", "a list of strings"}
PATHS |= {"a dictionary", "a generator"}


def _empty_store() -> Path:
    """Returns the folder of a store without rows, which lasts as long as the tests."""
    folder = Path(_folder.name) / "out"
    return folder if folder.exists() else write(folder, ())


_folder = tempfile.TemporaryDirectory()

# The calls, and the names of those values of WRONG that the argument may have.
NUMBERS = {"a fraction", "a large number", "a negative number", "a scalar of NumPy"}
CALLS: dict[str, tuple[Callable[..., Any], set[str]]] = {
    "model": (lambda v, m: Embedder(v), {"nothing"}),
    **{
        name: (lambda v, m, name=name: Embedder(m, **{name: v}), set())
        for name in (
            "l2_normalize",
            "quantize",
            "threads",
            "exif",
            "rotation",
            "alpha",
            "decode",
            "preset",
            "allow_truncated",
            "accelerator",
            "precision",
        )
    },
    **{
        name: (lambda v, m, name=name: Embedder(m, **{name: v}), {"nothing"})
        for name in (
            "max_pixels",
            "max_file_bytes",
            "litert",
            "worker",
            "worker_timeout",
            "accelerator_library",
        )
    },
    "mean": (lambda v, m: Embedder(m, mean=v, std=1), NUMBERS),
    "std": (lambda v, m: Embedder(m, mean=1, std=v), NUMBERS),
    "image": (lambda v, m: Embedder(m).embed(v), set()),
    "region": (lambda v, m: Embedder(m).embed(pixels(), region=v), {"nothing"}),
    "head": (lambda v, m: Embedder(m).embed(pixels(), head=v), set()),
    "images": (
        lambda v, m: [Embedder(m).embed_batch(v)],
        {
            "a list",
            "a list of lists",
            "a list of strings",
            "a dictionary",
            "a set",
            "an array",
            "an array of objects",
            "a generator",
        },
    ),
    "region of a batch": (
        lambda v, m: list(Embedder(m).embed_batch([pixels()], region=v)),
        {"nothing"},
    ),
    "workers": (lambda v, m: list(Embedder(m).embed_batch([], workers=v)), {"nothing"}),
    "a": (lambda v, m: Embedder(m).similarity(v, pixels()), set()),
    "b": (lambda v, m: Embedder(m).similarity(pixels(), v), set()),
    "u": (lambda v, m: cosine_similarity(v, [1.0]), set()),
    "v": (lambda v, m: cosine_similarity([1.0], v), set()),
    "head of a dimension": (
        lambda v, m: Embedder(m).head_dimension(v),
        set(),
    ),
    "model of Ray": (lambda v, m: EmbedImages(v), {"nothing"}),
    "workers of Ray": (lambda v, m: EmbedImages(m, workers=v)({"path": []}), set()),
    "batch of Ray": (lambda v, m: EmbedImages(m)(v), set()),
    "workers of Spark": (lambda v, m: embed_images(m, workers=v), set()),
    "folder": (lambda v, m: to_parquet(v, "vectors.parquet"), set()),
    "path": (lambda v, m: to_parquet("no/such/folder", v), set()),
    "paths of files": (
        lambda v, m: image_embedder.find_duplicates(v),
        PATHS - {"a string", "a number as a string", "no", "bytes"},
    ),
    "progress of a search": (
        lambda v, m: image_embedder.find_duplicates([], progress=v),
        {"nothing", "a function", "a class"},
    ),
    "tiers of a search": (lambda v, m: image_embedder.find_duplicates([], tiers=v), {"nothing"}),
    "threads of a search": (
        lambda v, m: image_embedder.find_duplicates([], threads=v),
        {"nothing"},
    ),
    "prefer": (lambda v, m: image_embedder.find_duplicates([], prefer=v), PATHS),
    **{
        f"{name} of a store": (
            lambda v, m, name=name: image_embedder.Store(_empty_store()).duplicates(**{name: v}),
            allowed,
        )
        for name, allowed in {
            "head": set(),
            "similar_cosine": {"a fraction", "a scalar of NumPy"},
            "threads": {"nothing"},
            "tiers": {"nothing"},
            "progress": {"nothing", "a function", "a class"},
        }.items()
    },
    "file_name": (lambda v, m: vision.TensorImage.create_from_file(v), set()),
    "buffer": (lambda v, m: vision.TensorImage.create_from_buffer(v), set()),
    "array": (lambda v, m: vision.TensorImage.create_from_array(v), set()),
    "file_path": (lambda v, m: vision.ImageEmbedder.create_from_file(v), set()),
    "options": (lambda v, m: vision.ImageEmbedder.create_from_options(v), set()),
    "base_options": (
        lambda v, m: vision.ImageEmbedder.create_from_options(vision.ImageEmbedderOptions(v)),
        set(),
    ),
    "embedding_options": (
        lambda v, m: vision.ImageEmbedder.create_from_options(
            vision.ImageEmbedderOptions(core.BaseOptions(m), v)
        ),
        set(),
    ),
    **{
        f"BaseOptions.{name}": (
            lambda v, m, name=name: vision.ImageEmbedder.create_from_options(
                vision.ImageEmbedderOptions(core.BaseOptions(**{"file_name": m, name: v}))
            ),
            set() if name == "file_name" else {"nothing"},
        )
        for name in ("file_name", "file_content", "num_threads", "use_coral")
    },
    **{
        f"EmbeddingOptions.{name}": (
            lambda v, m, name=name: vision.ImageEmbedder.create_from_options(
                vision.ImageEmbedderOptions(
                    core.BaseOptions(m), processor.EmbeddingOptions(**{name: v})
                )
            ),
            {"nothing", "a large number", "a negative number"},
        )
        for name in ("l2_normalize", "quantize")
    },
    "TensorImage": (lambda v, m: vision.ImageEmbedder.create_from_file(m).embed(v), set()),
    "BoundingBox": (
        lambda v, m: vision.ImageEmbedder.create_from_file(m).embed(
            vision.TensorImage.create_from_array(pixels()), v
        ),
        {"nothing"},
    ),
    "a number of a BoundingBox": (
        lambda v, m: vision.ImageEmbedder.create_from_file(m).embed(
            vision.TensorImage.create_from_array(pixels()), processor.BoundingBox(v, 0, 5, 5)
        ),
        {"nothing"},
    ),
    "result": (
        lambda v, m: vision.ImageEmbedder.create_from_file(m).get_embedding_by_index(v, 0),
        set(),
    ),
    "output_index": (
        lambda v, m: vision.ImageEmbedder.create_from_file(m).get_embedding_by_index(
            processor.EmbeddingResult([]), v
        ),
        set(),
    ),
    "output_index of a dimension": (
        lambda v, m: vision.ImageEmbedder.create_from_file(m).get_embedding_dimension(v),
        set(),
    ),
    "FeatureVector": (
        lambda v, m: vision.ImageEmbedder.cosine_similarity(v, processor.FeatureVector([1.0])),
        set(),
    ),
    "FeatureVector.value": (
        lambda v, m: vision.ImageEmbedder.cosine_similarity(
            processor.FeatureVector(v), processor.FeatureVector(np.ones(1))
        ),
        set(),
    ),
}


def _media(model: str, **options: Any) -> mediapipe.tasks.vision.ImageEmbedder:
    """Makes an embedder by the names of MediaPipe; `base_options` replaces that of the model."""
    base = options.pop("base_options", tasks.BaseOptions(model))
    return tasks.vision.ImageEmbedder.create_from_options(
        tasks.vision.ImageEmbedderOptions(base, **options)
    )


def _processed(model: str, region: Any, rotation: Any = 0) -> Any:
    options = tasks.vision.ImageProcessingOptions(region, rotation)
    return _media(model).embed(_image(), options)


def _image() -> mediapipe.Image:
    return mediapipe.Image(mediapipe.ImageFormat.SRGB, pixels())


CALLS |= {
    "mp model_path": (lambda v, m: tasks.vision.ImageEmbedder.create_from_model_path(v), set()),
    "mp options": (lambda v, m: tasks.vision.ImageEmbedder.create_from_options(v), set()),
    "mp base_options": (lambda v, m: _media(m, base_options=v), set()),
    "mp model_asset_path": (
        lambda v, m: _media(m, base_options=tasks.BaseOptions(model_asset_path=v)),
        set(),
    ),
    "mp model_asset_buffer": (
        lambda v, m: _media(m, base_options=tasks.BaseOptions(m, model_asset_buffer=v)),
        {"nothing"},
    ),
    "mp delegate": (
        lambda v, m: _media(m, base_options=tasks.BaseOptions(m, None, v)),
        {"nothing"},
    ),
    "mp running_mode": (lambda v, m: _media(m, running_mode=v), set()),
    "mp l2_normalize": (lambda v, m: _media(m, l2_normalize=v), {"nothing"}),
    "mp quantize": (lambda v, m: _media(m, quantize=v), {"nothing"}),
    "mp result_callback": (
        lambda v, m: _media(
            m, running_mode=tasks.vision.RunningMode.LIVE_STREAM, result_callback=v
        ),
        {"a function", "a class"},
    ),
    "mp result_callback of images": (lambda v, m: _media(m, result_callback=v), {"nothing"}),
    "mp image": (lambda v, m: _media(m).embed(v), set()),
    "mp image_processing_options": (lambda v, m: _media(m).embed(_image(), v), {"nothing"}),
    "mp region_of_interest": (lambda v, m: _processed(m, v), {"nothing"}),
    "mp a side": (
        lambda v, m: _processed(m, rect.RectF(0, v, bottom=1, right=1)),
        {"a fraction", "a scalar of NumPy"},
    ),
    "mp rotation_degrees": (lambda v, m: _processed(m, None, v), set()),
    "mp timestamp_ms": (
        lambda v, m: _media(m, running_mode=tasks.vision.RunningMode.VIDEO).embed_for_video(
            _image(), v
        ),
        set(),
    ),
    "mp image_format": (lambda v, m: mediapipe.Image(v, pixels()), set()),
    "mp data": (lambda v, m: mediapipe.Image(mediapipe.ImageFormat.SRGB, v), set()),
    "mp file_name": (lambda v, m: mediapipe.Image.create_from_file(v), set()),
    "mp index": (lambda v, m: _image()[v], set()),
    "mp a number of an index": (lambda v, m: _image()[v, 0, 0], set()),
    "mp alignment_boundary": (lambda v, m: _image().is_aligned(v), set()),
    "mp u": (
        lambda v, m: tasks.vision.ImageEmbedder.cosine_similarity(v, v),
        set(),
    ),
    "mp embedding": (
        lambda v, m: tasks.vision.ImageEmbedder.cosine_similarity(
            tasks.components.containers.Embedding(v),
            tasks.components.containers.Embedding(np.ones(1)),
        ),
        set(),
    ),
}


@pytest.mark.parametrize("value", WRONG)
@pytest.mark.parametrize("argument", CALLS)
def test_an_argument_of_a_wrong_type_is_told(argument: str, value: str, models: Path) -> None:
    call, allowed = CALLS[argument]
    model = str(models / "identity_float_8x6_no_metadata.tflite")
    if argument not in ("mean", "std"):
        model = str(models / "identity_uint8_8x6.tflite")
    failure: Exception | None = None
    try:
        call(WRONG[value], model)
    except (EmbedderError, ValueError, RuntimeError, ImportError, IndexError) as error:
        failure = error
    if failure is None:
        assert value in allowed
        return
    # Words of MediaPipe's, which its programs may look for.
    sentence = str(failure).replace("a result callback must be provided", "")
    assert value not in allowed, sentence
    assert len(sentence) < 400
    for foreign in ("--", "scripts/", "NULL", "object is not", "must be", "has no attribute"):
        assert foreign not in sentence, sentence
    # The types of the Task Library and of MediaPipe are kept.
    names = ("BaseOptions", "FeatureVector", "array", "buffer", "file", "output", "mp file")
    is_references = argument.startswith((*names, "mp model", "mp a number"))
    assert is_references or isinstance(failure, (EmbedderError, ImportError)), repr(failure)


def test_sentences_speak_of_python(models: Path) -> None:
    with pytest.raises(RuntimeError, match="mean and std"):
        Embedder(models / "identity_float_8x6_no_metadata.tflite")
    with pytest.raises(ValueError, match="mean and std"):
        Embedder(models / "identity_uint8_8x6.tflite", mean=1, std=1)
    with pytest.raises(ValueError, match=r"^threads is -2; "):
        Embedder(threads=-2)
    with pytest.raises(RuntimeError, match="with litert or IMAGE_EMBEDDER_LITERT"):
        Embedder(litert="no/such/libLiteRt.so")
    with pytest.raises(ValueError, match=r"^worker_timeout is -1; "):
        Embedder(worker_timeout=-1)
    with pytest.raises(ValueError, match=r"^accelerator_library is 'a/library.so'; "):
        Embedder(accelerator_library="a/library.so")
    for accelerator in ("openvino", "gpu"):
        words = "accelerator_library or IMAGE_EMBEDDER_.*no/such/library.so"
        with pytest.raises(RuntimeError, match=words) as caught:
            Embedder(accelerator=accelerator, accelerator_library="no/such/library.so")
        for foreign in ("--", "scripts/", "Options."):
            assert foreign not in str(caught.value)
    # A name that is a path's stays as it is.
    with pytest.raises(FileNotFoundError, match=r"'no/such/thread_count.tflite'"):
        Embedder("no/such/thread_count.tflite")


@pytest.mark.parametrize("kind", [str, Path])
def test_a_file_that_is_not_there_is_named(kind: Any, small: Embedder) -> None:
    path = kind("no/such.png")

    def check(error: object, name: str) -> None:
        assert isinstance(error, FileNotFoundError)
        assert (error.errno, error.filename) == (2, name)
        assert name in str(error)
        same = pickle.loads(pickle.dumps(error))
        assert (type(same), str(same), same.errno) == (type(error), str(error), 2)
        assert same.filename == name

    with pytest.raises(FileNotFoundError) as caught:
        small.embed(path)
    check(caught.value, "no/such.png")
    (result,) = small.embed_batch([path])
    check(result.error, "no/such.png")
    with pytest.raises(FileNotFoundError) as caught:
        Embedder(path)
    check(caught.value, "no/such.png")
    for make in (
        lambda: vision.TensorImage.create_from_file(str(path)),
        lambda: vision.ImageEmbedder.create_from_file(str(path)),
    ):
        with pytest.raises(FileNotFoundError) as caught:
            make()
        check(caught.value, "no/such.png")


class Tensor:
    """A tensor of another package, as far as NumPy asks it."""

    def __init__(self, array: Any) -> None:
        self.array = array

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        if isinstance(self.array, Exception):
            raise self.array
        return self.array


class Interface:
    """An image of another package that describes its memory."""

    def __init__(self, array: Any) -> None:
        self.array = array
        self.__array_interface__ = array.__array_interface__


def test_files_in_every_form(small: Embedder, photographs: Path, tmp_path: Path) -> None:
    path = photographs / "chelsea.png"
    content = path.read_bytes()
    expected = small.embed(path)
    with open(path, "rb") as file, open(path, "rb", buffering=0) as raw:
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        forms = [io.BytesIO(content), file, raw, mapped]
        for form in forms:
            np.testing.assert_array_equal(small.embed(form), expected)
        # A file is read from where it is: at its end there is nothing.
        with pytest.raises(ValueError, match=r"seek\(0\)"):
            small.embed(file)
        file.seek(0)
        raw.seek(0)
        forms[0].seek(0)
        for result in small.embed_batch(forms):
            np.testing.assert_array_equal(result.embedding, expected)
            assert result.path is None
    padded = io.BytesIO(b"header" + content)
    padded.seek(6)
    np.testing.assert_array_equal(small.embed(padded), expected)
    with pytest.raises(ValueError, match="closed"):
        small.embed(file)
    mapped.close()
    with pytest.raises(ValueError, match="cannot be read"):
        small.embed(mapped)
    with pytest.raises(TypeError, match="'rb'"):
        small.embed(io.StringIO("text"))
    for mode in ("wb", "ab", "xb", "w"):
        (tmp_path / "write").unlink(missing_ok=True)
        with open(tmp_path / "write", mode) as write:
            sentence = r"^the file object is not open for reading; one opened with 'rb' is needed$"
            with pytest.raises(ValueError, match=sentence):
                small.embed(write)  # type: ignore[arg-type]
            (result,) = small.embed_batch([write])  # type: ignore[list-item]
            assert str(result.error) == sentence[1:-1]


def test_a_file_object_is_not_read_beyond_the_limit(models: Path) -> None:
    class Endless(io.RawIOBase):
        count = 0

        def read(self, size: int = -1) -> bytes:
            self.count += size
            return b"\xff" * size

    endless = Endless()
    embedder = Embedder(models / "identity_uint8_8x6.tflite", max_file_bytes=1000)
    with pytest.raises(RuntimeError, match=r"1001|1000"):
        embedder.embed(endless)
    assert endless.count == 1001


def test_tensors_are_images(small: Embedder) -> None:
    array = pixels()
    expected = small.embed(array)
    for tensor in (Tensor(array), Interface(array)):
        np.testing.assert_array_equal(small.embed(tensor), expected)
        (result,) = small.embed_batch([tensor])
        np.testing.assert_array_equal(result.embedding, expected)
    with pytest.raises(ValueError, match="cannot be read as a NumPy array: on another device"):
        small.embed(Tensor(TypeError("on another device")))
    with pytest.raises(ValueError, match=r"transpose\(1, 2, 0\)"):
        small.embed(Tensor(array.transpose(2, 0, 1)))


def test_a_tensor_of_torch_is_an_image(small: Embedder) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    array = pixels()
    tensor = torch.from_numpy(array.copy())
    planar = tensor.permute(2, 0, 1).contiguous()
    forms = {
        "itself": (tensor, array),
        "a crop": (tensor[3:30, 5:50], array[3:30, 5:50]),
        "every other column": (tensor[:, ::2], array[:, ::2]),
        "turned": (tensor.transpose(0, 1), array.transpose(1, 0, 2)),
        "mirrored": (tensor.flip(1), array[:, ::-1]),
        "of planes": (planar.permute(1, 2, 0), array),
        "expanded": (tensor[:1].expand(20, -1, -1), np.broadcast_to(array[:1], (20, 60, 3))),
        "gray": (tensor[:, :, 0], array[:, :, 0]),
        "a parameter": (torch.nn.Parameter(tensor, requires_grad=False), array),
    }
    for name, (form, same) in forms.items():
        expected = small.embed(np.ascontiguousarray(same))
        np.testing.assert_array_equal(small.embed(form), expected, name)
    results = small.embed_batch(form for form, _ in forms.values())
    for result, (_, same) in zip(results, forms.values()):
        np.testing.assert_array_equal(result.embedding, small.embed(np.ascontiguousarray(same)))

    wrong = {
        r"permute\(1, 2, 0\) of a tensor": planar,
        "the array's elements are float32; uint8 is needed": tensor.float() / 255,
        "the array's elements are int64": tensor.long(),
        "cannot be read as a NumPy array: .*detach": tensor.float().requires_grad_(),
        "cannot be read as a NumPy array: .*BFloat16": tensor.bfloat16(),
        "cannot be read as a NumPy array: .*meta": tensor.to("meta"),
        "cannot be read as a NumPy array: .*Sparse": tensor.to_sparse(),
        r"has the shape \(1, 40, 60, 3\).*; embed_batch takes many images": tensor[None],
        r"has the shape \(0, 60, 3\)": tensor[:0],
    }
    for sentence, form in wrong.items():
        with pytest.raises(ValueError, match=sentence):
            small.embed(form)
        (result,) = small.embed_batch([form])
        with pytest.raises(ValueError, match=sentence):
            raise result.error


def test_a_tensor_of_torch_that_changes_is_copied(small: Embedder) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    frame = torch.zeros((6, 8, 3), dtype=torch.uint8)

    def images() -> Iterator[Any]:
        for value in range(100):
            frame.fill_(value)
            yield frame

    for result in small.embed_batch(images()):
        assert set(result.embedding) == {result.index}


def test_one_image_is_not_many(small: Embedder) -> None:
    for one in (pixels(), pixels(channels=4), io.BytesIO(b""), Path("a.png"), memoryview(b"")):
        with pytest.raises(TypeError, match="embed takes a single one"):
            small.embed_batch(one)  # type: ignore[call-overload]
    stack = np.stack([pixels()] * 3)
    assert [result.ok for result in small.embed_batch(stack)] == [True] * 3


def test_an_embedder_that_never_began_is_closed() -> None:
    class Unfinished(Embedder):
        def __init__(self) -> None:
            pass

    with pytest.raises(ValueError, match="closed"):
        Unfinished().embed(pixels())
    assert "closed" in repr(Unfinished())
    for use in ("is_quantized", "dimension", "fingerprint"):
        with pytest.raises(ValueError, match="closed"):
            getattr(Embedder.__new__(Embedder), use)
    for action in (pickle.dumps, copy.copy):
        with pytest.raises(ValueError, match="closed"):
            action(Unfinished())
    Unfinished().close()


@pytest.mark.parametrize(
    "use",
    [
        lambda made: made(image_embedder.Store).rows,
        lambda made: len(made(image_embedder.Store)),
        lambda made: repr(made(image_embedder.Store)),
        lambda made: np.asarray(made(image_embedder.Store)),
        lambda made: made(image_embedder.Store).path,
        lambda made: made(EmbedImages)({"path": []}),
        lambda made: made(image_embedder.Embedded).embedding,
        lambda made: made(image_embedder.Embedded).path,
        lambda made: repr(made(image_embedder.Failed)),
        lambda made: made(image_embedder.Failed).error,
        lambda made: made(mediapipe.Image).width,
        lambda made: made(tasks.vision.ImageEmbedder).embed(_image()),
        lambda made: made(tasks.vision.ImageEmbedder).close(),
        lambda made: made(vision.TensorImage).width,
        lambda made: made(vision.TensorImage).buffer,
        lambda made: made(vision.ImageEmbedder).options,
        lambda made: made(vision.ImageEmbedder).number_of_output_layers,
        lambda made: made(vision.ImageEmbedder).embed(vision.TensorImage(pixels())),
    ],
)
def test_what_was_made_by_new_alone_says_so(use: Callable[[Any], Any]) -> None:
    with pytest.raises(ValueError, match="was made without its __init__"):
        use(lambda kind: kind.__new__(kind))
    for kind in (image_embedder.Store, EmbedImages, vision.TensorImage, image_embedder.Failed):
        with pytest.raises(AttributeError, match=f"'{kind.__name__}' object has no attribute"):
            getattr(kind.__new__(kind), "nothing")  # noqa: B009


def test_a_class_is_no_image(small: Embedder) -> None:
    image = pytest.importorskip("PIL.Image")
    for kind in (image.Image, np.ndarray, io.BytesIO, Path, Tensor):
        with pytest.raises(TypeError, match=f"the image is the class {kind.__name__}; "):
            small.embed(kind)
    with pytest.raises(TypeError, match="the image is of the type module; "):
        small.embed(image)


def test_the_drop_in_advises_nothing_that_it_does_not_have(models: Path) -> None:
    for name in ("identity_float_8x6_no_metadata", "identity_int8_8x6_no_metadata"):
        with pytest.raises(RuntimeError, match="NormalizationOptions in its metadata") as caught:
            vision.ImageEmbedder.create_from_file(str(models / f"{name}.tflite"))
        assert "mean and std" not in str(caught.value)


def test_an_export_without_pyarrow_is_one_sentence(tmp_path: Path) -> None:
    # As where it is not installed.
    beginning = "import sys; sys.modules['pyarrow'] = None; "
    arguments = [str(tmp_path), str(tmp_path / "vectors.parquet")]
    sentence = "pyarrow, which writes Parquet files, is not installed"
    for program in (
        "import runpy; runpy.run_module('image_embedder.export', run_name='__main__')",
        "from image_embedder.export import to_parquet; to_parquet(*sys.argv[1:])",
    ):
        process = subprocess.run(
            [sys.executable, "-c", beginning + program, *arguments],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert process.returncode == 1
        assert sentence in process.stderr
        assert process.stderr.count("Traceback") == ("to_parquet(" in program)
        assert process.stdout == ""
    assert process.stderr.splitlines()[-1].startswith(f"ImportError: {sentence}")


def test_the_task_library_is_found_by_either_import() -> None:
    import image_embedder as tflite_support

    assert tflite_support.task.vision.ImageEmbedder is vision.ImageEmbedder
    assert tflite_support.task.processor.EmbeddingOptions is processor.EmbeddingOptions
    assert "task" in dir(image_embedder)
    with pytest.raises(AttributeError, match="nowhere"):
        image_embedder.nowhere  # noqa: B018
