"""Every family of Keras layers: each in a small model, with open and fixed batch and size, in several formats."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import keras
import tensorflow as tf
from keras import layers

from case import FIXED_SIZE, OPEN_SIZES, Case, seed
from conversion import from_fixed, from_keras_model, randomize

Layers = Callable[[Any], Any]

# Formats that are spread over the families, one each: all of them for all families say little more.
SMALLER = ("float16", "dynamic")
INTEGER = ("int8", "uint8", "inside", "int16x8", "int8")


def conv(filters: int = 6, size: int = 3, **options: Any) -> layers.Layer:
    """Returns a convolution with a bias that is no zero once its weights are random."""
    return layers.Conv2D(filters, size, **{"padding": "same", **options})


def operation(function: Layers) -> layers.Layer:
    """Returns a layer of a TensorFlow function."""
    return layers.Lambda(function)


def after_conv(*rest: layers.Layer) -> Layers:
    """Returns a convolution with layers behind it."""
    return lambda x: keras.Sequential([conv(), *rest])(x)


def rows(x: Any) -> Any:
    """Returns the rows of an image as a sequence of vectors: the width is what must be fixed."""
    return layers.Reshape((x.shape[1], x.shape[2] * x.shape[3]))(x)


def squeeze_excite(keepdims: bool) -> Layers:
    """Returns a block that scales channels by what Dense layers make of their means."""

    def build(x: Any) -> Any:
        x = conv(8, activation="relu")(x)
        y = layers.GlobalAveragePooling2D(keepdims=keepdims)(x)
        y = layers.Dense(8, activation="sigmoid")(layers.Dense(2, activation="relu")(y))
        return layers.Multiply()([x, y if keepdims else layers.Reshape((1, 1, 8))(y)])

    return build


def residual(x: Any) -> Any:
    """Builds a residual block."""
    x = conv()(x)
    y = layers.BatchNormalization()(conv(use_bias=False)(layers.ReLU()(layers.BatchNormalization()(x))))
    return layers.Add()([x, y])


def inception(x: Any) -> Any:
    """Builds four branches that are joined."""
    pooled = layers.AveragePooling2D(3, 1, "same")(x)
    return layers.Concatenate()([conv(3, 1)(x), conv(3)(x), conv(3, 5)(x), conv(3, 1)(pooled)])


def dot_products(x: Any) -> Any:
    """Builds the products of every channel with every other."""
    x = layers.Reshape((-1, 6))(conv()(x))
    return layers.Dot(axes=1)([x, x])


def merged(layer: layers.Layer) -> Layers:
    """Returns two convolutions that a layer merges."""
    return lambda x: layer([conv()(x), conv(activation="tanh")(x)])


def recurrent(layer: layers.Layer) -> Layers:
    """Returns a recurrent layer over the rows."""
    return lambda x: layer(rows(x))


def open_families() -> dict[str, Layers]:
    """Returns the families whose height and width may be open; new layers at every call."""
    return {
        "conv-same": after_conv(),
        "conv-valid": lambda x: conv(padding="valid")(conv(padding="valid", activation="relu")(x)),
        "conv-strided": lambda x: conv(strides=2)(x),
        "conv-strided-valid": lambda x: conv(strides=2, padding="valid")(x),
        "conv-dilated": lambda x: conv(dilation_rate=2)(x),
        "conv-dilated-valid": lambda x: conv(dilation_rate=(2, 3), padding="valid")(x),
        "conv-grouped": lambda x: conv(8, groups=4)(conv(8)(x)),
        "conv-pointwise": lambda x: conv(9, 1, activation="relu6")(x),
        "conv-even-kernel": lambda x: conv(5, (4, 2), strides=(2, 1))(x),
        "conv-large-kernel": lambda x: conv(4, 7, activation="tanh")(x),
        "conv-without-bias": lambda x: conv(use_bias=False)(x),
        "depthwise-same": lambda x: layers.DepthwiseConv2D(3, padding="same")(x),
        "depthwise-valid": lambda x: layers.DepthwiseConv2D(3, padding="valid")(x),
        "depthwise-multiplier": lambda x: layers.DepthwiseConv2D(3, depth_multiplier=3, strides=2)(x),
        "depthwise-dilated": lambda x: layers.DepthwiseConv2D(3, dilation_rate=2, padding="same")(x),
        "separable": lambda x: layers.SeparableConv2D(7, 3, padding="same", activation="relu")(x),
        "transposed-same": lambda x: layers.Conv2DTranspose(5, 3, padding="same")(x),
        "transposed-valid": lambda x: layers.Conv2DTranspose(5, 3, padding="valid")(x),
        "transposed-strided": lambda x: layers.Conv2DTranspose(5, 4, strides=2, padding="same")(x),
        "transposed-output-padding": lambda x: layers.Conv2DTranspose(5, 3, 2, "same", output_padding=1)(x),
        "max-pool": after_conv(layers.MaxPooling2D(2)),
        "max-pool-same": after_conv(layers.MaxPooling2D(3, 2, "same")),
        "average-pool": after_conv(layers.AveragePooling2D(2)),
        "average-pool-same": after_conv(layers.AveragePooling2D(3, 2, "same")),
        "batch-normalization": after_conv(layers.BatchNormalization()),
        "batch-normalization-first": lambda x: conv()(layers.BatchNormalization()(x)),
        "layer-normalization": after_conv(layers.LayerNormalization()),
        "group-normalization": after_conv(layers.GroupNormalization(2)),
        "unit-normalization": after_conv(layers.UnitNormalization()),
        "prelu-shared": after_conv(layers.PReLU(shared_axes=[1, 2])),
        "leaky-relu": after_conv(layers.LeakyReLU(negative_slope=0.2)),
        "elu": after_conv(layers.ELU()),
        "selu": after_conv(layers.Activation("selu")),
        "gelu": after_conv(layers.Activation("gelu")),
        "gelu-approximate": after_conv(operation(lambda x: tf.nn.gelu(x, approximate=True))),
        "swish": after_conv(layers.Activation("swish")),
        "hard-swish": after_conv(layers.Activation("hard_silu")),
        "hard-sigmoid": after_conv(layers.Activation("hard_sigmoid")),
        "sigmoid": after_conv(layers.Activation("sigmoid")),
        "tanh": after_conv(layers.Activation("tanh")),
        "softplus": after_conv(layers.Activation("softplus")),
        "softsign": after_conv(layers.Activation("softsign")),
        "mish": after_conv(layers.Activation("mish")),
        "exponential": after_conv(layers.Activation("exponential")),
        "relu-threshold": after_conv(layers.ReLU(max_value=1.5, negative_slope=0.1, threshold=0.2)),
        "softmax-channels": after_conv(layers.Softmax()),
        "softmax-rows": after_conv(layers.Softmax(axis=1)),
        "dense-on-pixels": lambda x: layers.Dense(5, activation="relu")(layers.Dense(7)(x)),
        "dense-on-tokens": lambda x: layers.Dense(5)(layers.Reshape((-1, 6))(conv()(x))),
        "einsum-dense": after_conv(layers.EinsumDense("bhwc,cd->bhwd", output_shape=(None, None, 4), bias_axes="d")),
        "squeeze-excite-reshape": squeeze_excite(keepdims=False),
        "squeeze-excite-keepdims": squeeze_excite(keepdims=True),
        "residual": residual,
        "inception": inception,
        "dot-products": dot_products,
        "add": merged(layers.Add()),
        "subtract": merged(layers.Subtract()),
        "multiply": merged(layers.Multiply()),
        "maximum": merged(layers.Maximum()),
        "minimum": merged(layers.Minimum()),
        "average": merged(layers.Average()),
        "concatenate": merged(layers.Concatenate()),
        "upsampling-nearest": after_conv(layers.UpSampling2D(2)),
        "upsampling-bilinear": after_conv(layers.UpSampling2D(2, interpolation="bilinear")),
        "resizing-bilinear": lambda x: conv(strides=2)(layers.Resizing(12, 14)(x)),
        "resizing-nearest": lambda x: conv(strides=2)(layers.Resizing(12, 14, interpolation="nearest")(x)),
        "zero-padding": after_conv(layers.ZeroPadding2D(((1, 2), (0, 1)))),
        "zero-padding-strided-valid": lambda x: conv(strides=2, padding="valid")(
            layers.ZeroPadding2D(((0, 1), (0, 1)))(x)
        ),
        "cropping": after_conv(layers.Cropping2D(((1, 2), (2, 1)))),
        "dropout-and-noise": after_conv(layers.Dropout(0.5), layers.GaussianNoise(0.1)),
        "rescaling-first": lambda x: conv()(layers.Rescaling(0.5, offset=-0.25)(x)),
        "normalization-first": lambda x: conv()(
            layers.Normalization(mean=[0.1, 0.2, 0.3], variance=[0.5, 0.6, 0.7])(x)
        ),
        "time-distributed-dense": lambda x: layers.TimeDistributed(layers.Dense(4))(conv()(x)),
    }


def fixed_families() -> dict[str, Layers]:
    """Returns the families that need a size; new layers at every call."""
    return {
        "prelu-full": after_conv(layers.PReLU()),
        "layer-normalization-image": after_conv(layers.LayerNormalization(axis=[1, 2, 3])),
        "permute": after_conv(layers.Permute((3, 1, 2))),
        "reshape-tokens": after_conv(layers.Reshape((80, 24))),
        "conv1d-rows": recurrent(layers.Conv1D(5, 3, padding="causal")),
        "conv1d-transposed-rows": recurrent(layers.Conv1DTranspose(5, 3, strides=2)),
        "max-pool-rows": recurrent(layers.MaxPooling1D(2)),
        "lstm": recurrent(layers.LSTM(6)),
        "lstm-sequences": recurrent(layers.LSTM(6, return_sequences=True)),
        "lstm-unrolled": recurrent(layers.LSTM(6, unroll=True)),
        "lstm-backwards": recurrent(layers.LSTM(6, go_backwards=True)),
        "lstm-both-ways": recurrent(layers.Bidirectional(layers.LSTM(4))),
        "gru": recurrent(layers.GRU(6)),
        "gru-unrolled": recurrent(layers.GRU(6, unroll=True, reset_after=False)),
        "simple-rnn": recurrent(layers.SimpleRNN(6)),
        "conv-lstm": lambda x: layers.ConvLSTM2D(3, 3, padding="same")(layers.Reshape((2, 8, 20, 3))(x)),
        "time-distributed-conv": lambda x: layers.TimeDistributed(conv(4))(layers.Reshape((4, 4, 20, 3))(x)),
        "conv3d": lambda x: layers.Conv3D(4, 3)(layers.Reshape((4, 4, 20, 3))(x)),
        "attention": lambda x: layers.Attention()([rows(conv(2)(x)), rows(conv(2)(x))]),
        "additive-attention": lambda x: layers.AdditiveAttention()([rows(conv(2)(x)), rows(conv(2)(x))]),
        "multi-head-attention": lambda x: layers.MultiHeadAttention(2, 8)(rows(x), rows(x)),
        "locally-flattened": lambda x: layers.Reshape((2, 12))(layers.Dense(24)(layers.Flatten()(x))),
        "repeat-vector": lambda x: layers.LSTM(5)(layers.RepeatVector(3)(layers.Dense(4)(layers.Flatten()(x)))),
        "center-crop": lambda x: conv()(layers.CenterCrop(8, 10)(x)),
        "embedding-of-levels": lambda x: layers.Embedding(12, 4)(
            layers.Discretization(bin_boundaries=[-0.5, 0.0, 0.5])(layers.Flatten()(x))
        ),
    }


def summary(x: Any) -> Any:
    """Ends a model of whatever rank with a vector of eight."""
    pools = {5: layers.GlobalAveragePooling3D, 4: layers.GlobalAveragePooling2D, 3: layers.GlobalAveragePooling1D}
    if len(x.shape) in pools:
        x = pools[len(x.shape)]()(x)
    return layers.Dense(8)(x)


def model(name: str, build: Layers, *, batch: int | None, open_size: bool, end: Layers = summary) -> keras.Model:
    """Makes a model with seeded random weights.

    Args:
        name: The case's name, which its weights depend on.
        build: The layers in question.
        batch: The batch, None for an open one.
        open_size: Whether height and width are open.
        end: What makes a vector of what they give.
    """
    size = (None, None) if open_size else FIXED_SIZE
    image = keras.Input((*size, 3), batch_size=batch, name="image")
    result = keras.Model(image, end(build(image)))
    randomize(result, seed(name))
    return result


def layer_case(family: str, batch: int | None, open_size: bool, number_format: str) -> Case:
    """Returns the case of one family in one variant."""
    size = "open-size" if open_size else "fixed-size"
    name = f"keras-{family}.{'fixed' if batch else 'open'}-batch.{size}.{number_format}"
    route = from_fixed if batch else from_keras_model

    def convert() -> bytes:
        keras.backend.clear_session()
        build = (open_families() | fixed_families())[family]
        made = model(name, build, batch=batch, open_size=open_size)
        return route(made, number_format, OPEN_SIZES[0] if open_size else FIXED_SIZE)

    return Case(name, convert, OPEN_SIZES if open_size else (FIXED_SIZE,))


def cases() -> Iterator[Case]:
    """Yields every family in one to four variants, the rarer ones spread over them."""
    may_be_open = open_families().keys()
    for number, family in enumerate([*may_be_open, *fixed_families()]):
        if family in may_be_open:
            yield layer_case(family, None, True, "float")
        if family not in may_be_open or number % 3 == 0:
            yield layer_case(family, None, False, "float")
        if family not in may_be_open:
            yield layer_case(family, 1, False, "float")
        if number % 2:
            yield layer_case(family, 1 if number % 3 else None, False, INTEGER[number // 2 % len(INTEGER)])
        if number % 6 == 0:
            yield layer_case(family, 1, False, SMALLER[number // 6 % 2])
