"""PyTorch modules as `litert-torch` converts them by itself: the channels first, and whatever the module gives."""

from __future__ import annotations

import logging
import pathlib
import tempfile
from collections.abc import Iterator
from typing import Any

import litert_torch
import numpy as np
import torch
from ai_edge_quantizer import quantizer
from torch import nn

from case import FIXED_SIZE, OPEN_SIZES, Case, NotConvertible, Size
from form_case import FOUR, GROWING, POOLED, TOKENS, FormCase, Run, form_name, layout_runs
from torch_modules import CALIBRATION_IMAGES, RECIPES, Attention, conv, function, randomized

VECTOR: tuple[Run, ...] = ({},)


def small() -> nn.Module:
    """Returns what comes before the end: a map of 6 channels."""
    return nn.Sequential(conv(3, 4, stride=2), nn.BatchNorm2d(4), nn.ReLU(), conv(4, 6, stride=2))


class Tokens(Attention):
    """A vision transformer that gives all its tokens, the class token first."""

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Gives every token."""
        x = self.patches(image).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(x.shape[0], -1, -1), x], 1)
        y = self.before(x)
        return x + self.attention(y, y, y, need_weights=False)[0]


def hugging_face_vit() -> nn.Module:
    """Returns a small ViT of `transformers` with random weights, of which the last hidden state comes out."""
    import transformers

    settings = transformers.ViTConfig(
        hidden_size=16, num_hidden_layers=2, num_attention_heads=4, intermediate_size=32, image_size=FIXED_SIZE,
        patch_size=4, attn_implementation="eager",
    )  # fmt: skip
    return function(
        lambda image, inner: inner(image).last_hidden_state, transformers.ViTModel(settings, add_pooling_layer=False)
    )


def module_of(kind: str) -> nn.Module:
    """Returns a new module of a kind."""
    if kind == "hugging-face-vit":
        return hugging_face_vit()
    if kind in ("tokens", "class-token"):
        return Tokens() if kind == "tokens" else Attention()
    bodies: dict[str, Any] = {
        "map": lambda x, s: s(x),
        "map-channels-last": lambda x, s: s(x).permute(0, 2, 3, 1),
        "vector": lambda x, s: s(x).mean((2, 3)),
        "pooled": lambda x, s: nn.functional.adaptive_avg_pool2d(s(x), 1),
        "map-and-vector": lambda x, s: (lambda y: (y, y.mean((2, 3))))(s(x)),
    }
    return function(bodies[kind], small())


RUNS: dict[str, tuple[Run, ...]] = {
    "map": POOLED,
    "map-channels-last": layout_runs("nhwc"),
    "vector": VECTOR,
    "pooled": VECTOR,
    "map-and-vector": POOLED,
    "tokens": TOKENS,
    "class-token": VECTOR,
    "hugging-face-vit": TOKENS,
}


def quantized(path: str, number_format: str, shape: tuple[int, ...]) -> bytes:
    """Quantizes a converted model, whose input is of a shape."""
    work = quantizer.Quantizer(path)
    work.load_quantization_recipe(RECIPES[number_format]())
    measured = None
    if work.need_calibration:
        generator = np.random.default_rng(7)
        images = [generator.uniform(-1, 1, shape).astype(np.float32) for _ in range(CALIBRATION_IMAGES)]
        measured = work.calibrate({"serving_default": [{"args_0": image} for image in images]})
    return bytes(work.quantize(measured).quantized_model)


def converted(conversion: Any, number_format: str, shape: tuple[int, ...]) -> bytes:
    """Converts and quantizes, or says why that cannot be done.

    Args:
        conversion: Gives the converted model.
        number_format: `float` or one of `RECIPES`.
        shape: The shape of the input.
    """
    logging.disable(logging.WARNING)
    try:
        with tempfile.TemporaryDirectory(prefix="model-families-") as folder:
            path = pathlib.Path(folder) / "model.tflite"
            conversion().export(str(path))
            return quantized(str(path), number_format, shape) if number_format in RECIPES else path.read_bytes()
    except Exception as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()] or ["no text"]
        # What comes first is where in PyTorch's sources: nothing to the reader.
        text = lines[0].rpartition("error: ")[2][:300]
        raise NotConvertible(f"the converter says: {type(error).__name__}: {text}") from error


def module_case(kind: str, batch: int | None, open_size: bool, number_format: str) -> FormCase:
    """Returns the case of a module in one variant, with the channels first at the input."""
    name = form_name(f"torch-form-{kind}", batch, open_size, number_format)
    example: Size = OPEN_SIZES[0] if open_size else FIXED_SIZE
    # An open batch is traced with two images, since one is taken for a constant.
    shape = (batch or 2, 3, *example)

    def convert() -> bytes:
        module = randomized(module_of(kind), name)
        axes = (() if batch else (0,)) + ((2, 3) if open_size else ())
        shapes = dict.fromkeys(axes, torch.export.Dim.DYNAMIC)
        options = {"dynamic_shapes": (shapes,)} if axes else {}
        return converted(lambda: litert_torch.convert(module, (torch.zeros(shape),), **options), number_format, shape)

    runs = RUNS[kind]
    sizes = OPEN_SIZES if open_size else (FIXED_SIZE,)
    return FormCase(name, convert, sizes, runs=GROWING if open_size and runs == POOLED else runs)


def channels_last_case() -> FormCase:
    """Returns the case of a module whose input alone was given channels last, so that its map has them first."""
    name = form_name("torch-form-map-of-channels-last-input", 1, False, "float")

    def convert() -> bytes:
        module = litert_torch.to_channel_last_io(randomized(module_of("map"), name), args=[0]).eval()
        shape = (1, *FIXED_SIZE, 3)
        return converted(lambda: litert_torch.convert(module, (torch.zeros(shape),)), "float", shape)

    return FormCase(name, convert, runs=layout_runs("nchw"))


def signatures_case() -> FormCase:
    """Returns the case of a model with two signatures of one module."""
    name = form_name("torch-form-signatures", 1, False, "float")

    def convert() -> bytes:
        body = randomized(small(), name)
        shape = (1, 3, *FIXED_SIZE)
        example = (torch.zeros(shape),)
        embed = function(lambda x, s: s(x).mean((2, 3)), body).eval()
        patches = function(lambda x, s: s(x), body).eval()
        both = litert_torch.signature("embed", embed, example).signature("map", patches, example)
        return converted(both.convert, "float", shape)

    return FormCase(name, convert, runs=({}, {"signature": "embed"}, {"signature": "map", "pool": "mean"}))


def cases() -> Iterator[Case]:
    """Yields every form in one to three variants."""
    for kind in RUNS:
        yield module_case(kind, 1, False, "float")
    for kind in ("map", "vector", "tokens"):
        yield module_case(kind, 1, False, "int8")
    for kind in ("map", "tokens"):
        yield module_case(kind, FOUR, False, "float")
    yield module_case("vector", FOUR, False, "int8")
    yield module_case("vector", None, False, "float")
    yield module_case("map", 1, True, "float")
    yield channels_last_case()
    yield signatures_case()
