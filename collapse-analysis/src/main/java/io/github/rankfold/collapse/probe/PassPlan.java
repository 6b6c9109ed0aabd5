package io.github.rankfold.collapse.probe;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
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

  /** One batch, run; good until it is closed. */
  static final class Batch implements AutoCloseable {
    private final Result result;
    private final List<Integer> beside;
    private final int[] labels;
    private final Set<Integer> taken = new HashSet<>();

    private Batch(Result result, List<Integer> beside, int[] labels) {
      this.result = result;
      this.beside = beside;
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

    /** The tensor number {@code index} of those that were fetched beside the plan's. */
    Tensor beside(int index) {
      return result.get(beside.get(index));
    }

    /** As {@link #beside}; the caller closes it. */
    Tensor takeBeside(int index) {
      taken.add(beside.get(index));
      return beside(index);
    }

    /** Closes all tensors that were not taken. */
    @Override
    public void close() {
      for (int i = 0; i < result.size(); i++) {
        if (!taken.contains(i)) {
          result.get(i).close();
        }
      }
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

  /**
   * Runs one batch whose data and labels are fed already; the caller closes it.
   *
   * @param labels the classes of its samples
   * @param beside what is fetched, too
   */
  Batch run(Session.Runner runner, int[] labels, List<Output<?>> beside) {
    Map<Output<?>, Integer> all = new LinkedHashMap<>(fetches);
    List<Integer> places = new ArrayList<>();
    for (Output<?> output : beside) { // which the plan may have: a tensor is fetched but once
      places.add(all.computeIfAbsent(output, added -> all.size()));
    }
    all.keySet().forEach(runner::fetch);
    feeds.forEach(runner::feed);
    return new Batch(runner.run(), places, labels);
  }

  void accept(Batch batch) {
    readers.forEach(reader -> reader.accept(batch));
  }

  @Override
  public void close() {
    feeds.values().forEach(Tensor::close);
  }
}
