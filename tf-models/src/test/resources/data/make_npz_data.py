"""Writes labelled.npz: small labelled data in every form that NpzData takes and refuses.

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
)
