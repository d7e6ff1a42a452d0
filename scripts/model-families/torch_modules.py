"""PyTorch modules as `litert-torch` converts them, with channels last at the input."""

from __future__ import annotations

import logging
import pathlib
import tempfile
from collections.abc import Callable, Iterator
from typing import Any

import litert_torch
import numpy as np
import torch
from ai_edge_quantizer import quantizer, recipe
from torch import nn
from torch.nn import functional

from case import FIXED_SIZE, OPEN_SIZES, Case, NotConvertible, Size, seed

CALIBRATION_IMAGES = 8
RECIPES = {
    "int8": recipe.static_wi8_ai8,
    "dynamic": recipe.dynamic_wi8_afp32,
    "weights-int8": recipe.weight_only_wi8_afp32,
    "dynamic-int4": recipe.dynamic_wi4_afp32,
}


class Function(nn.Module):
    """A module of a function over what other modules give.

    Attributes:
        function: The function.
        parts: What it calls by their places.
    """

    def __init__(self, function: Callable[..., Any], *parts: nn.Module) -> None:
        """Keeps the function and the modules that it is given after the image."""
        super().__init__()
        self.function = function
        self.parts = nn.ModuleList(parts)

    def forward(self, image: torch.Tensor) -> Any:
        """Calls the function."""
        return self.function(image, *self.parts)


def conv(inputs: int = 3, outputs: int = 6, size: int = 3, **options: Any) -> nn.Module:
    """Returns a convolution that keeps the size."""
    return nn.Conv2d(inputs, outputs, size, **{"padding": size // 2, **options})


def after_conv(*rest: nn.Module) -> nn.Module:
    """Returns a convolution with modules behind it."""
    return nn.Sequential(conv(), *rest)


def function(body: Callable[..., Any], *parts: nn.Module) -> nn.Module:
    """Returns a module of a function."""
    return Function(body, *parts)


class Last(nn.Module):
    """Gives a part of what a recurrent layer gives: its outputs without its state."""

    def __init__(self, layer: nn.Module) -> None:
        """Keeps the layer."""
        super().__init__()
        self.layer = layer

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Runs over the rows of an image."""
        return self.layer(image.permute(0, 2, 3, 1).flatten(2))[0]


class Attention(nn.Module):
    """A block of a vision transformer.

    Attributes:
        attention: PyTorch's attention.
    """

    def __init__(self) -> None:
        """Makes its layers."""
        super().__init__()
        self.patches = nn.Conv2d(3, 16, 4, 4)
        self.token = nn.Parameter(torch.randn(1, 1, 16))
        self.before, self.after = nn.LayerNorm(16), nn.LayerNorm(16)
        self.attention = nn.MultiheadAttention(16, 4, batch_first=True)
        self.hidden, self.out = nn.Linear(16, 32), nn.Linear(32, 16)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Gives the class token."""
        x = self.patches(image).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(x.shape[0], -1, -1), x], 1)
        y = self.before(x)
        x = x + self.attention(y, y, y, need_weights=False)[0]
        x = x + self.out(functional.gelu(self.hidden(self.after(x))))
        return x[:, 0]


class ConvNeXt(nn.Module):
    """A block of ConvNeXt: its dense layers have channels last."""

    def __init__(self) -> None:
        """Makes its layers."""
        super().__init__()
        self.stem, self.depthwise = nn.Conv2d(3, 8, 4, 4), nn.Conv2d(8, 8, 7, padding=3, groups=8)
        self.norm, self.hidden, self.out = nn.LayerNorm(8), nn.Linear(8, 32), nn.Linear(32, 8)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Gives a map."""
        x = self.stem(image)
        y = self.norm(self.depthwise(x).permute(0, 2, 3, 1))
        return x + self.out(functional.gelu(self.hidden(y))).permute(0, 3, 1, 2)


class SqueezeExcite(nn.Module):
    """An inverted bottleneck with squeeze-and-excite."""

    def __init__(self) -> None:
        """Makes its layers."""
        super().__init__()
        self.wide = nn.Sequential(conv(3, 12), nn.BatchNorm2d(12), nn.Hardswish())
        self.scale = nn.Sequential(
            nn.AdaptiveAvgPool2d(1), nn.Conv2d(12, 4, 1), nn.ReLU(), nn.Conv2d(4, 12, 1), nn.Hardsigmoid()
        )
        self.narrow = nn.Conv2d(12, 6, 1)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Gives a map."""
        x = self.wide(image)
        return self.narrow(x * self.scale(x))


def families() -> dict[str, nn.Module]:
    """Returns a module of every family, whose map `Vector` makes a vector of; new ones at every call."""
    return {
        "conv": after_conv(),
        "conv-valid": conv(padding=0),
        "conv-strided": conv(stride=2),
        "conv-dilated": conv(dilation=2, padding=2),
        "conv-grouped": nn.Sequential(conv(3, 8), conv(8, 8, groups=4)),
        "conv-depthwise": nn.Sequential(conv(3, 8), conv(8, 16, groups=8)),
        "conv-reflect": conv(padding_mode="reflect"),
        "transposed": nn.ConvTranspose2d(3, 5, 4, 2, 1),
        "transposed-same": nn.ConvTranspose2d(3, 5, 3, 1, 1),
        "max-pool": after_conv(nn.MaxPool2d(2)),
        "max-pool-padded": after_conv(nn.MaxPool2d(3, 2, 1)),
        "average-pool": after_conv(nn.AvgPool2d(2)),
        "average-pool-padded": after_conv(nn.AvgPool2d(3, 2, 1, count_include_pad=False)),
        "adaptive-pool": after_conv(nn.AdaptiveAvgPool2d((4, 5))),
        "batch-norm": after_conv(nn.BatchNorm2d(6)),
        "group-norm": after_conv(nn.GroupNorm(2, 6)),
        "instance-norm": after_conv(nn.InstanceNorm2d(6, affine=True)),
        "layer-norm": function(
            lambda x, c, n: n(c(x).permute(0, 2, 3, 1)).permute(0, 3, 1, 2), conv(), nn.LayerNorm(6)
        ),
        "prelu": after_conv(nn.PReLU(6)),
        "leaky-relu": after_conv(nn.LeakyReLU(0.2)),
        "elu": after_conv(nn.ELU()),
        "gelu": after_conv(nn.GELU()),
        "gelu-tanh": after_conv(nn.GELU("tanh")),
        "silu": after_conv(nn.SiLU()),
        "mish": after_conv(nn.Mish()),
        "hardswish": after_conv(nn.Hardswish()),
        "relu6": after_conv(nn.ReLU6()),
        "softplus": after_conv(nn.Softplus()),
        "softmax": after_conv(nn.Softmax(1)),
        "upsample-nearest": after_conv(nn.Upsample(scale_factor=2)),
        "upsample-bilinear": after_conv(nn.Upsample(scale_factor=2, mode="bilinear")),
        "upsample-corners": after_conv(nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True)),
        "pixel-shuffle": nn.Sequential(conv(3, 12), nn.PixelShuffle(2)),
        "pixel-unshuffle": nn.Sequential(nn.PixelUnshuffle(2), conv(12)),
        "channel-shuffle": nn.Sequential(conv(3, 8), nn.ChannelShuffle(4)),
        "pad-reflect": nn.Sequential(nn.ReflectionPad2d(2), conv(padding=0)),
        "pad-replicate": nn.Sequential(nn.ReplicationPad2d(2), conv(padding=0)),
        "pad-constant": nn.Sequential(nn.ConstantPad2d((1, 2, 0, 1), 0.5), conv(padding=0)),
        "chunk-and-cat": function(lambda x, c: torch.cat(c(x).chunk(3, 1)[::-1], 1), conv()),
        "stack": function(lambda x, c: torch.stack([c(x), x.mean(1, True).expand(-1, 6, -1, -1)], 1).sum(1), conv()),
        "slice": function(lambda x, c: c(x)[:, 1:5, ::2, 1:-1], conv()),
        "roll": function(lambda x, c: torch.roll(c(x), (1, -2), (2, 3)) * c(x), conv()),
        "flip": function(lambda x, c: c(x).flip(3) * c(x), conv()),
        "cumsum": function(lambda x, c: c(x).cumsum(2) / 9, conv()),
        "top-k": function(lambda x, c: torch.topk(c(x), 3, 1)[0], conv()),
        "where": function(lambda x, c: torch.where(c(x) > 0.1, c(x), x.mean()), conv()),
        "gather": function(lambda x, c: c(x)[:, torch.tensor([3, 0, 5])], conv()),
        "einsum": function(lambda x, c: torch.einsum("bchw,bdhw->bcd", c(x), c(x))[..., None] / 99, conv()),
        "lstm": Last(nn.LSTM(60, 6, batch_first=True)),
        "gru": Last(nn.GRU(60, 6, batch_first=True)),
        "attention": Attention(),
        "convnext": ConvNeXt(),
        "squeeze-excite": SqueezeExcite(),
    }


# Those that are also made for every height and width.
OPEN = (
    "conv", "conv-valid", "conv-strided", "conv-depthwise", "transposed", "max-pool", "average-pool", "batch-norm",
    "group-norm", "layer-norm", "prelu", "gelu", "softmax", "upsample-nearest", "pad-reflect", "chunk-and-cat", "slice",
    "einsum", "convnext", "squeeze-excite",
)  # fmt: skip


def ends() -> dict[str, nn.Module]:
    """Returns modules that make their vectors themselves; new ones at every call."""
    small = nn.Sequential(conv(3, 4, stride=2), nn.ReLU(), conv(4, 6, stride=2))
    return {
        "flatten": nn.Sequential(small, nn.Flatten()),
        "flatten-linear": nn.Sequential(small, nn.Flatten(), nn.Linear(120, 9)),
        "linear": nn.Sequential(small, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 9)),
        "normalized": function(lambda x, s: functional.normalize(s(x).mean((2, 3))), small),
        "batch-norm-1d": nn.Sequential(small, nn.Flatten(), nn.Linear(120, 9), nn.BatchNorm1d(9)),
        "map-of-one": function(lambda x, s: s(x).mean((2, 3), keepdim=True).permute(0, 2, 3, 1), small),
        "squeezed": function(lambda x, s: s(x).mean(3).mean(2), small),
        "generalized-mean": function(lambda x, s: s(x).clamp(min=1e-3).pow(3).mean((2, 3)).pow(1 / 3), small),
        "two-vectors": function(lambda x, s, n: (n(s(x).mean((2, 3))), s(x).flatten(1)), small, nn.Linear(6, 9)),
        "the-same-twice": function(lambda x, s: (lambda y: (y, y))(s(x).mean((2, 3))), small),
        "vector-and-normalized": function(
            lambda x, s: (lambda y: (y, functional.normalize(y)))(s(x).mean((2, 3))), small
        ),
    }


class Vector(nn.Module):
    """Makes a vector of a map, a sequence or a vector."""

    def __init__(self, inner: nn.Module) -> None:
        """Keeps what makes the map."""
        super().__init__()
        self.inner = inner

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Gives the means of the channels."""
        x = self.inner(image)
        return x.mean((2, 3)) if x.dim() == 4 else x.mean(1) if x.dim() == 3 else x


def randomized(module: nn.Module, name: str) -> nn.Module:
    """Gives statistics and scales seeded random values: fresh ones leave normalizations without effect."""
    generator = torch.Generator().manual_seed(seed(name))
    with torch.no_grad():
        for key, value in [*module.named_parameters(), *module.named_buffers()]:
            if not value.is_floating_point():
                continue
            if "running_var" in key or (value.dim() == 1 and key.endswith("weight")):
                value.copy_(torch.rand(value.shape, generator=generator) + 0.5)
            elif value.dim() == 1:
                value.copy_(torch.randn(value.shape, generator=generator) / 5)
            else:
                fan_in = max(1, value[0].numel())
                value.copy_(torch.randn(value.shape, generator=generator) / fan_in**0.5)
    return module.eval()


def quantized(path: str, number_format: str, size: Size) -> bytes:
    """Quantizes a converted model."""
    work = quantizer.Quantizer(path)
    work.load_quantization_recipe(RECIPES[number_format]())
    measured = None
    if work.need_calibration:
        generator = np.random.default_rng(7)
        images = [generator.uniform(-1, 1, (1, *size, 3)).astype(np.float32) for _ in range(CALIBRATION_IMAGES)]
        measured = work.calibrate({"serving_default": [{"args_0": image} for image in images]})
    return bytes(work.quantize(measured).quantized_model)


def module_case(kind: str, table: str, open_size: bool, number_format: str) -> Case:
    """Returns the case of a module in one variant."""
    size = "open-size" if open_size else "fixed-size"
    name = f"torch-{table}{kind}.fixed-batch.{size}.{number_format}"

    def convert() -> bytes:
        logging.disable(logging.WARNING)
        inner = ends()[kind] if table else Vector(families()[kind])
        module = litert_torch.to_channel_last_io(randomized(inner, name), args=[0]).eval()
        example = OPEN_SIZES[0] if open_size else FIXED_SIZE
        options: dict[str, Any] = {}
        if open_size:
            options["dynamic_shapes"] = (({1: torch.export.Dim.DYNAMIC, 2: torch.export.Dim.DYNAMIC},),)
        try:
            with tempfile.TemporaryDirectory(prefix="model-families-") as folder:
                path = pathlib.Path(folder) / "model.tflite"
                litert_torch.convert(module, (torch.zeros(1, *example, 3),), **options).export(str(path))
                return quantized(str(path), number_format, example) if number_format in RECIPES else path.read_bytes()
        except Exception as error:
            lines = [line.strip() for line in str(error).splitlines() if line.strip()] or ["no text"]
            # What comes first is where in PyTorch's sources: nothing to the reader.
            text = lines[0].rpartition("error: ")[2][:300]
            raise NotConvertible(f"the converter says: {type(error).__name__}: {text}") from error

    return Case(name, convert, OPEN_SIZES if open_size else (FIXED_SIZE,))


def cases() -> Iterator[Case]:
    """Yields every module in one to three variants."""
    formats = ("int8", "dynamic", "weights-int8", "int8", "dynamic-int4")
    for number, kind in enumerate(families()):
        yield module_case(kind, "", False, "float")
        if number % 3 == 0:
            yield module_case(kind, "", False, formats[number // 3 % len(formats)])
        if kind in OPEN:
            yield module_case(kind, "", True, "float")
    for number, kind in enumerate(ends()):
        yield module_case(kind, "end-", False, "float")
        if number % 2:
            yield module_case(kind, "end-", False, ("int8", "dynamic")[number // 2 % 2])
