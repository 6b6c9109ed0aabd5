#!/usr/bin/env python3
"""Makes SavedModels of many kinds, each with inputs and what TensorFlow gives for them.

    python roundtrip/make_models.py FOLDER [NAME ...]

For every model FOLDER/NAME is the SavedModel, FOLDER/NAME.io/SIGNATURE/in.KEY.npy and out.KEY.npy
are a batch and its outputs, as in tf-models/src/test/resources/saved-models. Weights are random,
batch-norm statistics too, so that they test graphs, not accuracy. bfloat16 is stored as float32,
text as fixed-width unicode.

Needs tensorflow 2.18 and keras 3.8; tf_keras 2.18 for the Keras 2 model; transformers 4.46 for those
of transformers_models.py, which are left out without.
"""
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import functools
import shutil
import sys
import tempfile
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from keras import layers

import transformers_models

v1 = tf.compat.v1
MAKERS = {}
DESCRIPTIONS = {}
WORDS = ["low", "rank", "kernels", "fold", "into", "two", "factors", "and", "back", "again"]


def model(description):
    """Registers a function that writes one SavedModel and returns what to feed its signatures."""

    def register(maker):
        MAKERS[maker.__name__] = maker
        DESCRIPTIONS[maker.__name__] = description
        return maker

    return register


RANDOM = np.random.default_rng(7)


def normal(*shape, dtype=np.float32):
    """Never the same twice: converters keep one copy of equal weights."""
    return RANDOM.normal(size=shape).astype(dtype)


def ids(below, *shape, dtype=np.int32):
    return np.random.default_rng(8).integers(0, below, size=shape).astype(dtype)


def randomize(net):
    """Statistics and offsets that are not those of a fresh network: zero means would hide errors."""
    rng = np.random.default_rng(9)
    for layer in net._flatten_layers():
        for weight in layer.weights if not getattr(layer, "_layers", None) else []:
            name, shape = weight.name.split("/")[-1].split(":")[0], weight.shape
            if name in ("gamma", "moving_variance"):
                weight.assign(rng.uniform(0.5, 1.5, size=shape))
            elif name in ("beta", "moving_mean", "bias"):
                weight.assign(rng.normal(scale=0.1, size=shape))
    return net


def export(net, folder, batch):
    """Keras 3's export(), which has the signatures `serve` and `serving_default`."""
    randomize(net).export(str(folder), verbose=False)
    return {key: [batch] for key in ("serve", "serving_default")}


@model("Keras 3.8 export of keras.applications.MobileNetV2 at 96 x 96")
def mobilenet_v2(folder):
    net = keras.applications.MobileNetV2((96, 96, 3), weights=None, classifier_activation=None)
    return export(net, folder, normal(2, 96, 96, 3))


@model("Keras 3.8 export of keras.applications.ResNet50 at 224 x 224")
def resnet50(folder):
    net = keras.applications.ResNet50(
        input_shape=(224, 224, 3), weights=None, classifier_activation=None
    )
    return export(net, folder, normal(1, 224, 224, 3))


def application(network, size):
    """Makes one of Keras's applications at a size that is checked fast."""

    def make_it(folder):
        net = getattr(keras.applications, network)(
            input_shape=(size, size, 3), weights=None, classifier_activation=None)
        return export(net, folder, normal(2, size, size, 3))

    return make_it


for name, network, size in (
    ("densenet121", "DenseNet121", 96),
    ("efficientnet_b0", "EfficientNetB0", 96),
    ("inception_v3", "InceptionV3", 128),
    ("xception", "Xception", 96),
    ("mobilenet_v3_small", "MobileNetV3Small", 96),
    ("nasnet_mobile", "NASNetMobile", 96),
    ("convnext_tiny", "ConvNeXtTiny", 96),
):
    MAKERS[name] = application(network, size)
    DESCRIPTIONS[name] = f"Keras 3.8 export of keras.applications.{network} at {size} x {size}"


@model("Keras 3.8 export: U-Net with transposed convolutions and group normalization")
def unet(folder):
    x = inputs = layers.Input((32, 32, 3))
    beside = []
    for filters in (16, 32):
        x = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
        beside.append(x)
        x = layers.MaxPool2D()(x)
    x = layers.Conv2D(64, 3, padding="same", activation="relu")(x)
    for filters in (32, 16):
        x = layers.Conv2DTranspose(filters, 2, strides=2)(x)
        x = layers.Concatenate()([x, beside.pop()])
        x = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
        x = layers.GroupNormalization(8)(x)
    return export(keras.Model(inputs, layers.Conv2D(4, 1)(x)), folder, normal(2, 32, 32, 3))


@model("Keras 3.8 export: encoder with masked tokens, attention, grouped-query attention, GELU")
def encoder(folder):
    tokens = layers.Input((None,), dtype="int32")
    embedding = layers.Embedding(300, 64, mask_zero=True)
    x, mask = embedding(tokens), embedding.compute_mask(tokens)
    rows = layers.Reshape((1, -1))(mask)
    for attention in (layers.MultiHeadAttention(4, 16), layers.GroupQueryAttention(16, 4, 2)):
        x = layers.LayerNormalization()(x + attention(x, x, attention_mask=rows))
        inner = layers.Dense(64)(layers.Dense(256, activation="gelu")(x))
        x = layers.LayerNormalization()(x + inner)
    net = keras.Model(tokens, layers.Dense(5)(layers.GlobalAveragePooling1D()(x)))
    return export(net, folder, np.array([[5, 9, 2, 7, 0, 0], [1, 2, 3, 4, 5, 6]], np.int32))


@model("Keras 3.8 export: gated dilated causal convolutions of any length")
def dilated(folder):
    x = inputs = layers.Input((None, 8))
    x = layers.Conv1D(32, 1)(x)
    for rate in (1, 2, 4):
        gated = [layers.Conv1D(32, 2, dilation_rate=rate, padding="causal", activation=a)(x)
                 for a in ("tanh", "sigmoid")]
        x = x + layers.Conv1D(32, 1)(layers.Multiply()(gated))
    return export(keras.Model(inputs, layers.Dense(16)(x)), folder, normal(2, 11, 8))


@model("Keras 3.8 export: dense layers with LoRA and a spectral norm")
def adapted(folder):
    x = inputs = layers.Input((40,))
    tuned = layers.Dense(64, activation="relu")
    x = layers.SpectralNormalization(layers.Dense(48, activation="relu"))(tuned(x))
    net = keras.Model(inputs, layers.Dense(10)(x))
    tuned.enable_lora(4)
    return export(net, folder, normal(4, 40))


@model("Keras 3.8 export: bidirectional GRU, GRU and dense; length not fixed")
def bidirectional_gru(folder):
    net = keras.Sequential(
        [
            layers.Input((None, 20)),
            layers.Bidirectional(layers.GRU(48, return_sequences=True)),
            layers.GRU(40, reset_after=False),
            layers.Dense(12),
        ]
    )
    return export(net, folder, normal(3, 9, 20))


@model("Keras 3.8 export: masked LSTM, recurrent dropout, unrolled SimpleRNN")
def masked_lstm(folder):
    inputs = layers.Input((12,), dtype="int32")
    x = layers.Embedding(80, 24, mask_zero=True)(inputs)
    x = layers.LSTM(32, return_sequences=True, recurrent_dropout=0.1)(x)
    x = layers.SimpleRNN(28, unroll=True)(x)
    return export(keras.Model(inputs, layers.Dense(9)(x)), folder, ids(80, 3, 12))


@model("Keras 3.8 export: ConvLSTM2D")
def conv_lstm(folder):
    net = keras.Sequential(
        [layers.Input((4, 10, 10, 6)), layers.ConvLSTM2D(12, 3), layers.Flatten(), layers.Dense(7)]
    )
    return export(net, folder, normal(2, 4, 10, 10, 6))


@model("Keras 3.8 export: transformer, length not fixed, added positions")
def transformer(folder):
    class Positions(layers.Layer):
        def build(self, shape):
            self.table = self.add_weight(shape=(64, shape[-1]), name="embeddings")

        def call(self, x):
            return x + self.table[: tf.shape(x)[1]]

    inputs = layers.Input((None,), dtype="int32")
    x = Positions()(layers.Embedding(200, 48)(inputs))
    for _ in range(2):
        y = layers.LayerNormalization()(x)
        x = x + layers.MultiHeadAttention(4, 12)(y, y, use_causal_mask=True)
        y = layers.LayerNormalization()(x)
        x = x + layers.Dense(48)(layers.Dense(192, activation="gelu")(y))
    return export(keras.Model(inputs, layers.Dense(200)(x)), folder, ids(200, 2, 17))


@model("Keras 3.8 export: GroupQueryAttention, EinsumDense, dot-product Attention, PReLU")
def attention(folder):
    inputs = layers.Input((None, 40))
    x = layers.GroupQueryAttention(10, 4, 2)(inputs, inputs)
    x = layers.EinsumDense("abc,cde->abde", output_shape=(None, 6, 8), bias_axes="de")(x)
    x = layers.EinsumDense("abde,dec->abc", output_shape=(None, 40))(x)
    x = layers.Attention()([x, inputs])
    return export(keras.Model(inputs, layers.Dense(5)(layers.PReLU(shared_axes=[1])(x))), folder,
                  normal(2, 11, 40))


@model("Keras 3.8 export: Conv2D strided, dilated, grouped, depthwise, separable, transposed")
def conv2d(folder):
    net = keras.Sequential(
        [
            layers.Input((None, None, 6)),
            layers.Conv2D(24, 5, strides=2, padding="same", activation="relu"),
            layers.Conv2D(32, 3, dilation_rate=2, padding="same", activation="relu"),
            layers.Conv2D(32, (1, 7), strides=(1, 2), activation="relu"),
            layers.Conv2D(32, 3, groups=4, padding="same"),
            layers.DepthwiseConv2D(3, padding="same"),
            layers.SeparableConv2D(20, 3, padding="same"),
            layers.BatchNormalization(),
            layers.Conv2DTranspose(16, 4, strides=2, padding="same"),
            layers.Conv2DTranspose(12, 3, output_padding=1, strides=2),
            layers.GlobalAveragePooling2D(),
            layers.Dense(10),
        ]
    )
    return export(net, folder, normal(2, 24, 32, 6))


@model("Keras 3.8 export: Conv3D strided and dilated, Conv3DTranspose")
def conv3d(folder):
    net = keras.Sequential(
        [
            layers.Input((8, 10, 10, 4)),
            layers.Conv3D(16, 3, strides=2, padding="same", activation="relu"),
            layers.Conv3D(20, 2, dilation_rate=2, padding="same", activation="relu"),
            layers.Conv3DTranspose(8, 3, strides=2, padding="same"),
            layers.GlobalMaxPooling3D(),
            layers.Dense(6),
        ]
    )
    return export(net, folder, normal(2, 8, 10, 10, 4))


@model("Keras 3.8 export: Conv1D causal and dilated, Conv1DTranspose, DepthwiseConv1D")
def conv1d_transposed(folder):
    net = keras.Sequential(
        [
            layers.Input((None, 10)),
            layers.Conv1D(24, 5, padding="causal", dilation_rate=2, activation="relu"),
            layers.DepthwiseConv1D(3, padding="same"),
            layers.Conv1DTranspose(16, 4, strides=2, padding="same", activation="relu"),
            layers.Conv1D(8, 3, strides=3),
        ]
    )
    return export(net, folder, normal(2, 16, 10))


@model("tf.Module: convolutions with channels first")
def channels_first(folder):
    class Net(tf.Module):
        def __init__(self):
            super().__init__()
            self.first = tf.Variable(normal(3, 3, 6, 16) / 5, name="first")
            self.second = tf.Variable(normal(1, 1, 16, 32) / 4, name="second")
            self.third = tf.Variable(normal(3, 3, 16, 32) / 12, name="third")

        @tf.function(input_signature=[tf.TensorSpec([None, 6, 14, 14], name="x")])
        def __call__(self, x):
            x = tf.nn.conv2d(x, self.first, 2, "SAME", data_format="NCHW")
            x = tf.nn.conv2d(tf.nn.relu(x), self.second, 1, "VALID", data_format="NCHW")
            y = tf.nn.conv2d_transpose(
                x, self.third, [tf.shape(x)[0], 16, 14, 14], 2, "SAME", data_format="NCHW"
            )
            return {"y": y}

    net = Net()
    tf.saved_model.save(net, str(folder), signatures=net.__call__.get_concrete_function())
    return {"serving_default": {"x": normal(2, 6, 14, 14)}}


@model("tf.Module: fused batch normalization after convolutions without a bias")
def fused_batch_norm(folder):
    class Net(tf.Module):
        def __init__(self):
            super().__init__()
            self.kernels = [
                tf.Variable(normal(3, 3, 4, 16) / 6, name="first"),
                tf.Variable(normal(3, 3, 16, 24) / 12, name="second"),
            ]
            self.norms = [
                [
                    tf.Variable(tf.random.uniform([n], 0.5, 1.5, seed=n), name=f"gamma_{n}"),
                    tf.Variable(normal(n), name=f"beta_{n}"),
                    tf.Variable(normal(n), name=f"mean_{n}"),
                    tf.Variable(tf.random.uniform([n], 0.5, 1.5, seed=n + 1), name=f"variance_{n}"),
                ]
                for n in (16, 24)
            ]
            self.dense = tf.Variable(normal(24, 10) / 5, name="dense")

        @tf.function(input_signature=[tf.TensorSpec([None, 8, 8, 4], name="x")])
        def __call__(self, x):
            for kernel, (gamma, beta, mean, variance) in zip(self.kernels, self.norms):
                x = tf.nn.conv2d(x, kernel, 1, "SAME")
                x, _, _ = tf.compat.v1.nn.fused_batch_norm(
                    x, gamma, beta, mean, variance, is_training=False
                )
                x = tf.nn.relu(x)
            return {"y": tf.reduce_mean(x, [1, 2]) @ self.dense}

    net = Net()
    tf.saved_model.save(net, str(folder), signatures=net.__call__.get_concrete_function())
    return {"serving_default": {"x": normal(2, 8, 8, 4)}}


def vocabulary(folder):
    """A file that the saver copies into the assets of the model."""
    file = Path(tempfile.mkdtemp(dir=folder.parent)) / "vocabulary.txt"
    file.write_text("\n".join(WORDS) + "\n")
    return file


@model("tf.Module: vocabulary file as asset, hash tables both ways, embedding, text in and out")
def lookup_table(folder):
    class Net(tf.Module):
        def __init__(self, file):
            super().__init__()
            self.file = tf.saved_model.Asset(str(file))
            whole, line = tf.lookup.TextFileIndex.WHOLE_LINE, tf.lookup.TextFileIndex.LINE_NUMBER
            self.words = tf.lookup.StaticVocabularyTable(
                tf.lookup.TextFileInitializer(self.file, tf.string, whole, tf.int64, line), 3
            )
            self.back = tf.lookup.StaticHashTable(
                tf.lookup.TextFileInitializer(self.file, tf.int64, line, tf.string, whole), "?"
            )
            self.table = tf.Variable(normal(len(WORDS) + 3, 32), name="embeddings")
            self.kernel = tf.Variable(normal(32, len(WORDS)), name="kernel")

        @tf.function(input_signature=[tf.TensorSpec([None, None], tf.string, name="words")])
        def __call__(self, words):
            x = tf.nn.embedding_lookup(self.table, self.words.lookup(words))
            logits = tf.matmul(tf.reduce_mean(x, axis=1), self.kernel)
            return {"logits": logits, "word": self.back.lookup(tf.argmax(logits, axis=1))}

    file = vocabulary(folder)
    net = Net(file)
    tf.saved_model.save(net, str(folder), signatures=net.__call__.get_concrete_function())
    shutil.rmtree(file.parent)
    words = np.array([WORDS[:4], ["unknown", "fold", "rank", "xyz"]])
    return {"serving_default": {"words": words}}


@model("Keras 3.8 export: TextVectorization, embedding, dense")
def text_vectorization(folder):
    text = layers.TextVectorization(output_sequence_length=6, vocabulary=WORDS)
    net = keras.Sequential(
        [
            layers.Input((), dtype="string"),
            text,
            layers.Embedding(len(WORDS) + 2, 24),
            layers.GlobalAveragePooling1D(),
            layers.Dense(40, activation="relu"),
            layers.Dense(5),
        ]
    )
    return export(net, folder, np.array(["Low rank kernels!", "fold, and what not"]))


@model("Keras 3.8 export: ids, their mask and numbers in, classes and a number out")
def several_inputs(folder):
    ids_in = layers.Input((12,), dtype="int32", name="ids")
    mask = layers.Input((12,), dtype="bool", name="mask")
    numbers = layers.Input((3,), name="numbers")
    table = layers.Embedding(60, 24)  # looked up twice
    x = layers.GlobalAveragePooling1D()(table(ids_in), mask=mask)
    start = layers.GlobalAveragePooling1D()(table(ids_in[:, :3]))
    x = layers.Concatenate()([x, start, numbers])
    x = layers.Dense(48, activation="relu")(x)
    outputs = {
        "classes": layers.Dense(4, activation="softmax", name="classes")(x),
        "number": layers.Dense(1, name="number")(x),
    }
    net = keras.Model({"ids": ids_in, "mask": mask, "numbers": numbers}, outputs)
    present = np.arange(12) < np.array([[12], [5], [9]])
    feeds = {"ids": ids(60, 3, 12), "mask": present, "numbers": normal(3, 3)}
    randomize(net)
    net.export(str(folder), verbose=False)
    return {"serve": feeds, "serving_default": feeds}


@model("tf.Module: lookups and logits that share a table, which a product takes as a list of one")
def language_model(folder):
    class Model(tf.Module):
        def __init__(self):
            self.table = tf.Variable(normal(60, 24), name="table/weight")
            self.hidden = tf.Variable(normal(24, 48), name="hidden/weight")
            self.hidden_bias = tf.Variable(normal(1, 48), name="hidden/bias")
            self.back = tf.Variable(normal(1, 48, 24), name="back/weight")
            self.mask = tf.Variable(normal(24, 30), name="mask/weight")

        @tf.function(input_signature=[tf.TensorSpec((None, 6), tf.int32, name="ids")])
        def __call__(self, ids_in):
            x = tf.gather(self.table, ids_in)
            x = tf.nn.gelu(tf.matmul(x, self.hidden) + self.hidden_bias)
            x = tf.matmul(x, self.back)  # one matrix for the whole batch
            masked = tf.matmul(x, self.mask) * tf.reduce_sum(tf.abs(self.mask))
            # as the language models of Hugging Face's transformers: packed to [1, 60, 24]
            return {"logits": tf.matmul(x, [self.table], transpose_b=True), "masked": masked}

    net = Model()
    tf.saved_model.save(net, str(folder), signatures={"serving_default": net.__call__})
    return {"serving_default": [ids(60, 3, 6)]}


@model("Keras 3.8 export: a classifier of two classes with one output, a sigmoid")
def binary(folder):
    net = keras.Sequential(
        [
            layers.Input((12,)),
            layers.Dense(24, activation="relu"),
            layers.Dense(16, activation="tanh"),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    return export(net, folder, normal(6, 12))


def small_network(policy, batch_dtype=np.float32):
    keras.config.set_dtype_policy(policy)
    try:
        return keras.Sequential(
            [
                layers.Input((12, 12, 4)),
                layers.Conv2D(24, 3, activation="relu"),
                layers.BatchNormalization(),
                layers.Flatten(),
                layers.Dense(64, activation="relu"),
                layers.Dense(10),
            ]
        )
    finally:
        keras.config.set_dtype_policy("float32")


@model("Keras 3.8 export, float64")
def float64(folder):
    return export(small_network("float64"), folder, normal(3, 12, 12, 4, dtype=np.float64))


@model("Keras 3.8 export, bfloat16 weights")
def bfloat16(folder):
    return export(small_network("bfloat16"), folder, normal(3, 12, 12, 4))


@model("Keras 3.8 export, mixed_float16")
def mixed_float16(folder):
    return export(small_network("mixed_float16"), folder, normal(3, 12, 12, 4))


@model("Keras 3.8 export, mixed_bfloat16")
def mixed_bfloat16(folder):
    return export(small_network("mixed_bfloat16"), folder, normal(3, 12, 12, 4))


@model("tf.Module: calls in a loop's body, nested loops, a kernel that the condition reads too")
def calls_in_loops(folder):
    class Net(tf.Module):
        def __init__(self):
            super().__init__()
            self.step_kernel = tf.Variable(normal(32, 32) / 12, name="step_kernel")
            self.inner_kernel = tf.Variable(normal(32, 32) / 12, name="inner_kernel")
            self.limit = tf.Variable(normal(32, 32) / 12, name="limit")
            self.out = tf.Variable(normal(32, 20) / 6, name="out")

        @tf.function
        def step(self, x):
            return tf.tanh(tf.matmul(x, self.step_kernel))

        @tf.function
        def twice(self, x):
            for _ in tf.range(2):
                x = tf.tanh(x + tf.matmul(x, self.inner_kernel))
            return self.step(x)

        @tf.function(input_signature=[tf.TensorSpec([None, 32], name="x")])
        def __call__(self, x):
            i = tf.constant(0)
            while i < 3 and tf.reduce_sum(tf.matmul(x, self.limit)) < 1e6:
                x = self.twice(self.step(x))
                i += 1
            return {"y": tf.matmul(x, self.out)}

    net = Net()
    tf.saved_model.save(net, str(folder), signatures=net.__call__.get_concrete_function())
    return {"serving_default": {"x": normal(4, 32)}}


@model("tf.Module: kernels computed from several variables (mask, fake quantization, weight norm, "
       "LoRA, tiles), two signatures")
def computed_kernels(folder):
    class Net(tf.Module):
        def __init__(self):
            super().__init__()
            self.filters = tf.Variable(normal(3, 3, 4, 32) / 6, name="filters")
            self.masked = tf.Variable(normal(32, 48) / 6, name="masked/kernel")
            self.mask = tf.Variable(np.float32(normal(32, 48) > -1), name="masked/mask")
            self.direction = tf.Variable(normal(48, 40), name="direction")
            self.length = tf.Variable(1 + normal(40) / 9, name="length")
            self.kernel = tf.Variable(normal(40, 32) / 6, name="adapted/kernel")
            self.a = tf.Variable(normal(40, 3) / 6, name="adapted/a")
            self.b = tf.Variable(normal(3, 32) / 6, name="adapted/b")
            self.tile = tf.Variable(normal(32, 4) / 6, name="tile")

        def logits(self, x):
            filters = tf.quantization.fake_quant_with_min_max_vars_per_channel(
                self.filters, -tf.ones(32), tf.ones(32))
            x = tf.reduce_mean(tf.nn.relu(tf.nn.conv2d(x, filters, 1, "SAME")), [1, 2])
            x = tf.nn.relu(x @ (self.masked * self.mask))
            x = tf.nn.relu(x @ (self.length * tf.nn.l2_normalize(self.direction, 0)))
            x = tf.nn.relu(x @ (self.kernel + 0.5 * self.a @ self.b))
            return x @ tf.tile(self.tile, [1, 5])

        @tf.function(input_signature=[tf.TensorSpec([None, 8, 8, 4], name="x")])
        def serve(self, x):
            return {"y": self.logits(x)}

        @tf.function(input_signature=[tf.TensorSpec([None, 8, 8, 4], name="x")])
        def chances(self, x):
            return {"p": tf.nn.softmax(self.logits(x))}

    net = Net()
    tf.saved_model.save(net, str(folder), signatures={
        "serving_default": net.serve.get_concrete_function(),
        "chances": net.chances.get_concrete_function()})
    x = normal(3, 8, 8, 4)
    return {"serving_default": {"x": x}, "chances": {"x": x}}


@model("tf.Module: kernels of complex numbers, of 8-bit integers with scales and without, a state of "
       "unsigned integers")
def other_types(folder):
    class Net(tf.Module):
        def __init__(self):
            super().__init__()
            self.spectral = tf.Variable(tf.complex(normal(13, 13), normal(13, 13)) / 5,
                                        name="spectral")
            self.integers = tf.Variable(np.clip(30 * normal(13, 16), -127, 127).astype(np.int8),
                                        name="integers")
            self.quantized = tf.Variable(np.clip(30 * normal(16, 24), -127, 127).astype(np.int8),
                                         name="quantized")
            self.scales = tf.Variable(np.full(24, 0.01, np.float32), name="scales")
            self.kernel = tf.Variable(normal(24, 20) / 5, name="kernel")
            self.seed = tf.Variable([3, 5], dtype=tf.uint32, trainable=False, name="seed")

        @tf.function(input_signature=[tf.TensorSpec([None, 24], name="x")])
        def __call__(self, x):
            x = tf.abs(tf.signal.rfft(x) @ self.spectral)
            x = tf.cast(tf.round(x), tf.int32) @ tf.cast(self.integers, tf.int32)
            x = tf.nn.relu(tf.cast(x, tf.float32) / 99)
            x = x @ (tf.cast(self.quantized, tf.float32) * self.scales)
            return {"y": x @ self.kernel + tf.cast(self.seed[0], tf.float32)}

    net = Net()
    tf.saved_model.save(net, str(folder), signatures=net.__call__.get_concrete_function())
    return {"serving_default": {"x": normal(4, 24)}}


@model("tf.Module: a signature that counts its calls and trains a bias, another that does not")
def training(folder):
    class Net(tf.Module):
        def __init__(self):
            super().__init__()
            self.kernel = tf.Variable(normal(40, 24) / 5, name="kernel")
            self.bias = tf.Variable(normal(24) / 9, name="bias")
            self.out = tf.Variable(normal(24, 12) / 6, name="out")
            self.calls = tf.Variable(0.0, name="calls")

        def logits(self, x):
            return tf.nn.relu(x @ self.kernel + self.bias) @ self.out

        @tf.function(input_signature=[tf.TensorSpec([None, 40], name="x")])
        def serve(self, x):
            return {"y": self.logits(x)}

        @tf.function(input_signature=[tf.TensorSpec([None, 40], name="x"),
                                      tf.TensorSpec([None, 12], name="target")])
        def step(self, x, target):
            with tf.GradientTape() as tape:
                y = self.logits(x)
                loss = tf.reduce_mean(tf.square(y - target))
            self.bias.assign_sub(0.1 * tape.gradient(loss, self.bias))
            return {"y": y, "calls": self.calls.assign_add(1)}

    net = Net()
    tf.saved_model.save(net, str(folder), signatures={
        "serving_default": net.serve.get_concrete_function(),
        "step": net.step.get_concrete_function()})
    x = normal(4, 40)
    return {"serving_default": {"x": x}, "step": {"x": x, "target": normal(4, 12)}}


@model("tf.Module: kernels in the branches of tf.cond and tf.switch_case, two signatures")
def branches(folder):
    class Net(tf.Module):
        def __init__(self):
            super().__init__()
            self.kernels = [tf.Variable(normal(24, 16) / (5 + i), name=f"k{i}") for i in range(4)]
            self.shared = tf.Variable(normal(16, 24) / 4, name="shared")

        @tf.function(input_signature=[tf.TensorSpec([None, 24], name="x"),
                                      tf.TensorSpec([], tf.int32, name="which")])
        def choose(self, x, which):
            return {"y": tf.switch_case(
                which, [lambda k=k: tf.matmul(x, k) for k in self.kernels[:3]]) @ self.shared}

        @tf.function(input_signature=[tf.TensorSpec([None, 24], name="x")])
        def decide(self, x):
            y = tf.cond(tf.reduce_sum(x) > 0, lambda: x @ self.kernels[3],
                        lambda: -x @ self.kernels[3])
            return {"y": y @ self.shared}

    net = Net()
    signatures = {"choose": net.choose, "decide": net.decide}
    tf.saved_model.save(net, str(folder), signatures=signatures)
    return {"choose": {"x": normal(3, 24), "which": np.int32(1)}, "decide": {"x": normal(3, 24)}}


@model("tf.Module: a kernel in a function that XLA compiles, one outside")
def compiled(folder):
    class Net(tf.Module):
        def __init__(self):
            super().__init__()
            self.inside = tf.Variable(normal(24, 32) / 5, name="inside")
            self.outside = tf.Variable(normal(32, 24) / 5, name="outside")

        @tf.function(jit_compile=True)
        def fast(self, x):
            return tf.nn.relu(tf.matmul(x, self.inside))

        @tf.function(input_signature=[tf.TensorSpec([None, 24], name="x")])
        def __call__(self, x):
            return {"y": self.fast(x) @ self.outside}

    net = Net()
    tf.saved_model.save(net, str(folder), signatures=net.__call__.get_concrete_function())
    return {"serving_default": {"x": normal(4, 24)}}


@model("Keras 2 (tf_keras 2.18), model.save: convolution, LSTM, dense, with training graphs")
def keras2(folder):
    import tf_keras

    net = tf_keras.Sequential(
        [
            tf_keras.layers.Input((12, 10)),
            tf_keras.layers.Conv1D(24, 3, activation="relu"),
            tf_keras.layers.BatchNormalization(),
            tf_keras.layers.LSTM(32),
            tf_keras.layers.Dense(30, activation="relu"),
            tf_keras.layers.Dense(8),
        ]
    )
    net.compile("adam", "mse")
    x = normal(4, 12, 10)
    net.fit(x, normal(4, 8), verbose=0)
    randomize(net)
    net.save(str(folder), save_format="tf")
    (key,) = tf.saved_model.load(str(folder)).signatures["serving_default"]._arg_keywords
    return {"serving_default": {key: x}}


def save_tf1(folder, session, inputs, outputs, main_op=None):
    signature = v1.saved_model.predict_signature_def(inputs, outputs)
    builder = v1.saved_model.Builder(str(folder))
    builder.add_meta_graph_and_variables(
        session,
        ["serve"],
        signature_def_map={"serving_default": signature},
        main_op=main_op,
        assets_collection=v1.get_collection(v1.GraphKeys.ASSET_FILEPATHS),
    )
    builder.save()


@model("TF1 SavedModelBuilder: ref variables, partitioned embedding, vocabulary table, asset")
def tf1_tables(folder):
    file = vocabulary(folder)
    with tf.Graph().as_default(), v1.Session() as session:
        v1.disable_resource_variables()
        words = v1.placeholder(tf.string, [None, 4], name="words")
        table = tf.lookup.StaticVocabularyTable(
            tf.lookup.TextFileInitializer(
                str(file), tf.string, tf.lookup.TextFileIndex.WHOLE_LINE,
                tf.int64, tf.lookup.TextFileIndex.LINE_NUMBER), 2)
        embeddings = v1.get_variable(
            "embeddings", [12, 30], initializer=v1.random_normal_initializer(seed=1),
            use_resource=False, partitioner=v1.fixed_size_partitioner(2))
        kernel = v1.get_variable("kernel", initializer=normal(30, 40) / 5, use_resource=False)
        x = v1.nn.embedding_lookup(embeddings, table.lookup(words))
        y = v1.tensordot(v1.tanh(x), kernel, [[2], [0]])
        session.run([v1.global_variables_initializer(), v1.tables_initializer()])
        save_tf1(folder, session, {"words": words}, {"y": y}, v1.tables_initializer())
        v1.enable_resource_variables()
    shutil.rmtree(file.parent)
    return {"serving_default": {"words": np.array([WORDS[:4], ["x", "fold", "rank", "two"]])}}


@model("TF1 SavedModelBuilder: a loop of Enter, Merge, Switch and Exit (control flow v1)")
def tf1_loop(folder):
    with tf.Graph().as_default(), v1.Session() as session:
        v1.disable_control_flow_v2()
        x = v1.placeholder(tf.float32, [None, 24], name="x")
        kernel = v1.get_variable("kernel", initializer=normal(24, 24) / 9, use_resource=True)
        out = v1.get_variable("out", initializer=normal(24, 16) / 5, use_resource=True)
        _, state = v1.while_loop(
            lambda i, s: i < 4, lambda i, s: (i + 1, tf.tanh(tf.matmul(s, kernel))), [0, x])
        y = tf.matmul(state, out)
        session.run(v1.global_variables_initializer())
        save_tf1(folder, session, {"x": x}, {"y": y})
        v1.enable_control_flow_v2()
    return {"serving_default": {"x": normal(3, 24)}}


for name in transformers_models.MODELS:
    DESCRIPTIONS[name] = transformers_models.description(name)
    if transformers_models.is_installed():
        MAKERS[name] = functools.partial(transformers_models.make, name)


def described(array):
    """As numpy can store it without pickling."""
    array = np.asarray(array)
    if array.dtype == object:
        return array.astype("S").astype("U")
    return array.astype(np.float32) if array.dtype.name == "bfloat16" else array


def store(folder, feeds):
    """Runs every signature on its inputs and writes both."""
    loaded = tf.saved_model.load(str(folder))
    for key, given in feeds.items():
        signature = loaded.signatures[key]
        specs = signature.structured_input_signature[1]
        if isinstance(given, list):
            given = dict(zip(specs, given, strict=True))
        tensors = {
            k: tf.cast(a, specs[k].dtype) if specs[k].dtype.is_floating else tf.constant(a)
            for k, a in given.items()
        }
        io = folder.parent / f"{folder.name}.io" / key
        io.mkdir(parents=True)
        for name, values in (("in", tensors), ("out", signature(**tensors))):
            for k, tensor in values.items():
                np.save(io / f"{name}.{k}.npy", described(tensor.numpy()))


def make(root, name):
    folder = root / name
    for old in (folder, root / f"{name}.io"):
        shutil.rmtree(old, ignore_errors=True)
    keras.utils.set_random_seed(1)
    keras.backend.clear_session()
    store(folder, MAKERS[name](folder))


def main():
    root = Path(sys.argv[1])
    root.mkdir(parents=True, exist_ok=True)
    failed = []
    for name in sys.argv[2:] or MAKERS:
        try:
            make(root, name)
            print(f"{name}: {DESCRIPTIONS[name]}", flush=True)
        except Exception as e:  # one that this machine cannot make must not hide the others
            shutil.rmtree(root / name, ignore_errors=True)
            failed.append(name)
            print(f"{name}: not made: {type(e).__name__}: {str(e)[:300]}", flush=True)
    return len(failed)


if __name__ == "__main__":
    sys.exit(main())
