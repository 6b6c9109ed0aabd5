package io.github.rankfold.collapse.probe;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
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
   * Why some of these gradients cannot be fetched, by their keys. Where all can be fetched together
   * that takes one run.
   *
   * @param fed gives runners that have been fed some samples
   */
  static <K> Map<K, String> failures(
      Supplier<Session.Runner> fed, Map<K, ? extends Output<?>> gradients) {
    Map<K, String> failures = new LinkedHashMap<>();
    if (!gradients.isEmpty() && failure(fed.get(), gradients.values()).isPresent()) {
      gradients.forEach(
          (key, gradient) ->
              failure(fed.get(), List.of(gradient))
                  .ifPresent(because -> failures.put(key, because)));
    }
    return failures;
  }

  private static Optional<String> failure(
      Session.Runner fed, Collection<? extends Output<?>> gradients) {
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
