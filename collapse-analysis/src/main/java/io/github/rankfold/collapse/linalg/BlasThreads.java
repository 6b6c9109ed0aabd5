package io.github.rankfold.collapse.linalg;

import static org.bytedeco.openblas.presets.openblas_nolapack.blas_set_num_threads;

import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas;

/**
 * How many threads OpenBLAS uses: one for small work, all for large.
 *
 * <p>OpenBLAS's threads wait for each other by spinning. On idle cores they save little on small
 * work; on busy ones they were seen to cost a factor of ten and more (an SVD of 1024 x 1024: 0.45 s
 * with one thread, 1 to 4 s with two).
 *
 * <p>The number belongs to the process: where calls overlap, one may run with the other's number,
 * which costs time and nothing else. Setting it takes half a millisecond, so it is only changed.
 */
final class BlasThreads {
  /** OpenBLAS's own choice, which the binding cannot tell: OPENBLAS_NUM_THREADS or the cores. */
  private static final int ALL = threads();

  private static int current = ALL;

  /** Pieces of work that want one thread for each call, as they make their calls beside others. */
  private static int shared;

  private BlasThreads() {}

  /** To be called before work; {@code large} where it is worth all threads. */
  static synchronized void use(boolean large) {
    int wanted = large && shared == 0 ? ALL : 1;
    if (wanted != current) {
      blas_set_num_threads(wanted);
      current = wanted;
    }
  }

  /** Runs work that calls BLAS from several threads at once: each call gets one of its threads. */
  static void oneForEach(Runnable work) {
    share(1);
    try {
      work.run();
    } finally {
      share(-1);
    }
  }

  private static synchronized void share(int more) {
    shared += more;
  }

  /** How many threads there are to have. */
  static int all() {
    return ALL;
  }

  private static int threads() {
    Loader.load(openblas.class); // before this a number that is set has no effect
    String chosen = System.getenv("OPENBLAS_NUM_THREADS");
    return chosen != null && chosen.matches("[1-9]\\d{0,2}")
        ? Integer.parseInt(chosen)
        : Runtime.getRuntime().availableProcessors();
  }
}
