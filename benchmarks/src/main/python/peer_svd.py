"""scipy.linalg.svd, a peer of SvdThroughput.

    python peer_svd.py MATRIX.npy THREADS

Answers each line on standard input, `values` or `vectors`, with a line of JSON.
"""

import json
import os
import sys
import time

os.environ["OPENBLAS_NUM_THREADS"] = sys.argv[2]

import numpy as np
import scipy
import scipy.linalg


def main():
    matrix = np.load(sys.argv[1])
    print(json.dumps({"scipy": scipy.__version__, "numpy": np.__version__, "threads": int(sys.argv[2])}), flush=True)
    for line in sys.stdin:
        vectors = line.strip() == "vectors"
        clock, processor = time.perf_counter(), time.process_time()
        result = scipy.linalg.svd(matrix, full_matrices=False, compute_uv=vectors, lapack_driver="gesdd")
        seconds, processor = time.perf_counter() - clock, time.process_time() - processor
        values = result[1] if vectors else result
        print(
            json.dumps(
                {
                    "seconds": seconds,
                    "processor_seconds": processor,
                    "largest": float(values[0]),
                    "smallest": float(values[-1]),
                }
            ),
            flush=True,
        )


if __name__ == "__main__":
    main()
