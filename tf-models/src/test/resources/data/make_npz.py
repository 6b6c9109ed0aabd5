"""Writes arrays.npz, deflated.npz and half.npy: what NumPy itself makes of every readable type.

    python make_npz.py    (NumPy 2; the files are committed, so tests need no Python)
"""
import numpy as np

grid = np.arange(6).reshape(2, 3) - 2
arrays = {code: grid.astype(code) for code in ["i1", "i2", "i4", "i8", "f2", "f4", "f8"]}
arrays |= {code: np.abs(grid).astype(code) for code in ["u1", "u2", "u4"]}
arrays["b1"] = grid > 0
arrays["fortran"] = np.asfortranarray(np.arange(24.0).reshape(2, 3, 4))
arrays["number"] = np.float64(1.5)
arrays["empty"] = np.zeros((0, 3))
arrays["unsigned_extremes"] = np.array([0, 255], "u1")
arrays["beyond_int"] = np.array([1, 2**40])
arrays["big_endian"] = np.arange(3, dtype=">f8")
arrays["complex"] = np.zeros(2, complex)
arrays["text"] = np.array(["a"])
arrays["bytes_of_text"] = np.array([b"a"])
arrays["structured"] = np.zeros(2, [("a", "f4"), ("b", "i4")])
np.savez("arrays.npz", **arrays)
np.savez_compressed("deflated.npz", x=np.arange(1000.0).reshape(10, 100), y=np.arange(10))
np.save("half.npy", np.array([1, -2.5, 65504, 6e-8, 6.1e-5, np.inf, -np.inf, np.nan, 0.1], "f2"))
