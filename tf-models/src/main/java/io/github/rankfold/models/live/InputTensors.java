package io.github.rankfold.models.live;

import io.github.rankfold.models.InvalidInputException;
import io.github.rankfold.models.data.LabeledData;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.ndarray.buffer.FloatDataBuffer;
import org.tensorflow.proto.DataType;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TUint8;

/** Turns samples into a tensor of the type and shape that a model's input has. */
final class InputTensors {
  /** Values of a float input that are copied at a time. */
  private static final int CHUNK = 1 << 16;

  /** Every whole number up to this is a double. */
  private static final double EXACT = 1L << 53;

  private InputTensors() {}

  /**
   * @param expected the input's static shape, batch first; the sample's values are reshaped to it
   *     where the sizes agree, [784] to [28, 28, 1] for instance
   * @param where names the input in messages
   */
  static Tensor of(
      LabeledData data, int from, int to, Shape expected, DataType type, String where) {
    Shape shape = batchShape(data, to - from, expected, where);
    int size = Math.multiplyExact(to - from, data.featureWidth());
    switch (type) {
      case DT_DOUBLE -> {
        double[] values = new double[size];
        data.copyFeatures(from, to, DoubleBuffer.wrap(values));
        return TFloat64.tensorOf(shape, DataBuffers.of(values, true, false));
      }
      case DT_FLOAT -> {
        return TFloat32.tensorOf(shape, tensor -> fill(tensor, data, from, to));
      }
      case DT_HALF, DT_BFLOAT16 -> {
        return TensorValues.of(type, shape, floats(data, from, to, size));
      }
      case DT_UINT8 -> {
        return bytes(shape, floats(data, from, to, size));
      }
      case DT_INT32 -> {
        double[] values = wholeNumbers(data, from, to, Integer.MIN_VALUE, Integer.MAX_VALUE, where);
        int[] ids = new int[size];
        Arrays.setAll(ids, i -> (int) values[i]);
        return TInt32.tensorOf(shape, DataBuffers.of(ids, true, false));
      }
      case DT_INT64 -> {
        double[] values = wholeNumbers(data, from, to, -EXACT, EXACT, where);
        long[] ids = new long[size];
        Arrays.setAll(ids, i -> (long) values[i]);
        return TInt64.tensorOf(shape, DataBuffers.of(ids, true, false));
      }
      default ->
          throw new InvalidInputException(
              "%s: expected an input of a floating type, bytes, int32 or int64, found %s"
                  .formatted(where, type));
    }
  }

  /** Some rows at a time, by an array that stays in the cache: a buffer is copied bytewise. */
  private static void fill(TFloat32 tensor, LabeledData data, int from, int to) {
    FloatDataBuffer target = tensor.asRawTensor().data().asFloats();
    int width = data.featureWidth();
    int rows = Math.max(1, Math.min(to - from, CHUNK / Math.max(1, width)));
    float[] values = new float[Math.multiplyExact(rows, width)];
    for (int row = from; row < to; row += rows) {
      int count = Math.min(rows, to - row);
      data.copyFeatures(row, row + count, FloatBuffer.wrap(values));
      target.offset((long) (row - from) * width).write(values, 0, count * width);
    }
  }

  private static float[] floats(LabeledData data, int from, int to, int size) {
    float[] values = new float[size];
    data.copyFeatures(from, to, FloatBuffer.wrap(values));
    return values;
  }

  /** A model that takes bytes takes the pixels of 0..255 that were scaled to 0..1. */
  private static Tensor bytes(Shape shape, float[] values) {
    byte[] pixels = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      pixels[i] = (byte) Math.round(values[i] * 255);
    }
    return TUint8.tensorOf(shape, DataBuffers.of(pixels, true, false));
  }

  /** Token ids, for instance, which are never rounded: half an id is no id. */
  private static double[] wholeNumbers(
      LabeledData data, int from, int to, double least, double most, String where) {
    int width = data.featureWidth();
    double[] values = new double[Math.multiplyExact(to - from, width)];
    data.copyFeatures(from, to, DoubleBuffer.wrap(values));
    for (int i = 0; i < values.length; i++) {
      if (values[i] != Math.rint(values[i]) || values[i] < least || values[i] > most) {
        throw new InvalidInputException(
            "%s: expected whole numbers from %.0f to %.0f, found %s at sample %d, value %d of %s"
                .formatted(
                    where, least, most, values[i], from + i / width, i % width, data.name()));
      }
    }
    return values;
  }

  private static Shape batchShape(LabeledData data, int count, Shape expected, String where) {
    if (expected.isUnknown()) {
      long[] dims = new long[data.featureShape().size() + 1];
      dims[0] = count;
      for (int i = 1; i < dims.length; i++) {
        dims[i] = data.featureShape().get(i - 1);
      }
      return Shape.of(dims);
    }
    long[] dims = expected.asArray().clone();
    if (Arrays.stream(dims).skip(1).filter(size -> size == Shape.UNKNOWN_SIZE).count() > 1) {
      takeOpenSizes(dims, data.featureShape());
    }
    long known = 1;
    int open = -1;
    for (int i = 1; i < dims.length; i++) {
      if (dims[i] == Shape.UNKNOWN_SIZE && open < 0) {
        open = i;
      } else {
        known *= dims[i];
      }
    }
    if (open > 0 && known > 0) {
      dims[open] = data.featureWidth() / known;
      known *= dims[open];
    }
    boolean allKnown = Arrays.stream(dims).skip(1).noneMatch(size -> size == Shape.UNKNOWN_SIZE);
    boolean batchFits = dims.length > 0 && (dims[0] == Shape.UNKNOWN_SIZE || dims[0] == count);
    if (!allKnown || known != data.featureWidth() || !batchFits) {
      throw new InvalidInputException(
          "%s: expected samples of shape %s, found %s of shape %s"
              .formatted(where, perSample(expected), data.name(), data.featureShape()));
    }
    dims[0] = count;
    return Shape.of(dims);
  }

  /** Several open axes can only be those of the samples themselves, where the others agree. */
  private static void takeOpenSizes(long[] dims, List<Integer> sample) {
    boolean agree = sample.size() == dims.length - 1;
    for (int i = 1; agree && i < dims.length; i++) {
      agree = dims[i] == Shape.UNKNOWN_SIZE || dims[i] == sample.get(i - 1);
    }
    for (int i = 1; agree && i < dims.length; i++) {
      dims[i] = sample.get(i - 1);
    }
  }

  /** The shape without the batch's axis, as data shows its own. */
  private static List<String> perSample(Shape expected) {
    return Arrays.stream(expected.asArray())
        .skip(1)
        .mapToObj(size -> size == Shape.UNKNOWN_SIZE ? "?" : Long.toString(size))
        .toList();
  }
}
