"""Writes labelled.npz, several_inputs.npz, text.npz, keras.npz and regression.npz: small data in every form that
NpzData takes and refuses.

    python make_npz_data.py    (the file is committed, so tests need no Python)
"""
import numpy as np

x = np.arange(12.0).reshape(3, 2, 2)
np.savez_compressed(
    "labelled.npz",
    x=x,
    y=np.array([0, 2, 1]),
    x_test=x[:1],
    y_test=np.array([3], "u1"),
    single=x.astype("f4"),
    bytes=x.astype("u1") * 20,
    integers=x.astype("i2") - 5,
    column=np.array([[0], [1], [0]], "i4"),
    two=np.array([0, 1]),
    flat=np.arange(3.0),
    nothing=np.zeros((0, 4)),
    not_finite=np.array([[1, 2], [3, 4], [5, np.nan]]),
    infinite=np.array([[1, 2], [3, -np.inf], [5, 6]], "f4"),
    one_hot=np.eye(3, dtype="i4"),
    negative=np.array([0, -1, 1]),
    huge=np.array([0, 1, 2**30]),
    real=np.array([0.0, 1.0, 2.0]),
    halves=np.array([0, 0.5, 1]),
    wide=np.eye(6)[[3, 0, 5]],
    kinds=np.array(["rose", "naïve", "rose"]),
    kinds_test=np.array(["aster"]),
    kinds_in_bytes=np.array(["rose".encode(), "naïve".encode(), "rose".encode()]),
    kinds_in_bytes_test=np.array([b"aster"]),
    latin=np.array([b"rose", "naïve".encode("latin-1"), b"rose"]),
    dark=x % 2,
    gray=x / 11,
    bright=x * 100,
)

ids = np.array([[1, 2, 0], [3, 4, 5], [2, 0, 0]])
words = np.array(["low rank", "", "naïve 日本 𝔽"])
np.savez_compressed(
    "several_inputs.npz",  # each array for an input of its own
    ids=ids,
    mask=ids > 0,
    scalar=np.array([0.25, 1e-9, 3]),
    words=words,
    y=np.array([0, 2, 1]),
    ids_test=ids[:2],
    mask_test=ids[:2] > 0,
    scalar_test=np.array([1.0, 2.0]),
    words_test=words[:2],
    y_test=np.array([1, 1]),
)
np.savez_compressed(
    "text.npz",
    x=words,
    table=np.asfortranarray([["a", "bc"], ["def", ""], ["g", "hi"]]),
    x_test=np.array(["a longer text than any"]),
    table_test=np.array([["one", "row"]]),
)
np.savez_compressed("keras.npz", x_train=ids, y_train=np.array([0, 1, 0]), x_test=ids, y_test=np.array([1, 1, 0]))
np.savez_compressed("regression.npz", x=x, y=np.array([0.25, -1.5, 3]))
