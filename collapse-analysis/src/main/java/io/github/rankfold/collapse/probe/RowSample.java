package io.github.rankfold.collapse.probe;

import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/** As many rows as a covariance needs, taken evenly: images have a row for each position. */
final class RowSample {
  /** So many rows for each column of a covariance are enough; the others are left out evenly. */
  private static final int ROWS_FOR_A_COLUMN = 20;

  private static final int LEAST_ROWS = 20_000;

  private RowSample() {}

  /**
   * Every k-th row of each of some tensors, k such that a whole pass has enough of them.
   *
   * @param all of the same number of rows in a batch
   * @param width columns of the covariance
   * @param batches in the pass
   */
  static List<Operand<TNumber>> of(Ops tf, List<Operand<TNumber>> all, int width, int batches) {
    int enough = Math.max(LEAST_ROWS, ROWS_FOR_A_COLUMN * width) / batches + 1;
    Operand<TInt32> count = KernelMomentsPass.rowCount(tf, all.get(0));
    Operand<TInt32> step = tf.math.div(count, tf.constant(enough));
    // An odd step, of 1 at least, does not meet the same column of every image.
    Operand<TInt32> odd = tf.bitwise.bitwiseOr(step, tf.constant(1));
    Operand<TInt32> chosen = tf.range(tf.constant(0), count, odd);
    return all.stream()
        .<Operand<TNumber>>map(rows -> tf.gather(rows, chosen, tf.constant(0)))
        .toList();
  }
}
