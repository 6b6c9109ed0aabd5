package io.github.rankfold.collapse.probe;

import io.github.rankfold.models.layers.KernelUse;
import io.github.rankfold.models.live.InputBatch;
import io.github.rankfold.models.live.LiveModel;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/**
 * The gradients of the sum of softmax cross-entropies, added to a model's graph.
 *
 * <p>With {@code p = softmax(logits)} [B x K], the per-sample gradient of the logits is {@code p -
 * onehot(label)}; from there TensorFlow's own gradients give {@code delta_l = d(sum loss)/d a_l} of
 * each pre-activation.
 */
final class Backpropagation {
  private static final AtomicInteger CALLS = new AtomicInteger();

  private final Map<KernelUse, Output<?>> deltas = new LinkedHashMap<>();
  private final Map<KernelUse, String> obstacles = new LinkedHashMap<>();
  private final Output<TNumber> seed;

  private Backpropagation(Output<TNumber> seed) {
    this.seed = seed;
  }

  /**
   * Adds the gradients of these uses as far as there are some.
   *
   * @param labels int32 [B]
   * @param outputs the width of the logits
   */
  static Backpropagation addTo(
      LiveModel model, Collection<KernelUse> uses, Operand<TInt32> labels, int outputs) {
    Ops tf = Ops.create(model.graph()).withSubScope("rankfold_gradient");
    Output<?> logits = model.tensor(model.logits());
    Output<TNumber> seed = logitGradient(tf, logits, labels, outputs);
    Backpropagation result = new Backpropagation(seed);
    List<KernelUse> wanted = new ArrayList<>(uses);
    Optional<String> failure = result.add(model, wanted, logits, seed);
    if (failure.isPresent()) { // one operation without a gradient spoils all that are asked with it
      for (KernelUse use : uses) {
        new Backpropagation(seed)
            .add(model, List.of(use), logits, seed)
            .ifPresent(
                because -> {
                  wanted.remove(use);
                  result.obstacles.put(use, because);
                });
      }
      result.add(model, wanted, logits, seed).ifPresent(because -> wanted.clear());
    }
    return result;
  }

  /** Adds gradients in one call; says why there are none. */
  private Optional<String> add(
      LiveModel model, List<KernelUse> uses, Output<?> logits, Output<?> seed) {
    if (uses.isEmpty()) {
      return Optional.empty();
    }
    @Nullable Output<?>[] gradients;
    try {
      gradients =
          model
              .graph()
              .addGradients(
                  "rankfold_gradients_" + CALLS.incrementAndGet(),
                  new Output<?>[] {logits},
                  uses.stream()
                      .map(use -> model.tensor(use.preActivation()))
                      .toArray(Output<?>[]::new),
                  new Output<?>[] {seed});
    } catch (TensorFlowException | IllegalArgumentException e) {
      return Optional.of("its gradient cannot be had: " + GradientTrial.firstLine(e.getMessage()));
    }
    for (int i = 0; i < gradients.length; i++) {
      Output<?> gradient = gradients[i];
      if (gradient == null) {
        obstacles.put(uses.get(i), "no gradient of the loss reaches it");
      } else {
        deltas.put(uses.get(i), gradient);
      }
    }
    return Optional.empty();
  }

  private static Output<TNumber> logitGradient(
      Ops tf, Output<?> logits, Operand<TInt32> labels, int outputs) {
    @SuppressWarnings("unchecked") // the logits of a network are of a floating type
    Output<TNumber> scores = (Output<TNumber>) logits;
    Operand<TNumber> one = tf.dtypes.cast(tf.constant(1f), scores.type());
    Operand<TNumber> zero = tf.dtypes.cast(tf.constant(0f), scores.type());
    Operand<TNumber> target = tf.oneHot(labels, tf.constant(outputs), one, zero);
    return tf.math.sub(tf.nn.softmax(scores), target).asOutput();
  }

  /**
   * Drops the gradients that TensorFlow has an operation for but cannot run, see {@link
   * GradientTrial}.
   *
   * @param samples fed
   */
  void dropWhatFails(
      LiveModel model, InputBatch samples, Operand<TInt32> labels, TInt32 fedLabels) {
    GradientTrial.failures(() -> model.feeding(samples).feed(labels.asOutput(), fedLabels), deltas)
        .forEach(
            (use, because) -> {
              deltas.remove(use);
              obstacles.put(use, because);
            });
  }

  /** {@code softmax(logits) - onehot(label)}, [B x K]. */
  Output<TNumber> ofLogits() {
    return seed;
  }

  /** delta of a use; empty where it has none. */
  Optional<Output<?>> delta(KernelUse use) {
    return Optional.ofNullable(deltas.get(use));
  }

  /** Why a use has no delta. */
  String obstacle(KernelUse use) {
    return obstacles.getOrDefault(use, "its gradient cannot be had");
  }
}
