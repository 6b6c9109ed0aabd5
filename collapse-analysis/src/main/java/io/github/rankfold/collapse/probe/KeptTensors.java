package io.github.rankfold.collapse.probe;

import io.github.rankfold.models.live.InputBatch;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.tensorflow.Output;
import org.tensorflow.Session;
import org.tensorflow.Tensor;

/**
 * What the first pass leaves in native memory for the second, where it fits: the data, what enters
 * the layers, and the gradients of what leaves them. The second pass is fed with these in their
 * places in the graph, so that the model need not run again.
 *
 * <p>Kept are as many batches as the budget has room for, from the first on; for the others the
 * model runs twice, so that memory stays O(width x classes) beyond the budget. Closed by whoever
 * made it.
 */
final class KeptTensors implements AutoCloseable {
  private final long budget;
  private final List<Output<?>> outputs;
  private final List<InputBatch> inputs = new ArrayList<>();
  private final List<List<Tensor>> batches = new ArrayList<>();
  private long bytes;
  private boolean isFull;

  /**
   * @param budget the most bytes that are kept
   * @param features tensors of the model
   * @param gradients likewise
   */
  KeptTensors(long budget, Collection<Output<?>> features, Collection<Output<?>> gradients) {
    this.budget = budget;
    Set<Output<?>> all = new LinkedHashSet<>(gradients);
    all.addAll(features);
    this.outputs = List.copyOf(all);
    this.isFull = budget <= 0;
  }

  /** What the first pass fetches of its next batch for {@link #keep}. */
  List<Output<?>> wanted() {
    return isFull ? List.of() : outputs;
  }

  /**
   * Takes a batch of the first pass, if there is room; batches come in order.
   *
   * @param input what was fed; {@link #holds} tells whether it was taken
   * @param batch run with {@link #wanted} beside
   */
  void keep(InputBatch input, PassPlan.Batch batch) {
    if (isFull) {
      return;
    }
    long size = input.bytes();
    for (int i = 0; i < outputs.size(); i++) {
      size += batch.beside(i).numBytes();
    }
    if (bytes + size > budget) {
      isFull = true; // a shorter last batch is not worth a gap
      return;
    }
    bytes += size;
    inputs.add(input);
    List<Tensor> taken = new ArrayList<>();
    batches.add(taken);
    for (int i = 0; i < outputs.size(); i++) {
      taken.add(batch.takeBeside(i));
    }
  }

  /** Whether this will close {@code input}. */
  boolean holds(InputBatch input) {
    return !inputs.isEmpty() && inputs.get(inputs.size() - 1) == input;
  }

  /** The data of a batch, where it was kept. */
  Optional<InputBatch> input(int batch) {
    return batch < inputs.size() ? Optional.of(inputs.get(batch)) : Optional.empty();
  }

  /** Feeds what was kept of a batch; nothing where nothing was. */
  void feed(Session.Runner runner, int batch) {
    if (batch < batches.size()) {
      for (int i = 0; i < outputs.size(); i++) {
        runner.feed(outputs.get(i), batches.get(batch).get(i));
      }
    }
  }

  @Override
  public void close() {
    batches.forEach(batch -> batch.forEach(Tensor::close));
    inputs.forEach(InputBatch::close);
  }
}
