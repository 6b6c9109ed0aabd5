package io.github.rankfold.training;

import io.github.rankfold.models.network.NetworkWeights;
import java.util.Optional;
import java.util.function.Supplier;

/** Looks in at every epoch's end, and may end the training or change its weights. */
@FunctionalInterface
public interface EpochListener {
  /** Watches nothing. */
  EpochListener NONE = (summary, weights) -> new Response.Continue();

  /**
   * Called on the training's thread after each epoch.
   *
   * @param weights copies the current weights off TensorFlow when asked, and only during this call
   */
  Response epochEnded(EpochSummary summary, Supplier<NetworkWeights> weights);

  /**
   * Called once after the last epoch, whyever it was the last.
   *
   * @param epochs how many there were
   * @param weights as above
   * @return weights to end with in place of the training's own, where there are any
   */
  default Optional<NetworkWeights> trainingEnded(int epochs, Supplier<NetworkWeights> weights) {
    return Optional.empty();
  }

  /** What the training does next. */
  sealed interface Response {
    /** Goes on. */
    record Continue() implements Response {}

    /** Ends after this epoch. */
    record Stop() implements Response {}

    /**
     * Goes on from these weights, of the same names and shapes. The optimizer's state (momentum,
     * Adam's moments) stays as it is: cleared moments would make Adam's next steps far too long.
     */
    record Replace(NetworkWeights weights) implements Response {}
  }
}
