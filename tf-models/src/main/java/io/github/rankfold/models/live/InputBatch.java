package io.github.rankfold.models.live;

import io.github.rankfold.models.InvalidInputException;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.data.SampleArray;
import io.github.rankfold.models.savedmodel.TensorRef;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.tensorflow.Output;
import org.tensorflow.Session;
import org.tensorflow.Tensor;

/** Some samples as tensors for the inputs of a signature. Closed by whoever made it. */
public final class InputBatch implements AutoCloseable {
  private final Map<TensorRef, Tensor> tensors;

  private InputBatch(Map<TensorRef, Tensor> tensors) {
    this.tensors = tensors;
  }

  /** A tensor for an input, owned from now on. */
  public static InputBatch of(TensorRef input, Tensor tensor) {
    return new InputBatch(Map.of(input, tensor));
  }

  /**
   * Samples as the inputs of the called signature want them. An array without a name is for the
   * only input, others are for those of their names; arrays for no input are left out.
   */
  static InputBatch of(LiveModel model, LabeledData data, int from, int to) {
    Map<String, TensorRef> inputs = model.inputs();
    InputBatch batch = new InputBatch(new LinkedHashMap<>());
    try {
      for (Map.Entry<String, TensorRef> input : inputs.entrySet()) {
        SampleArray array = arrayOf(model, inputs.keySet(), input.getKey(), data);
        Output<?> target = model.tensor(input.getValue());
        String where = "%s: input %s".formatted(model.files().folder(), input.getKey());
        batch.tensors.computeIfAbsent(
            input.getValue(), // that two keys may have
            key ->
                InputTensors.of(data, array, from, to, target.shape(), target.dataType(), where));
      }
    } catch (RuntimeException e) {
      batch.close();
      throw e;
    }
    return batch;
  }

  /**
   * Which of the data's arrays an input of the called signature is fed.
   *
   * @param inputs the keys of all inputs
   */
  static SampleArray arrayOf(LiveModel model, Set<String> inputs, String key, LabeledData data) {
    List<SampleArray> arrays = data.arrays();
    return inputs.size() == 1 && arrays.size() == 1
        ? arrays.get(0)
        : named(key, arrays).orElseThrow(() -> unmatched(model, inputs, data));
  }

  private static Optional<SampleArray> named(String key, List<SampleArray> arrays) {
    return arrays.stream().filter(array -> array.name().equals(key)).findFirst();
  }

  private static InvalidInputException unmatched(
      LiveModel model, Set<String> inputs, LabeledData data) {
    List<String> names = data.arrays().stream().map(SampleArray::name).toList();
    if (inputs.size() == 1) {
      return new InvalidInputException(
          "%s: signature %s: expected one array of features (npz:FILE?features=KEY&labels=KEY), found %s in %s"
              .formatted(
                  model.files().folder(),
                  model.signatureKey(),
                  String.join(", ", names),
                  data.name()));
    }
    return new InvalidInputException(
        "%s: signature %s: expected an array for each input, named %s (npz:FILE?features=%s), found %s in %s"
            .formatted(
                model.files().folder(),
                model.signatureKey(),
                String.join(", ", inputs),
                String.join(",", inputs),
                names.size() == 1 ? "one array" : String.join(", ", names),
                data.name()));
  }

  /**
   * Feeds all inputs.
   *
   * @param places where the model's tensors are in the graph that runs
   */
  public Session.Runner feed(Session.Runner runner, Function<TensorRef, Output<?>> places) {
    tensors.forEach((input, tensor) -> runner.feed(places.apply(input), tensor));
    return runner;
  }

  /** The tensor of a model's only input. */
  public Tensor only() {
    if (tensors.size() != 1) {
      throw new IllegalStateException("expected one input, is " + tensors.keySet());
    }
    return tensors.values().iterator().next();
  }

  /** How many samples these are. */
  public long samples() {
    return tensors.values().iterator().next().shape().get(0);
  }

  /** The memory that the tensors take. */
  public long bytes() {
    return tensors.values().stream().mapToLong(Tensor::numBytes).sum();
  }

  @Override
  public void close() {
    tensors.values().forEach(Tensor::close);
  }
}
