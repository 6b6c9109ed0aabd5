package io.github.rankfold.compression.factors;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.models.InvalidInputException;
import io.github.rankfold.models.live.TensorValues;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.DataType;

/** Fewer bits than single precision for stored weights; the graph computes as before. */
public enum WeightFormat {
  /** IEEE half precision: 11 significant bits, up to 65,504. */
  FLOAT16(DataType.DT_HALF),

  /** The upper half of single precision: 8 significant bits, the range of single precision. */
  BFLOAT16(DataType.DT_BFLOAT16),

  /**
   * {@code w ~ scale (q - 128)}, q an integer from 1 to 255 and {@code scale = max |w| / 127} one
   * for each channel: each column of a left factor and each row of a right one, so that {@code (x
   * U) V} is {@code ((x (Q_U - 128)) diag(a b)) (Q_V - 128)} with a and b the scales of the two. A
   * kernel that is left whole has one for each entry of its last axis. Symmetric, so that 0 stays
   * 0.
   */
  INT8(DataType.DT_UINT8);

  /** What stands for 0: TensorFlow Java knows unsigned integers of 8 bits only. */
  public static final int ZERO = 128;

  private static final int LARGEST = 127;

  private final DataType type;

  WeightFormat(DataType type) {
    this.type = type;
  }

  /** The format of weights whose own type is in half precision. */
  public static Optional<WeightFormat> ofType(DataType type) {
    return Arrays.stream(values())
        .filter(format -> !format.hasScales() && format.type == type)
        .findFirst();
  }

  /** The type of the variable that holds the weights. */
  public DataType type() {
    return type;
  }

  /** Bytes of one weight. */
  public int width() {
    return this == INT8 ? 1 : 2;
  }

  /** Whether there are scales beside. */
  public boolean hasScales() {
    return this == INT8;
  }

  /** The scale of weights of at most this size. */
  public static float scale(double largest) {
    float scale = (float) (largest / LARGEST);
    return scale > 0 ? scale : 1;
  }

  /** The integer that stands for a weight. */
  public static int code(double weight, float scale) {
    long nearest = Math.round(weight / scale);
    return (int) Math.max(-LARGEST, Math.min(LARGEST, nearest)) + ZERO;
  }

  /** The weight that an integer stands for, in single precision, as the graph computes it. */
  static float weight(int code, float scale) {
    return (code - ZERO) * scale;
  }

  /**
   * The matrix as it is after storing and reading it, with a scale for each column.
   *
   * @param where for the message where a value has no place in the format
   */
  public Matrix rounded(Matrix matrix, String where) {
    return hasScales() ? roundedColumns(matrix) : roundedToFloat(matrix, where);
  }

  /**
   * Factors as they are after storing and reading them. Of two, the larger one makes up for what
   * the other lost.
   *
   * @param where as above
   */
  public Factorization rounded(Factorization factors, String where) {
    if (factors.core().isEmpty()) {
      return RoundedFactors.of(factors, matrix -> rounded(matrix, where));
    }
    return new Factorization(
        rounded(factors.left(), where),
        rounded(factors.right().transpose(), where).transpose(),
        factors.form(),
        factors.core().map(core -> rounded(core, where)));
  }

  private static Matrix roundedColumns(Matrix matrix) {
    double[] values = matrix.toDoubles();
    int columns = matrix.cols();
    for (int j = 0; j < columns; j++) {
      double largest = 0;
      for (int i = j; i < values.length; i += columns) {
        largest = Math.max(largest, Math.abs(values[i]));
      }
      float scale = scale(largest);
      for (int i = j; i < values.length; i += columns) {
        values[i] = weight(code(values[i], scale), scale);
      }
    }
    return Matrix.owning(matrix.rows(), columns, values);
  }

  private Matrix roundedToFloat(Matrix matrix, String where) {
    try (Tensor stored =
        TensorValues.of(type, Shape.of(matrix.rows(), matrix.cols()), matrix.toFloats())) {
      Matrix rounded =
          Matrix.fromFloats(matrix.rows(), matrix.cols(), TensorValues.toFloats(stored));
      if (!Double.isFinite(rounded.frobeniusNorm())) {
        throw new InvalidInputException(
            "%s: expected weights within the range of %s, found some beyond it (bfloat16 has that of"
                    .formatted(where, this)
                + " float32)");
      }
      return rounded;
    }
  }

  /** As the command line has it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether a type takes more bits than each of these formats. */
  public static boolean isWider(DataType type) {
    return type == DataType.DT_FLOAT || type == DataType.DT_DOUBLE;
  }
}
