"""Whole networks: the blocks of today's architectures, and Keras' own applications without their weights."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import keras
import tensorflow as tf
from keras import layers

from case import Case, Size, seed
from conversion import from_export, from_fixed, from_keras_model, randomize
from keras_layers import conv, operation

SIZE: Size = (32, 40)
OPEN_SIZES: tuple[Size, ...] = ((64, 48), (34, 40), (80, 72))


class ClassToken(layers.Layer):
    """Puts a learnt token before a sequence."""

    def build(self, shape: Any) -> None:
        """Makes the token."""
        self.token = self.add_weight(shape=(1, 1, shape[-1]), name="token")

    def call(self, tokens: Any) -> Any:
        """Joins the token to every sequence of the batch."""
        return tf.concat([tf.tile(self.token, [tf.shape(tokens)[0], 1, 1]), tokens], 1)


class Positions(layers.Layer):
    """Adds a learnt vector to each place of a sequence."""

    def build(self, shape: Any) -> None:
        """Makes a vector a place."""
        self.vectors = self.add_weight(shape=(1, *shape[1:]), name="positions")

    def call(self, tokens: Any) -> Any:
        """Adds them."""
        return tokens + self.vectors


class EinsumAttention(layers.Layer):
    """Attention of several heads as einsums write it.

    Attributes:
        heads: How many heads there are.
    """

    def __init__(self, heads: int) -> None:
        """Sets the number of heads."""
        super().__init__()
        self.heads = heads

    def build(self, shape: Any) -> None:
        """Makes the four matrices."""
        width = shape[-1]
        of_heads = (width, self.heads, width // self.heads)
        self.query, self.key, self.value = (self.add_weight(shape=of_heads, name=name) for name in ("q", "k", "v"))
        self.out = self.add_weight(shape=(self.heads, width // self.heads, width), name="out")

    def call(self, tokens: Any) -> Any:
        """Attends to every token."""
        query, key, value = (tf.einsum("btc,chd->bthd", tokens, w) for w in (self.query, self.key, self.value))
        scores = tf.nn.softmax(tf.einsum("bthd,bshd->bhts", query, key) / (query.shape[-1] ** 0.5))
        return tf.einsum("bhts,bshd,hdc->btc", scores, value, self.out)


def transformer(tokens: Any, attention: Callable[[Any], Any]) -> Any:
    """Builds a block of a vision transformer."""
    tokens = layers.Add()([tokens, attention(layers.LayerNormalization(epsilon=1e-6)(tokens))])
    hidden = layers.Dense(32, activation="gelu")(layers.LayerNormalization(epsilon=1e-6)(tokens))
    return layers.Add()([tokens, layers.Dense(16)(hidden)])


def self_attention(tokens: Any) -> Any:
    """Builds Keras' attention."""
    return layers.MultiHeadAttention(4, 4)(tokens, tokens)


def vit_class_token(x: Any) -> Any:
    """Builds a vision transformer that gives its class token."""
    tokens = layers.Reshape((20, 16))(layers.Conv2D(16, 8, 8)(x))
    tokens = Positions()(ClassToken()(tokens))
    for _ in range(2):
        tokens = transformer(tokens, self_attention)
    return operation(lambda y: y[:, 0])(layers.LayerNormalization()(tokens))


def vit_mean(x: Any) -> Any:
    """Builds a vision transformer that gives the mean of its tokens."""
    tokens = Positions()(layers.Reshape((20, 16))(layers.Conv2D(16, 8, 8)(x)))
    for _ in range(2):
        tokens = transformer(tokens, EinsumAttention(4))
    return layers.GlobalAveragePooling1D()(tokens)


def vit_open(x: Any) -> Any:
    """Builds a vision transformer without positions, which takes every size."""
    tokens = layers.Reshape((-1, 16))(layers.Conv2D(16, 8, 8)(x))
    return layers.GlobalAveragePooling1D()(transformer(tokens, self_attention))


def convnext(x: Any) -> Any:
    """Builds two blocks of ConvNeXt."""
    x = layers.LayerNormalization(epsilon=1e-6)(layers.Conv2D(8, 4, 4)(x))
    for _ in range(2):
        y = layers.LayerNormalization(epsilon=1e-6)(layers.DepthwiseConv2D(7, padding="same")(x))
        x = layers.Add()([x, layers.Dense(8)(layers.Dense(32, activation="gelu")(y))])
    return layers.LayerNormalization()(layers.GlobalAveragePooling2D()(x))


def mobile_block(x: Any) -> Any:
    """Builds an inverted bottleneck with squeeze-and-excite and hard-swish."""
    x = conv(8, strides=2)(x)
    y = layers.Activation("hard_silu")(layers.BatchNormalization()(conv(24, 1, use_bias=False)(x)))
    y = layers.DepthwiseConv2D(5, padding="same")(y)
    scale = layers.GlobalAveragePooling2D(keepdims=True)(y)
    scale = layers.Activation("hard_sigmoid")(conv(24, 1)(conv(6, 1, activation="relu")(scale)))
    x = layers.Add()([x, conv(8, 1)(layers.Multiply()([y, scale]))])
    return layers.GlobalAveragePooling2D()(x)


def rolled(x: Any, rows: int, columns: int) -> Any:
    """Moves a map around its edges by concatenation: TFLite has no operator for it."""
    x = tf.concat([x[:, -rows:], x[:, :-rows]], 1)
    return tf.concat([x[:, :, -columns:], x[:, :, :-columns]], 2)


def windows(x: Any) -> Any:
    """Builds attention within windows, as Swin transformers have it."""
    x = layers.Conv2D(16, 4, 4)(x)  # 8 x 10

    def split(y: Any) -> Any:
        y = rolled(y, 7, 9)
        y = tf.reshape(y, [-1, 2, 4, 2, 5, 16])
        return tf.reshape(tf.transpose(y, [0, 1, 3, 2, 4, 5]), [-1, 20, 16])

    def join(y: Any) -> Any:
        y = tf.transpose(tf.reshape(y, [-1, 2, 2, 4, 5, 16]), [0, 1, 3, 2, 4, 5])
        return rolled(tf.reshape(y, [-1, 8, 10, 16]), 1, 1)

    x = operation(join)(transformer(operation(split)(x), self_attention))
    return layers.GlobalAveragePooling2D()(x)


def mixer(x: Any) -> Any:
    """Builds a block of MLP-Mixer."""
    tokens = layers.Reshape((20, 16))(layers.Conv2D(16, 8, 8)(x))
    mixed = layers.Permute((2, 1))(layers.LayerNormalization()(tokens))
    mixed = layers.Dense(20)(layers.Dense(10, activation="gelu")(mixed))
    tokens = layers.Add()([tokens, layers.Permute((2, 1))(mixed)])
    return layers.GlobalAveragePooling1D()(layers.Dense(12)(tokens))


def unet(x: Any) -> Any:
    """Builds two scales of a U-Net and a mean."""
    first = conv(6, activation="relu")(x)
    second = conv(8, activation="relu")(layers.MaxPooling2D(2)(first))
    up = layers.Conv2DTranspose(6, 2, 2)(second)
    return layers.GlobalAveragePooling2D()(conv(5)(layers.Concatenate()([first, up])))


def pyramid(x: Any) -> Any:
    """Builds pooling at three scales, joined to one vector."""
    x = conv(6, strides=2, activation="relu")(x)
    parts = [layers.Flatten()(layers.AveragePooling2D(size)(x)) for size in ((16, 20), (8, 10), (4, 5))]
    return layers.Dense(16)(layers.Concatenate()(parts))


def backbone_and_head(x: Any) -> Any:
    """Builds a model inside a model, as transfer learning does."""
    image = keras.Input((None, None, 3))
    inner = keras.Model(image, layers.BatchNormalization()(conv(8, strides=2, activation="relu")(image)))
    outer = layers.GlobalAveragePooling2D()(inner(layers.Rescaling(0.5, 0.5)(x)))
    return layers.Dense(12)(layers.Dropout(0.2)(outer))


def recurrent_rows(x: Any) -> Any:
    """Builds convolutions whose columns an LSTM reads, as text recognizers do."""
    x = layers.MaxPooling2D((4, 2))(conv(6, activation="relu")(x))  # 8 x 20 x 6
    x = layers.Reshape((20, 48))(layers.Permute((2, 1, 3))(x))
    return layers.Dense(8)(layers.Bidirectional(layers.LSTM(6))(x))


BLOCKS: dict[str, Callable[[Any], Any]] = {
    "vit-class-token": vit_class_token,
    "vit-mean": vit_mean,
    "vit-open": vit_open,
    "convnext": convnext,
    "mobile-block": mobile_block,
    "windows": windows,
    "mixer": mixer,
    "unet": unet,
    "pyramid": pyramid,
    "backbone-and-head": backbone_and_head,
    "recurrent-rows": recurrent_rows,
}
OPEN_BLOCKS = ("vit-open", "convnext", "mobile-block", "backbone-and-head", "unet")

Application = Callable[..., keras.Model]
APPLICATIONS: dict[str, tuple[Application, dict[str, Any]]] = {
    "mobilenet": (keras.applications.MobileNet, {"alpha": 0.25}),
    "mobilenet-v2": (keras.applications.MobileNetV2, {"alpha": 0.35}),
    "mobilenet-v3-small": (keras.applications.MobileNetV3Small, {"alpha": 0.75}),
    "mobilenet-v3-minimalistic": (keras.applications.MobileNetV3Small, {"minimalistic": True, "alpha": 1.0}),
    "efficientnet-b0": (keras.applications.EfficientNetB0, {}),
    "efficientnet-v2-b0": (keras.applications.EfficientNetV2B0, {}),
    "nasnet-mobile": (keras.applications.NASNetMobile, {}),
    "densenet-121": (keras.applications.DenseNet121, {}),
}
# Their strides halve an image five times: smaller ones leave nothing to convolve.
APPLICATION_SIZE: Size = (64, 64)
APPLICATION_OPEN_SIZES: tuple[Size, ...] = ((96, 64), (40, 48), (80, 96))


def block_case(kind: str, batch: int | None, open_size: bool, number_format: str) -> Case:
    """Returns the case of a block in one variant."""
    size = "open-size" if open_size else "fixed-size"
    name = f"network-{kind}.{'fixed' if batch else 'open'}-batch.{size}.{number_format}"

    def convert() -> bytes:
        keras.backend.clear_session()
        image = keras.Input((None, None, 3) if open_size else (*SIZE, 3), batch_size=batch, name="image")
        model = keras.Model(image, BLOCKS[kind](image))
        randomize(model, seed(name))
        route = from_fixed if batch else from_export if open_size else from_keras_model
        return route(model, number_format, OPEN_SIZES[0] if open_size else SIZE)

    return Case(name, convert, OPEN_SIZES if open_size else (SIZE,))


def application_case(kind: str, open_size: bool, pooling: str | None, number_format: str) -> Case:
    """Returns the case of an application in one variant; without pooling, Flatten makes the vector."""
    size = "open-size" if open_size else "fixed-size"
    name = f"application-{kind}-{pooling or 'flatten'}.open-batch.{size}.{number_format}"

    def convert() -> bytes:
        keras.backend.clear_session()
        keras.utils.set_random_seed(seed(name))
        make, options = APPLICATIONS[kind]
        image = keras.Input((None, None, 3) if open_size else (*APPLICATION_SIZE, 3), name="image")
        model = make(input_tensor=image, include_top=False, weights=None, pooling=pooling, **options)
        randomize(model, seed(name), kernels=False)
        if not pooling:
            model = keras.Model(image, layers.Flatten()(model.output))
        return from_keras_model(model, number_format, APPLICATION_OPEN_SIZES[0] if open_size else APPLICATION_SIZE)

    return Case(name, convert, APPLICATION_OPEN_SIZES if open_size else (APPLICATION_SIZE,))


def cases() -> Iterator[Case]:
    """Yields every network in its variants."""
    integer = ("int8", "uint8", "inside", "int16x8")
    for number, kind in enumerate(BLOCKS):
        yield block_case(kind, None, False, "float")
        yield block_case(kind, 1, False, ("dynamic", "float16")[number % 2])
        yield block_case(kind, None, False, integer[number % 4])
        if kind in OPEN_BLOCKS:
            yield block_case(kind, None, True, "float")
            yield block_case(kind, 1, True, ("float16", "dynamic")[number % 2])
    for number, kind in enumerate(APPLICATIONS):
        yield application_case(kind, False, "avg", "float" if number % 2 else "dynamic")
        if number < 4:
            yield application_case(kind, False, (None, "max")[number % 2], integer[number % 4])
        if number < 5:
            yield application_case(kind, True, "avg", "float")
