"""SavedModels of Hugging Face's transformers, small and with random weights, for make_models.py.

Needs transformers 4.46 and tf_keras 2.18 beside what make_models.py needs; without them these
models are left out.
"""
import importlib.util

import numpy as np
import tensorflow as tf

TEXT = {"hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4,
        "intermediate_size": 128, "vocab_size": 300, "max_position_embeddings": 32}
PAIR = {"vocab_size": 300, "d_model": 64}
IMAGE = {"hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4,
         "intermediate_size": 128, "image_size": 32, "patch_size": 8}
IDS = ("input_ids", "attention_mask")

# name: model class, configuration class, configuration, inputs
MODELS = {
    "bert": ("TFBertForSequenceClassification", "BertConfig", TEXT, (*IDS, "token_type_ids")),
    "distilbert": (
        "TFDistilBertForSequenceClassification", "DistilBertConfig",
        {"vocab_size": 300, "dim": 64, "n_layers": 2, "n_heads": 4, "hidden_dim": 128,
         "max_position_embeddings": 32}, IDS),
    "albert": ("TFAlbertForSequenceClassification", "AlbertConfig", TEXT | {"embedding_size": 32}, IDS),
    "deberta": (
        "TFDebertaV2ForSequenceClassification", "DebertaV2Config",
        TEXT | {"relative_attention": True, "pos_att_type": ["c2p", "p2c"]}, IDS),
    "longformer": (
        "TFLongformerForSequenceClassification", "LongformerConfig",
        TEXT | {"attention_window": 8}, IDS),
    "gpt2": (
        "TFGPT2LMHeadModel", "GPT2Config",
        {"vocab_size": 300, "n_positions": 32, "n_embd": 64, "n_layer": 2, "n_head": 4,
         "use_cache": False}, IDS),
    "t5": (
        "TFT5ForConditionalGeneration", "T5Config",
        PAIR | {"d_kv": 16, "d_ff": 128, "num_layers": 2, "num_heads": 4, "use_cache": False,
                "decoder_start_token_id": 0}, (*IDS, "decoder_input_ids")),
    "bart": (
        "TFBartForConditionalGeneration", "BartConfig",
        PAIR | {"encoder_layers": 2, "decoder_layers": 2, "encoder_attention_heads": 4,
                "decoder_attention_heads": 4, "encoder_ffn_dim": 128, "decoder_ffn_dim": 128,
                "max_position_embeddings": 32, "use_cache": False}, (*IDS, "decoder_input_ids")),
    "vit": ("TFViTForImageClassification", "ViTConfig", IMAGE, ("pixel_values",)),
    "swin": (
        "TFSwinForImageClassification", "SwinConfig",
        {"image_size": 32, "patch_size": 4, "embed_dim": 32, "depths": [1, 1],
         "num_heads": [2, 4], "window_size": 4}, ("pixel_values",)),
    "mobilevit": (
        "TFMobileViTForImageClassification", "MobileViTConfig",
        {"image_size": 32, "hidden_sizes": [48, 64, 96],
         "neck_hidden_sizes": [16, 32, 64, 96, 128, 160, 320]}, ("pixel_values",)),
    "wav2vec2": (
        "TFWav2Vec2ForCTC", "Wav2Vec2Config",
        {"vocab_size": 32, "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4,
         "intermediate_size": 128, "conv_dim": [32] * 7, "num_conv_pos_embeddings": 16,
         "num_conv_pos_embedding_groups": 4}, ("input_values",)),
}


def is_installed():
    return all(importlib.util.find_spec(name) for name in ("transformers", "tf_keras"))


def description(name):
    return f"transformers 4.46: {MODELS[name][0]}, small"


def batch(key):
    """Two samples, and their shape without the batch."""
    random = np.random.default_rng(len(key))
    if key == "pixel_values":
        return random.normal(size=(2, 3, 32, 32)).astype(np.float32)
    if key == "input_values":
        return random.normal(size=(2, 4000)).astype(np.float32)
    if key == "attention_mask":
        return np.array([[1] * 16, [1] * 11 + [0] * 5], np.int32)
    return random.integers(0, 2 if key == "token_type_ids" else 300, size=(2, 16)).astype(np.int32)


def make(name, folder):
    """Saves the model with one signature; returns what to feed it."""
    import transformers

    kind, configuration, settings, keys = MODELS[name]
    tf.random.set_seed(1)
    net = getattr(transformers, kind)(getattr(transformers, configuration)(**settings))
    feeds = {key: batch(key) for key in keys}
    net({key: tf.constant(value) for key, value in feeds.items()})

    def size(value):  # of texts any length
        return (None, None) if value.dtype == np.int32 else (None, *value.shape[1:])

    @tf.function(input_signature=[
        {key: tf.TensorSpec(size(value), value.dtype, name=key) for key, value in feeds.items()}])
    def serving(inputs):
        return {"logits": net(inputs, training=False).logits}

    tf.saved_model.save(net, str(folder), signatures={"serving_default": serving})
    return {"serving_default": feeds}
