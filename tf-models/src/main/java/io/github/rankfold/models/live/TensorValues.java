package io.github.rankfold.models.live;

import org.tensorflow.Tensor;
import org.tensorflow.ndarray.FloatNdArray;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.ndarray.buffer.FloatDataBuffer;
import org.tensorflow.proto.DataType;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;

/** Heap copies of floating tensors, and tensors of heap arrays. */
public final class TensorValues {
  private static final int CHUNK = 1 << 13;

  private TensorValues() {}

  /** The values, row-major, whatever floating type they have. */
  public static double[] toDoubles(Tensor tensor) {
    if (tensor instanceof TFloat64) {
      double[] values = new double[Math.toIntExact(tensor.shape().size())];
      tensor.asRawTensor().data().asDoubles().read(values);
      return values;
    }
    double[] values = new double[Math.toIntExact(tensor.shape().size())];
    addTo(tensor, values);
    return values;
  }

  /** Adds the values to {@code sums}, of the same size. */
  public static void addTo(Tensor tensor, double[] sums) {
    if (!(tensor instanceof TFloat32)) {
      double[] values = tensor instanceof TFloat64 ? toDoubles(tensor) : widened(tensor);
      for (int i = 0; i < values.length; i++) {
        sums[i] += values[i];
      }
      return;
    }
    FloatDataBuffer values = tensor.asRawTensor().data().asFloats();
    float[] chunk = new float[Math.min(CHUNK, sums.length)]; // stays in the cache
    for (int from = 0; from < sums.length; from += chunk.length) {
      int count = Math.min(chunk.length, sums.length - from);
      values.offset(from).read(chunk, 0, count);
      for (int i = 0; i < count; i++) {
        sums[from + i] += chunk[i];
      }
    }
  }

  /** Copies {@code count} values, the first that of index {@code from}, to the front of target. */
  static void read(TFloat32 tensor, long from, int count, double[] target) {
    FloatDataBuffer values = tensor.asRawTensor().data().asFloats();
    float[] chunk = new float[Math.min(CHUNK, count)];
    for (int start = 0; start < count; start += chunk.length) {
      int some = Math.min(chunk.length, count - start);
      values.offset(from + start).read(chunk, 0, some);
      for (int i = 0; i < some; i++) {
        target[start + i] = chunk[i];
      }
    }
  }

  private static double[] widened(Tensor tensor) {
    float[] values = toFloats(tensor);
    double[] result = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      result[i] = values[i];
    }
    return result;
  }

  /** As {@link #toDoubles}, rounded to single precision. */
  public static float[] toFloats(Tensor tensor) {
    float[] values = new float[Math.toIntExact(tensor.shape().size())];
    if (tensor instanceof TFloat32) {
      tensor.asRawTensor().data().asFloats().read(values);
    } else if (tensor instanceof TFloat64) {
      double[] doubles = toDoubles(tensor);
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) doubles[i];
      }
    } else if (tensor instanceof FloatNdArray narrow) {
      narrow.copyTo(DataBuffers.of(values, false, false));
    } else {
      throw new IllegalArgumentException(
          "expected a tensor of a floating type, found " + tensor.dataType());
    }
    return values;
  }

  /** A tensor of this type and shape with these values, rounded; the caller closes it. */
  public static Tensor of(DataType type, Shape shape, double[] values) {
    if (type == DataType.DT_DOUBLE) {
      return TFloat64.tensorOf(shape, DataBuffers.of(values, true, false));
    }
    float[] rounded = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      rounded[i] = (float) values[i];
    }
    return of(type, shape, rounded);
  }

  /** The nearest, ties to even: TensorFlow Java cuts off the lower half. */
  private static float toBfloat16(float value) {
    int bits = Float.floatToIntBits(value);
    int nearest = bits + 0x7fff + (bits >>> 16 & 1);
    return Float.isNaN(value) ? value : Float.intBitsToFloat(nearest & 0xffff0000);
  }

  /** As the double variant, from single precision. */
  public static Tensor of(DataType type, Shape shape, float[] values) {
    var buffer = DataBuffers.of(values, true, false);
    return switch (type) {
      case DT_FLOAT -> TFloat32.tensorOf(shape, buffer);
      case DT_HALF -> TFloat16.tensorOf(shape, buffer);
      case DT_BFLOAT16 -> {
        float[] rounded = new float[values.length];
        for (int i = 0; i < values.length; i++) {
          rounded[i] = toBfloat16(values[i]);
        }
        yield TBfloat16.tensorOf(shape, DataBuffers.of(rounded, true, false));
      }
      default -> throw new IllegalArgumentException("expected a floating type, found " + type);
    };
  }
}
