package io.github.rankfold.models.network;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;

/** The values of one variable, row-major, with their shape. Immutable, on the Java heap. */
public final class WeightArray {
  private final List<Integer> shape;
  private final float[] values;

  private WeightArray(List<Integer> shape, float[] values) {
    this.shape = List.copyOf(shape);
    this.values = values;
  }

  /** Copies {@code values}, whose length must be the product of {@code shape}. */
  public static WeightArray of(List<Integer> shape, float[] values) {
    int size = shape.stream().reduce(1, Math::multiplyExact);
    if (size != values.length) {
      throw new IllegalArgumentException(
          "expected %d values for shape %s, found %d".formatted(size, shape, values.length));
    }
    return new WeightArray(shape, values.clone());
  }

  /** All zeros. */
  public static WeightArray zeros(List<Integer> shape) {
    return new WeightArray(shape, new float[shape.stream().reduce(1, Math::multiplyExact)]);
  }

  public List<Integer> shape() {
    return shape;
  }

  /** The number of values. */
  public int size() {
    return values.length;
  }

  /** The value at a row-major index. */
  public float at(int index) {
    return values[index];
  }

  /** A copy of the values, row-major. */
  public float[] values() {
    return values.clone();
  }

  /** Copies all values into {@code target}. */
  public void copyTo(FloatBuffer target) {
    target.put(values);
  }

  /** {@code sum w^2}, summed in double. */
  public double squaredNorm() {
    double sum = 0;
    for (float w : values) {
      sum += (double) w * w;
    }
    return sum;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof WeightArray that
        && shape.equals(that.shape)
        && Arrays.equals(values, that.values);
  }

  @Override
  public int hashCode() {
    return 31 * shape.hashCode() + Arrays.hashCode(values);
  }

  @Override
  public String toString() {
    return "WeightArray" + shape;
  }
}
