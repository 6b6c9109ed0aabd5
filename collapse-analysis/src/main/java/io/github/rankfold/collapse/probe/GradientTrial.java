package io.github.rankfold.collapse.probe;

import java.util.Collection;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.exceptions.TensorFlowException;

/**
 * Finds out whether gradients can be computed. TensorFlow adds the gradients of some operations to
 * a graph and then cannot run them, such as those through dilated convolutions, or through grouped
 * ones that XLA compiles, on CPUs.
 */
final class GradientTrial {
  private GradientTrial() {}

  /**
   * Why these gradients cannot be fetched; empty where they can.
   *
   * @param fed a runner that has been fed some samples
   */
  static Optional<String> failure(Session.Runner fed, Collection<? extends Output<?>> gradients) {
    gradients.forEach(fed::fetch);
    try (Result result = fed.run()) {
      return result.size() == gradients.size()
          ? Optional.empty()
          : Optional.of("its gradient cannot be had");
    } catch (TensorFlowException | IllegalArgumentException | UnsupportedOperationException e) {
      return Optional.of("its gradient cannot be computed: " + firstLine(e.getMessage()));
    }
  }

  /** TensorFlow's messages go on with the operations that a failure came through. */
  static String firstLine(@Nullable String message) {
    return message == null ? "no reason given" : message.lines().findFirst().orElse("");
  }
}
