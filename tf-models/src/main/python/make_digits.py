"""Writes the bundled digits.csv.gz from scikit-learn's copy of the digits data set.

    python make_digits.py ../resources/io/github/rankfold/models/data/digits.csv.gz

1,797 rows in scikit-learn's order: 64 grey values 0..16, row by row of an 8x8 image, then the
digit. The same input gives the same bytes (no time stamp in the gzip header).
"""
import gzip
import sys

from sklearn.datasets import load_digits

digits = load_digits()
lines = [",".join([f"pixel{i}" for i in range(64)] + ["digit"])]
for pixels, label in zip(digits.data.astype(int), digits.target):
    lines.append(",".join(map(str, [*pixels, label])))
with open(sys.argv[1], "wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as out:
    out.write(("\n".join(lines) + "\n").encode())
