package io.github.rankfold.collapse.probe;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.Tensor;

/**
 * What one pass fetches of every batch, what it feeds beside the data, and who reads what comes.
 *
 * <p>Closed by whoever made it: the fed tensors live as long as the pass.
 */
final class PassPlan implements AutoCloseable {
  private final Map<Output<?>, Integer> fetches = new LinkedHashMap<>();
  private final Map<Output<?>, Tensor> feeds = new LinkedHashMap<>();
  private final List<Consumer<Batch>> readers = new ArrayList<>();

  /** One batch, run; good until its reader returns. */
  static final class Batch {
    private final Result result;
    private final int[] labels;

    Batch(Result result, int[] labels) {
      this.result = result;
      this.labels = labels;
    }

    /** The classes of its samples. */
    int[] labels() {
      return labels;
    }

    /** What was fetched as number {@code index}. */
    Tensor get(int index) {
      return result.get(index);
    }

    /** Classes that were fetched as number {@code index}. */
    int[] predictions(int index) {
      int[] classes = new int[labels.length];
      get(index).asRawTensor().data().asInts().read(classes);
      return classes;
    }
  }

  /** Adds a fetch; returns the index of its tensor in a batch. */
  int fetch(Operand<?> tensor) {
    return fetches.computeIfAbsent(tensor.asOutput(), output -> fetches.size());
  }

  /** Feeds the same tensor in every batch, and closes it with this plan. */
  void feed(Operand<?> placeholder, Tensor tensor) {
    feeds.put(placeholder.asOutput(), tensor);
  }

  void read(Consumer<Batch> reader) {
    readers.add(reader);
  }

  /** Runs one batch whose data and labels are fed already. */
  Result run(Session.Runner runner) {
    fetches.keySet().forEach(runner::fetch);
    feeds.forEach(runner::feed);
    return runner.run();
  }

  void accept(Batch batch) {
    readers.forEach(reader -> reader.accept(batch));
  }

  @Override
  public void close() {
    feeds.values().forEach(Tensor::close);
  }
}
