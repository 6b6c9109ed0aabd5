"""scipy.linalg.svd, a peer of SvdThroughput and CompressionTime.

    python peer_svd.py MATRIX.npy THREADS
    python peer_svd.py FOLDER THREADS

Answers each line on standard input, `values` or `vectors`, with a line of JSON. The matrices of a folder are decomposed one after the other.
"""

import json
import os
import pathlib
import sys
import time

os.environ["OPENBLAS_NUM_THREADS"] = sys.argv[2]

import numpy as np
import scipy
import scipy.linalg


def main():
    path = pathlib.Path(sys.argv[1])
    matrices = [np.load(file) for file in (sorted(path.glob("*.npy")) if path.is_dir() else [path])]
    print(json.dumps({"scipy": scipy.__version__, "numpy": np.__version__, "threads": int(sys.argv[2])}), flush=True)
    for line in sys.stdin:
        vectors = line.strip() == "vectors"
        clock, processor = time.perf_counter(), time.process_time()
        results = [scipy.linalg.svd(matrix, full_matrices=False, compute_uv=vectors, lapack_driver="gesdd") for matrix in matrices]
        seconds, processor = time.perf_counter() - clock, time.process_time() - processor
        values = [result[1] if vectors else result for result in results]
        print(
            json.dumps(
                {
                    "seconds": seconds,
                    "processor_seconds": processor,
                    "largest": float(max(v[0] for v in values)),
                    "smallest": float(min(v[-1] for v in values)),
                }
            ),
            flush=True,
        )


if __name__ == "__main__":
    main()
