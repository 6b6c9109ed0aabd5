package io.github.rankfold.models.live;

import io.github.rankfold.models.InvalidInputException;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.data.SampleArray;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.ndarray.buffer.FloatDataBuffer;
import org.tensorflow.proto.DataType;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TString;
import org.tensorflow.types.TUint8;

/** Turns an array of some samples into a tensor of the type and shape that a model's input has. */
final class InputTensors {
  /** Values of a float input that are copied at a time. */
  private static final int CHUNK = 1 << 16;

  /** Every whole number up to this is a double. */
  private static final double EXACT = 1L << 53;

  private final LabeledData data;
  private final SampleArray array;
  private final int from;
  private final int to;
  private final String where;

  private InputTensors(LabeledData data, SampleArray array, int from, int to, String where) {
    this.data = data;
    this.array = array;
    this.from = from;
    this.to = to;
    this.where = where;
  }

  /**
   * Samples {@code from} (inclusive) to {@code to} (exclusive).
   *
   * @param array which of the data's arrays
   * @param expected the input's static shape, batch first; the sample's values are reshaped to it
   *     where the shapes agree up to axes of size 1, or one of them has one axis, [784] to [28, 28,
   *     1] for instance
   * @param where names the input in messages
   */
  static Tensor of(
      LabeledData data,
      SampleArray array,
      int from,
      int to,
      Shape expected,
      DataType type,
      String where) {
    return new InputTensors(data, array, from, to, where).tensor(expected, type);
  }

  private Tensor tensor(Shape expected, DataType type) {
    if (array.isText() != (type == DataType.DT_STRING)) {
      throw new InvalidInputException(
          "%s: expected %s, found %s of %s"
              .formatted(
                  where,
                  type == DataType.DT_STRING ? "text" : "numbers for an input of type " + type,
                  array.isText() ? "text" : "numbers",
                  found()));
    }
    Shape shape = batchShape(expected);
    int size = Math.multiplyExact(to - from, array.elements());
    return switch (type) {
      case DT_DOUBLE -> TFloat64.tensorOf(shape, DataBuffers.of(doubles(), true, false));
      case DT_FLOAT -> TFloat32.tensorOf(shape, this::fill);
      case DT_HALF, DT_BFLOAT16 -> TensorValues.of(type, shape, floats());
      case DT_UINT8 -> TUint8.tensorOf(shape, DataBuffers.of(bytes(), true, false));
      case DT_INT32 -> {
        double[] values = wholeNumbers(Integer.MIN_VALUE, Integer.MAX_VALUE);
        int[] ids = new int[size];
        Arrays.setAll(ids, i -> (int) values[i]);
        yield TInt32.tensorOf(shape, DataBuffers.of(ids, true, false));
      }
      case DT_INT64 -> {
        double[] values = wholeNumbers(-EXACT, EXACT);
        long[] ids = new long[size];
        Arrays.setAll(ids, i -> (long) values[i]);
        yield TInt64.tensorOf(shape, DataBuffers.of(ids, true, false));
      }
      case DT_BOOL -> {
        double[] values = wholeNumbers(0, 1);
        boolean[] flags = new boolean[size];
        for (int i = 0; i < size; i++) {
          flags[i] = values[i] != 0;
        }
        yield TBool.tensorOf(shape, DataBuffers.of(flags, true, false));
      }
      case DT_STRING -> {
        var texts = NdArrays.ofObjects(String.class, shape);
        double[] codePoints = doubles();
        int[] next = {0};
        texts.scalars().forEach(text -> text.setObject(text(codePoints, next[0]++)));
        yield TString.tensorOf(texts);
      }
      default ->
          throw new InvalidInputException(
              "%s: expected an input of a floating type, bytes, int32, int64, bool or text, found %s"
                  .formatted(where, type));
    };
  }

  /** Text {@code number} of the samples, up to the zeros behind its end. */
  private String text(double[] codePoints, int number) {
    int length = array.characters();
    StringBuilder text = new StringBuilder();
    for (int i = number * length; i < (number + 1) * length && codePoints[i] != 0; i++) {
      text.appendCodePoint((int) codePoints[i]);
    }
    return text.toString();
  }

  /** Some rows at a time, by an array that stays in the cache: a buffer is copied bytewise. */
  private void fill(TFloat32 tensor) {
    FloatDataBuffer target = tensor.asRawTensor().data().asFloats();
    int width = data.featureWidth();
    int rows = Math.max(1, Math.min(to - from, CHUNK / Math.max(1, width)));
    float[] values = new float[Math.multiplyExact(rows, width)];
    for (int row = from; row < to; row += rows) {
      int count = Math.min(rows, to - row);
      data.copyFeatures(row, row + count, FloatBuffer.wrap(values));
      if (array.width() == width) {
        target.offset((long) (row - from) * width).write(values, 0, count * width);
      } else {
        for (int i = 0; i < count; i++) {
          target
              .offset((long) (row - from + i) * array.width())
              .write(values, i * width + array.from(), array.width());
        }
      }
    }
  }

  private float[] floats() {
    float[] rows = new float[Math.multiplyExact(to - from, data.featureWidth())];
    data.copyFeatures(from, to, FloatBuffer.wrap(rows));
    return ofArray(rows, float[]::new);
  }

  private double[] doubles() {
    double[] rows = new double[Math.multiplyExact(to - from, data.featureWidth())];
    data.copyFeatures(from, to, DoubleBuffer.wrap(rows));
    return ofArray(rows, double[]::new);
  }

  /** The array's part of each row, one after the other. */
  private <T> T ofArray(T rows, IntFunction<T> ofSize) {
    int width = array.width();
    if (width == data.featureWidth()) {
      return rows;
    }
    T values = ofSize.apply((to - from) * width);
    for (int i = 0; i < to - from; i++) {
      System.arraycopy(rows, i * data.featureWidth() + array.from(), values, i * width, width);
    }
    return values;
  }

  /** Whole numbers go as they are; others are bytes that were scaled to 0..1. */
  private byte[] bytes() {
    boolean whole = array.kind() == SampleArray.Kind.WHOLE_NUMBERS;
    double[] values = whole ? wholeNumbers(0, 255) : doubles();
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      if (!whole && !(values[i] >= 0 && values[i] <= 1)) {
        throw new InvalidInputException(
            "%s: expected integers, or numbers from 0 to 1 for bytes, found %s at sample %d, value %d of %s"
                .formatted(where, values[i], from + i / array.width(), i % array.width(), found()));
      }
      bytes[i] = (byte) Math.round(whole ? values[i] : values[i] * 255);
    }
    return bytes;
  }

  /** Token ids, for instance, which are never rounded: half an id is no id. */
  private double[] wholeNumbers(double least, double most) {
    int width = array.width();
    double[] values = doubles();
    for (int i = 0; i < values.length; i++) {
      if (values[i] != Math.rint(values[i]) || values[i] < least || values[i] > most) {
        throw new InvalidInputException(
            "%s: expected whole numbers from %.0f to %.0f, found %s at sample %d, value %d of %s"
                .formatted(where, least, most, values[i], from + i / width, i % width, found()));
      }
    }
    return values;
  }

  /** The data, and which of its arrays. */
  private String found() {
    return array.name().isEmpty()
        ? data.name()
        : "array %s of %s".formatted(array.name(), data.name());
  }

  private Shape batchShape(Shape expected) {
    int count = to - from;
    List<Integer> sample = array.shape();
    if (expected.isUnknown()) {
      long[] dims = new long[sample.size() + 1];
      dims[0] = count;
      for (int i = 1; i < dims.length; i++) {
        dims[i] = sample.get(i - 1);
      }
      return Shape.of(dims);
    }
    long[] dims = expected.asArray().clone();
    if (Arrays.stream(dims).skip(1).filter(size -> size == Shape.UNKNOWN_SIZE).count() > 1) {
      takeOpenSizes(dims, sample);
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
      dims[open] = array.elements() / known;
      known *= dims[open];
    }
    boolean allKnown = Arrays.stream(dims).skip(1).noneMatch(size -> size == Shape.UNKNOWN_SIZE);
    boolean sizeFits = dims.length > 0 && allKnown && known == array.elements();
    if (!sizeFits || !isSameShape(Arrays.copyOfRange(dims, 1, dims.length), sample)) {
      throw new InvalidInputException(
          "%s: expected samples of shape %s, found %s of shape %s%s"
              .formatted(
                  where,
                  perSample(expected),
                  found(),
                  sample,
                  isTransposed(expected, sample) ? ": transpose them" : ""));
    }
    if (dims[0] != Shape.UNKNOWN_SIZE && dims[0] != count) {
      throw new InvalidInputException(
          "%s: expected an open first axis, found one of %d: the model takes %d sample(s) a call, no more and no less; export it with a batch of any size"
              .formatted(where, dims[0], dims[0]));
    }
    dims[0] = count;
    return Shape.of(dims);
  }

  /** Up to axes of size 1, or with one shape flat: whatever else has as many values is another. */
  private static boolean isSameShape(long[] dims, List<Integer> sample) {
    long[] wanted = Arrays.stream(dims).filter(size -> size != 1).toArray();
    long[] given = sample.stream().mapToLong(Integer::longValue).filter(s -> s != 1).toArray();
    return wanted.length <= 1 || given.length <= 1 || Arrays.equals(wanted, given);
  }

  /** Whether the known sizes are among the sample's, which has as many axes. */
  private static boolean isTransposed(Shape expected, List<Integer> sample) {
    List<Long> sizes = new ArrayList<>(sample.stream().map(Integer::longValue).toList());
    return expected.numDimensions() == sample.size() + 1
        && Arrays.stream(expected.asArray())
            .skip(1)
            .filter(size -> size != Shape.UNKNOWN_SIZE)
            .allMatch(sizes::remove);
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
