package io.github.rankfold.training;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Where the penalty enters a training step of rate eta. */
public enum WeightDecay {
  /**
   * {@code lambda w} is added to the gradient before the optimizer sees it: the optimizer minimizes
   * the penalized objective. The theory's case.
   */
  IN_LOSS,

  /**
   * {@code w} shrinks by {@code eta lambda w} beside the optimizer's own step, which sees the data
   * loss alone (Loshchilov, Hutter 2017, arXiv 1711.05101). With Adam this does not minimize the
   * penalized objective, and its stationarity residual need not become small.
   */
  DECOUPLED;

  /** The name in settings and manifests: {@code in_loss}, {@code decoupled}. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The mode of that {@link #text()}, if there is one. */
  public static Optional<WeightDecay> named(String text) {
    return Arrays.stream(values()).filter(mode -> mode.text().equals(text)).findFirst();
  }
}
