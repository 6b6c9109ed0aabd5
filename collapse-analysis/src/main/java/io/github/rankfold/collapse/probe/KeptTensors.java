package io.github.rankfold.collapse.probe;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Output;
import org.tensorflow.Session;
import org.tensorflow.Tensor;

/**
 * What the first pass leaves in native memory for the second, where it fits: the data, what enters
 * the layers, and the gradients of what leaves them. The second pass is fed with these in their
 * places in the graph, so that the model need not run again.
 *
 * <p>All is kept, or else the gradients alone, which spares the way back through the model, or else
 * nothing, and memory stays O(width x classes): as the bytes of the first batch tell. Closed by
 * whoever made it.
 */
final class KeptTensors implements AutoCloseable {
  private final long budget;
  private final int samples;
  private final Set<Output<?>> features;
  private final Set<Output<?>> gradients;
  private final List<Tensor> inputs = new ArrayList<>();
  private final List<List<Tensor>> batches = new ArrayList<>();

  /** What is kept; null until the first batch tells what fits. */
  private @Nullable List<Output<?>> chosen;

  private boolean inputsToo;

  /**
   * @param budget the most bytes that are kept
   * @param samples N
   * @param features tensors of the model
   * @param gradients likewise
   */
  KeptTensors(
      long budget, int samples, Collection<Output<?>> features, Collection<Output<?>> gradients) {
    this.budget = budget;
    this.samples = samples;
    this.features = new LinkedHashSet<>(features);
    this.gradients = new LinkedHashSet<>(gradients);
    this.features.removeAll(gradients);
    if (budget <= 0) {
      this.chosen = List.of();
    }
  }

  /** What the first pass fetches of its next batch for {@link #keep}. */
  List<Output<?>> wanted() {
    if (chosen != null) {
      return chosen;
    }
    List<Output<?>> all = new ArrayList<>(gradients);
    all.addAll(features);
    return all;
  }

  /**
   * Takes what is kept of a batch of the first pass; batches come in order.
   *
   * @param input what was fed; {@link #holds} tells whether it was taken
   * @param batch run with {@link #wanted} beside
   */
  void keep(Tensor input, PassPlan.Batch batch) {
    List<Output<?>> fetched = wanted();
    if (chosen == null) {
      chosen = choose(input, batch, fetched);
    }
    List<Tensor> taken = new ArrayList<>();
    batches.add(taken);
    for (int i = 0; i < fetched.size(); i++) {
      if (chosen.contains(fetched.get(i))) {
        taken.add(batch.takeBeside(i));
      }
    }
    if (inputsToo) {
      inputs.add(input);
    }
  }

  private List<Output<?>> choose(Tensor input, PassPlan.Batch batch, List<Output<?>> fetched) {
    double batchesToCome = (double) samples / batch.labels().length;
    long ofGradients = 0;
    long all = input.numBytes();
    for (int i = 0; i < fetched.size(); i++) {
      long bytes = batch.beside(i).numBytes();
      all += bytes;
      ofGradients += gradients.contains(fetched.get(i)) ? bytes : 0;
    }
    inputsToo = all * batchesToCome <= budget;
    if (inputsToo) {
      return fetched;
    }
    return ofGradients * batchesToCome <= budget ? List.copyOf(gradients) : List.of();
  }

  /** Whether this will close {@code input}. */
  boolean holds(Tensor input) {
    return !inputs.isEmpty() && inputs.get(inputs.size() - 1) == input;
  }

  /** The data of a batch, where it was kept. */
  Optional<Tensor> input(int batch) {
    return batch < inputs.size() ? Optional.of(inputs.get(batch)) : Optional.empty();
  }

  /** Feeds what was kept of a batch. */
  void feed(Session.Runner runner, int batch) {
    List<Output<?>> outputs = wanted();
    for (int i = 0; i < outputs.size(); i++) {
      runner.feed(outputs.get(i), batches.get(batch).get(i));
    }
  }

  @Override
  public void close() {
    batches.forEach(batch -> batch.forEach(Tensor::close));
    inputs.forEach(Tensor::close);
  }
}
