package io.github.rankfold.models.live;

import io.github.rankfold.models.savedmodel.TensorRef;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.tensorflow.Output;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TString;
import org.tensorflow.types.TUint8;

/**
 * Inputs for a signature of which only types and shapes are known: numbers in [0, 1), small
 * integers, short texts. The same for the same signature. Whoever makes them closes them.
 */
public final class GeneratedInputs implements AutoCloseable {
  private static final long SEED = 20240203991L;

  /** Two samples show what a graph does to its batch; of large ones, images, the second costs. */
  private static final int LARGE_SAMPLE = 1 << 16;

  private final Map<String, Tensor> byKey;

  private final boolean openSizes;

  private GeneratedInputs(Map<String, Tensor> byKey, boolean openSizes) {
    this.byKey = byKey;
    this.openSizes = openSizes;
  }

  /**
   * Two samples for each input of a signature, one where a sample is large; empty where an input
   * has a type that cannot be made up.
   *
   * @param openSize what to take for sizes that are unknown, but for the batch
   */
  public static Optional<GeneratedInputs> of(
      LiveModel model, SignatureDef signature, int openSize) {
    boolean large =
        signature.getInputsMap().values().stream()
            .map(info -> model.tensor(TensorRef.parse(info.getName())).shape())
            .anyMatch(declared -> shape(declared, 1, openSize).size() > LARGE_SAMPLE);
    return of(model, signature, large ? 1 : 2, openSize);
  }

  /**
   * As above, of any number of samples.
   *
   * @param batch the number of samples, where the graph leaves it open
   */
  public static Optional<GeneratedInputs> of(
      LiveModel model, SignatureDef signature, int batch, int openSize) {
    SplittableRandom random = new SplittableRandom(SEED);
    Map<String, Tensor> byKey = new LinkedHashMap<>();
    boolean openSizes = false;
    try {
      for (Map.Entry<String, TensorInfo> entry : signature.getInputsMap().entrySet()) {
        Output<?> input = model.tensor(TensorRef.parse(entry.getValue().getName()));
        Optional<Tensor> tensor =
            random(input.dataType(), shape(input.shape(), batch, openSize), random.split());
        if (tensor.isEmpty()) {
          byKey.values().forEach(Tensor::close);
          return Optional.empty();
        }
        byKey.put(entry.getKey(), tensor.get());
        openSizes |= hasOpenSizes(input.shape());
      }
    } catch (RuntimeException | Error e) {
      byKey.values().forEach(Tensor::close);
      throw e;
    }
    return Optional.of(new GeneratedInputs(byKey, openSizes));
  }

  /** Whether any size but the batch's was taken and not known. */
  public boolean hasOpenSizes() {
    return openSizes;
  }

  private static boolean hasOpenSizes(Shape declared) {
    return declared.isUnknown()
        || Arrays.stream(declared.asArray()).skip(1).anyMatch(size -> size == Shape.UNKNOWN_SIZE);
  }

  /** By input key; valid until this is closed. */
  public Map<String, Tensor> byKey() {
    return Map.copyOf(byKey);
  }

  private static Shape shape(Shape declared, int batch, int openSize) {
    if (declared.isUnknown()) {
      return Shape.of(batch, openSize);
    }
    long[] sizes = declared.asArray().clone();
    for (int axis = 0; axis < sizes.length; axis++) {
      if (sizes[axis] == Shape.UNKNOWN_SIZE) {
        sizes[axis] = axis == 0 ? batch : openSize;
      }
    }
    return Shape.of(sizes);
  }

  private static Optional<Tensor> random(DataType type, Shape shape, SplittableRandom random) {
    int size = Math.toIntExact(shape.size());
    return switch (type) {
      case DT_FLOAT, DT_DOUBLE, DT_HALF, DT_BFLOAT16 ->
          Optional.of(TensorValues.of(type, shape, random.doubles(size).toArray()));
      case DT_INT32 ->
          Optional.of(
              TInt32.tensorOf(
                  shape, DataBuffers.of(random.ints(size, 0, 2).toArray(), true, false)));
      case DT_INT64 ->
          Optional.of(
              TInt64.tensorOf(
                  shape, DataBuffers.of(random.longs(size, 0, 2).toArray(), true, false)));
      case DT_UINT8 -> {
        byte[] values = new byte[size];
        random.nextBytes(values);
        yield Optional.of(TUint8.tensorOf(shape, DataBuffers.of(values, true, false)));
      }
      case DT_BOOL -> {
        boolean[] values = new boolean[size];
        for (int i = 0; i < size; i++) {
          values[i] = random.nextBoolean();
        }
        yield Optional.of(TBool.tensorOf(shape, DataBuffers.of(values, true, false)));
      }
      case DT_STRING -> {
        var texts = NdArrays.ofObjects(String.class, shape);
        texts.scalars().forEach(text -> text.setObject("a b"));
        yield Optional.of(TString.tensorOf(texts));
      }
      default -> Optional.empty();
    };
  }

  @Override
  public void close() {
    byKey.values().forEach(Tensor::close);
  }
}
