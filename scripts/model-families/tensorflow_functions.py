"""Families of operators as TensorFlow functions reach them: what layers do not use, and control flow."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import tensorflow as tf

from case import FIXED_SIZE, OPEN_SIZES, Case, seed
from conversion import from_function, from_signatures

Function = Callable[[Any], Any]

LISTS = "the runtime cannot give an output whose shape a list of tensors decides"


def weights(*shape: int) -> np.ndarray:
    """Returns seeded random weights."""
    return np.random.default_rng(sum(shape)).normal(0, 1 / np.sqrt(shape[-2] or 1), shape).astype(np.float32)


def levels(x: Any) -> Any:
    """Returns whole numbers from 0 to 7: steps far wider than rounding errors."""
    return tf.cast(tf.clip_by_value(tf.floor((x + 1) * 3.99), 0, 7), tf.int32)


def resized(x: Any, method: str, **options: bool) -> Any:
    """Doubles an image by the raw operators, which have options that no layer shows."""
    size = 2 * tf.shape(x)[1:3]
    return getattr(tf.raw_ops, method)(images=x, size=size, **options)


def shifted(x: Any) -> Any:
    """Joins an image with itself shifted by one column, by computed sizes."""
    width = tf.shape(x)[2]
    return tf.concat([tf.slice(x, [0, 0, 1, 0], [-1, -1, width - 1, -1]), x[:, :, :1]], 2)


def gram(x: Any) -> Any:
    """Multiplies every channel with every other."""
    flat = tf.reshape(x, [tf.shape(x)[0], -1, 3])
    return tf.matmul(flat, flat, transpose_a=True) / tf.cast(tf.shape(flat)[1], tf.float32)


def convolved(x: Any, channels: int = 6) -> Any:
    """Convolves with random weights."""
    return tf.nn.conv2d(x, weights(3, 3, 3, channels), 1, "SAME")


# Each takes images [B, H, W, 3] and gives a tensor with the batch first; `vector_of` makes a vector of it.
OPEN: dict[str, Function] = {
    "pad-constant": lambda x: tf.pad(x, [[0, 0], [1, 2], [3, 0], [0, 1]], constant_values=0.5),
    "pad-reflect": lambda x: tf.pad(x, [[0, 0], [2, 3], [1, 4], [0, 0]], "REFLECT")[:, ::3],
    "pad-symmetric": lambda x: tf.pad(x, [[0, 0], [2, 3], [1, 4], [0, 0]], "SYMMETRIC")[:, ::3],
    "slice-constant": lambda x: tf.slice(x, [0, 1, 2, 0], [-1, 5, 6, 3]),
    "slice-computed": shifted,
    "strided-slice": lambda x: x[:, 1::2, ::3, 1:],
    "strided-slice-negative": lambda x: x[:, ::-2, -5:, ::-1],
    "strided-slice-new-axis": lambda x: x[:, tf.newaxis, ..., :2][:, 0],
    "strided-slice-shrink": lambda x: x[:, :, 3, :],
    "split": lambda x: tf.concat(tf.split(x, 3, axis=-1)[::-1], 1),
    "split-sizes": lambda x: tf.concat(tf.split(x, [1, 2], axis=-1)[::-1], -1),
    "split-rows": lambda x: tf.add_n(tf.split(x[:, :8], 4, axis=1)),
    "concat-batchwise": lambda x: tf.concat([x, -x, x * x], 2),
    "stack": lambda x: tf.stack([x, tf.abs(x)], axis=3),
    "unstack": lambda x: tf.expand_dims(tf.math.multiply(*tf.unstack(x, axis=3)[:2]), -1),
    "gather": lambda x: tf.gather(x, [2, 0, 1, 1], axis=3),
    "gather-rows": lambda x: tf.gather(x, [5, 0, 3], axis=1),
    "gather-computed": lambda x: tf.gather(x, tf.range(0, tf.shape(x)[1], 2), axis=1),
    "gather-table": lambda x: tf.gather(weights(8, 5), levels(x)[..., 0]),
    "gather-nd": lambda x: tf.gather_nd(tf.transpose(x, [1, 2, 3, 0]), [[1, 2, 0], [3, 4, 1], [0, 0, 2]])[tf.newaxis],
    "one-hot": lambda x: tf.one_hot(levels(x)[..., 1], 8),
    "argmax": lambda x: tf.expand_dims(tf.cast(tf.argmax(convolved(x), -1), tf.float32), -1),
    "argmin": lambda x: tf.cast(tf.argmin(x, 1, output_type=tf.int32), tf.float32),
    "top-k": lambda x: tf.math.top_k(convolved(x), 3)[0],
    "top-k-indices": lambda x: tf.cast(tf.math.top_k(convolved(x), 3)[1], tf.float32),
    "sort": lambda x: tf.sort(convolved(x), axis=-1),
    "cumsum": lambda x: tf.cumsum(x, 1) / 9,
    "cumsum-exclusive-reverse": lambda x: tf.cumsum(x, 2, exclusive=True, reverse=True) / 9,
    "reverse": lambda x: tf.reverse(x, [1, 2]) * x,
    "reverse-sequence": lambda x: tf.reverse_sequence(x, tf.fill(tf.shape(x)[:1], 4), seq_axis=1, batch_axis=0) * x,
    "tile": lambda x: tf.tile(x, [1, 2, 1, 3]),
    "space-to-depth": lambda x: tf.nn.space_to_depth(x[:, :8, :8], 2),
    "space-to-depth-whole": lambda x: tf.nn.space_to_depth(tf.tile(x, [1, 2, 2, 1]), 2),
    "depth-to-space": lambda x: tf.nn.depth_to_space(convolved(x, 8), 2),
    "space-to-batch": lambda x: tf.batch_to_space(
        tf.nn.conv2d(
            tf.space_to_batch(tf.tile(x, [1, 2, 2, 1]), [2, 2], [[0, 0], [0, 0]]), weights(3, 3, 3, 6), 1, "SAME"
        ),
        [2, 2],
        [[0, 0], [1, 0]],
    ),
    "reduce-sum": lambda x: tf.reduce_sum(convolved(x), 1) / 9,
    "reduce-max": lambda x: tf.reduce_max(convolved(x), [1, 2]),
    "reduce-min-keepdims": lambda x: tf.reduce_min(convolved(x), [1], keepdims=True),
    "reduce-prod": lambda x: tf.reduce_prod(1 + x[:, :4, :4] / 4, [1, 2]),
    "reduce-mean-last": lambda x: tf.reduce_mean(convolved(x), -1, keepdims=True),
    "reduce-mean-negative-axes": lambda x: tf.reduce_mean(convolved(x), [-3, -2]),
    "reduce-any-all": lambda x: tf.cast(
        tf.stack([tf.reduce_any(x > 0.99, 1), tf.reduce_all(x > -0.99, 1)], -1), tf.float32
    ),
    "variance": lambda x: tf.math.reduce_variance(convolved(x), [1, 2]),
    "norm": lambda x: tf.norm(convolved(x) + 0.1, axis=1),
    "log-sum-exp": lambda x: tf.reduce_logsumexp(convolved(x), [1, 2]),
    "where": lambda x: tf.where(x > 0.25, x, x * 0.5 - 1),
    "where-broadcast": lambda x: tf.where(tf.reduce_mean(x, 3, keepdims=True) > 0.1, x, [[0.5, 0.25, -1.0]]),
    "logical": lambda x: tf.cast(((x > 0.1) & (x < 0.7)) | ~(x > -0.8), tf.float32),
    "comparisons": lambda x: tf.cast(tf.not_equal(levels(x), 3) & (levels(x) >= 1), tf.float32),
    "cast-integers": lambda x: tf.cast(tf.cast(tf.cast(levels(x), tf.int64) * 3, tf.uint8), tf.float32) / 9,
    "rounding": lambda x: tf.floor(x * 2.3) + tf.math.ceil(x * 3.1) + tf.round(x * 2.7),
    "floor-division": lambda x: tf.cast(levels(x) // 3 + levels(x) % 3, tf.float32) + tf.math.floormod(x, 0.7) * 1e-3,
    "exponents": lambda x: (
        tf.exp(x) + tf.math.log(x + 4) + tf.pow(x + 4, 1.7) + tf.math.rsqrt(x + 4) + tf.sqrt(x + 3.5)
    ),
    "trigonometry": lambda x: tf.sin(3 * x) + tf.cos(2 * x) + tf.math.atan2(x, x + 2),
    "squares": lambda x: tf.square(x) + tf.math.squared_difference(x, 0.3) + tf.abs(x) - tf.sign(x) / 2,
    "division": lambda x: x / (tf.abs(x[..., ::-1]) + 1) + tf.math.divide_no_nan(x, 2.0),
    "extremes": lambda x: tf.maximum(x, x[..., ::-1]) + tf.minimum(x, 0.2),
    "error-function": lambda x: tf.math.erf(x) + tf.nn.gelu(x),
    "relu-variants": lambda x: tf.nn.relu6(4 * x) + tf.clip_by_value(x, -1, 1) + tf.nn.leaky_relu(x, 0.3),
    "log-softmax": lambda x: tf.nn.log_softmax(convolved(x)),
    "local-response": lambda x: tf.nn.local_response_normalization(convolved(x), 2),
    "l2-normalize-pixels": lambda x: tf.math.l2_normalize(convolved(x) + 0.1, -1),
    "l2-normalize-image": lambda x: tf.math.l2_normalize(convolved(x), [1, 2, 3]),
    "transpose": lambda x: tf.transpose(x, [0, 3, 1, 2]),
    "transpose-conv-transpose": lambda x: tf.transpose(convolved(tf.transpose(x, [0, 2, 1, 3])), [0, 3, 1, 2]),
    "matmul-batch": gram,
    "matmul-weights": lambda x: tf.matmul(x, weights(3, 7)),
    "einsum": lambda x: tf.einsum("bhwc,bhwd->bcd", x, x) / 300,
    "expand-and-squeeze": lambda x: tf.squeeze(tf.expand_dims(tf.reduce_mean(x, 1, keepdims=True), 1), [1, 2]),
    "broadcast-to": lambda x: x * tf.broadcast_to(tf.constant([0.5, 1.0, 2.0]), tf.shape(x)),
    "fill-by-shape": lambda x: x + tf.fill(tf.shape(x)[:3], 0.5)[..., tf.newaxis] + tf.ones_like(x) - tf.zeros_like(x),
    "coordinates": lambda x: x * tf.linspace(0.0, 1.0, tf.shape(x)[1])[:, tf.newaxis, tf.newaxis],
    "range": lambda x: x * tf.cast(tf.range(tf.shape(x)[2]), tf.float32)[tf.newaxis, :, tf.newaxis] / 9,
    "scale-by-count": lambda x: tf.reduce_sum(x, [1, 2]) / tf.cast(tf.reduce_prod(tf.shape(x)[1:3]), tf.float32),
    "resize-bilinear": lambda x: resized(x, "ResizeBilinear"),
    "resize-bilinear-half-pixel": lambda x: resized(x, "ResizeBilinear", half_pixel_centers=True),
    "resize-bilinear-corners": lambda x: resized(x, "ResizeBilinear", align_corners=True),
    "resize-nearest": lambda x: resized(x, "ResizeNearestNeighbor"),
    "resize-nearest-half-pixel": lambda x: resized(x, "ResizeNearestNeighbor", half_pixel_centers=True),
    "resize-to-constant": lambda x: tf.image.resize(x, (7, 11))[:, ::2],
    "resize-bicubic": lambda x: tf.image.resize(x, (7, 11), "bicubic"),
    "central-crop": lambda x: tf.image.central_crop(x, 0.5),
    "gray": lambda x: tf.image.rgb_to_grayscale(x),
    "standardize": lambda x: (
        (x - tf.reduce_mean(x, [1, 2, 3], keepdims=True))
        * tf.math.rsqrt(tf.math.reduce_variance(x, [1, 2, 3], keepdims=True) + 0.01)
    ),
    "scatter-nd": lambda x: x[:, :4] + tf.scatter_nd([[1], [3]], weights(2, 1, 3), [4, 1, 3])[tf.newaxis],
    "matrix-diagonal": lambda x: tf.linalg.set_diag(gram(x), tf.reduce_mean(x, [1, 2])) + tf.linalg.diag(x[:, 0, 0]),
    "bits": lambda x: tf.cast(
        tf.bitwise.bitwise_xor(levels(x), 5) + tf.bitwise.right_shift(levels(x), tf.ones_like(levels(x))), tf.float32
    ),
    "fourier": lambda x: tf.abs(tf.signal.rfft2d(tf.transpose(x[:, :8, :8], [0, 3, 1, 2]), [8, 8])) / 9,
    "cond": lambda x: tf.cond(tf.reduce_mean(x) > 0.0, lambda: x * 2, lambda: convolved(x, 3)),
    "cond-nested": lambda x: tf.cond(
        tf.reduce_mean(x) > 0.0, lambda: tf.cond(tf.reduce_max(x) > 2, lambda: -x, lambda: x + 1), lambda: x - 1
    ),
    "while": lambda x: tf.while_loop(
        lambda i, _: i < 3, lambda i, y: (i + 1, tf.nn.conv2d(y, weights(3, 3, 3, 3), 1, "SAME")), (0, x)
    )[1],
    "while-computed-count": lambda x: tf.while_loop(
        lambda i, _: i < tf.shape(x)[1], lambda i, y: (i + 1, y + tf.gather(x, i, axis=1) / 9), (0, x[:, 0] * 0)
    )[1],
}

# Families that need a size, or that have a loop over it.
FIXED: dict[str, Function] = {
    "segment-sum": lambda x: tf.transpose(tf.math.segment_sum(tf.transpose(x, [3, 0, 1, 2]), [0, 0, 1]), [1, 2, 3, 0]),
    "reshape-chain": lambda x: tf.reshape(
        tf.transpose(tf.reshape(x, [-1, 4, 4, 20, 3]), [0, 2, 1, 3, 4]), [-1, 16, 60]
    ),
    "extract-patches": lambda x: tf.image.extract_patches(x, [1, 4, 4, 1], [1, 4, 4, 1], [1, 1, 1, 1], "VALID"),
    "grouped-by-split": lambda x: tf.concat(
        [tf.nn.conv2d(part, weights(3, 3, 1, 2), 1, "SAME") for part in tf.split(x, 3, -1)], -1
    ),
    "conv3d": lambda x: tf.nn.conv3d(x[:, tf.newaxis], weights(1, 3, 3, 3, 4), [1] * 5, "SAME")[:, 0],
    "depthwise-dilated": lambda x: tf.nn.depthwise_conv2d(x, weights(3, 3, 3, 2), [1] * 4, "SAME", dilations=[2, 2]),
    "conv-explicit-padding": lambda x: tf.nn.conv2d(x, weights(3, 3, 3, 5), 2, [[0, 0], [0, 1], [2, 1], [0, 0]]),
    "transposed-computed": lambda x: tf.nn.conv2d_transpose(
        x, weights(3, 3, 4, 3), [tf.shape(x)[0], 32, 40, 4], 2, "SAME"
    ),
    "max-pool-explicit": lambda x: tf.nn.max_pool2d(x, (4, 5), (4, 5), "VALID"),
    "broadcast-of-six": lambda x: tf.reshape(x, [-1, 2, 8, 20, 3, 1]) * weights(1, 4),
    "scan-of-rows": lambda x: tf.scan(lambda a, row: 0.7 * a + row, tf.transpose(x, [1, 0, 2, 3]))[-1],
}

# What lists of tensors decide: the shape of the output is not known before a run.
LISTED: dict[str, Function] = {
    "map-fn": lambda x: tf.map_fn(lambda image: tf.reduce_mean(image, [0, 1]), x),
    "map-fn-conv": lambda x: tf.map_fn(lambda image: tf.reduce_mean(convolved(image[tf.newaxis])[0], [0, 1]), x),
    "vectorized-map": lambda x: tf.vectorized_map(lambda image: tf.reduce_mean(image, [0, 1]), x),
    "boolean-mask": lambda x: tf.boolean_mask(tf.reduce_mean(x, 1), tf.constant([True] * 3 + [False] * 17), axis=1)[
        :, 0
    ],
    "where-indices": lambda x: tf.cast(tf.where(x[:, 0, :, 0] > 0), tf.float32)[:1],
    # The number of different values changes with the picture, their mean has one size.
    "unique": lambda x: tf.reduce_mean(
        tf.cast(tf.unique(tf.reshape(levels(x[:, :2, :2]), [-1]))[0], tf.float32), keepdims=True
    )[tf.newaxis],
}


def vector_of(y: Any) -> Any:
    """Makes a vector of what a family gives: means over all but the batch and the last known axis, times weights."""
    while y.shape[-1] is None:
        y = tf.reduce_mean(y, -1)
    middle = list(range(1, len(y.shape) - 1))
    return tf.matmul(tf.reduce_mean(y, middle) if middle else y, weights(y.shape[-1], 8))


class Module(tf.Module):
    """A module of one function.

    Attributes:
        function: The function, traced at need.
    """

    def __init__(self, function: Function, batch: int | None, open_size: bool) -> None:
        """Traces the function for images of a shape."""
        super().__init__()
        size = (None, None) if open_size else FIXED_SIZE
        image = tf.TensorSpec((batch, *size, 3), tf.float32, name="image")
        self.function = tf.function(function, input_signature=[image])


def function_case(family: str, batch: int | None, open_size: bool, number_format: str, raw: bool = False) -> Case:
    """Returns the case of a family in one variant; `raw` gives its own output."""
    size = "open-size" if open_size else "fixed-size"
    name = f"function-{family}.{'fixed' if batch else 'open'}-batch.{size}.{number_format}"
    function = (OPEN | FIXED | LISTED)[family]

    def convert() -> bytes:
        tf.random.set_seed(seed(name))
        module = Module(function if raw else lambda x: vector_of(function(x)), batch, open_size)
        calibrated = OPEN_SIZES[0] if open_size else FIXED_SIZE
        if batch:
            return from_function(module, module.function.get_concrete_function(), number_format, calibrated)
        return from_signatures(module, {"serving_default": module.function}, number_format, calibrated)

    return Case(name, convert, OPEN_SIZES if open_size else (FIXED_SIZE,), LISTS if family in LISTED else None)


class Stateful(tf.Module):
    """A module whose variables are set when the model is loaded."""

    def __init__(self) -> None:
        """Makes the variable."""
        super().__init__()
        self.matrix = tf.Variable(weights(3, 8))

    @tf.function(input_signature=[tf.TensorSpec((1, *FIXED_SIZE, 3), tf.float32, name="image")])
    def embed(self, image: Any) -> Any:
        """Multiplies with the variable, and writes it as it was: so it stays a variable."""
        vector = tf.matmul(tf.reduce_mean(image, [1, 2]), self.matrix)
        self.matrix.assign(self.matrix * 1.0)
        return vector


def stateful_case() -> Case:
    """Returns the case of a model with variables."""

    def convert() -> bytes:
        module = Stateful()
        return from_signatures(module, {"serving_default": module.embed}, "float", FIXED_SIZE)

    return Case("function-variable.fixed-batch.fixed-size.float", convert)


def cases() -> Iterator[Case]:
    """Yields every family in two or three variants."""
    integer = ("int8", "inside", "int16x8", "dynamic", "uint8")
    for number, family in enumerate(OPEN):
        yield function_case(family, None if number % 4 else 1, False, "float")
        if number % 2:
            yield function_case(family, (1, None)[number // 2 % 2], True, "float")
        if number % 4 == 2:
            yield function_case(family, None, False, integer[number // 4 % len(integer)])
    for number, family in enumerate(FIXED):
        yield function_case(family, None, False, "float")
        if number % 2:
            yield function_case(family, (None, 1)[number // 2 % 2], False, integer[number // 2 % len(integer)])
    for family in LISTED:
        yield function_case(family, None, False, "float", raw=True)
        yield function_case(family, 1, False, "float", raw=True)
    yield stateful_case()
