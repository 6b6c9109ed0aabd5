package io.github.rankfold.compression.search;

import io.github.rankfold.compression.Speed;
import java.util.Locale;

/**
 * How long a call of the compressed model may take.
 *
 * @param limit a share of the original's time, or milliseconds
 * @param relative which of the two
 * @param batch how many samples a call has
 */
public record LatencyBudget(double limit, boolean relative, int batch) {
  public LatencyBudget {
    if (batch < 1) {
      throw new IllegalArgumentException("latency-batch must be >= 1, was " + batch);
    }
    if (!(limit > 0 && limit < 1e9)) {
      throw new IllegalArgumentException("latency must be > 0, was " + limit);
    }
  }

  /** Reads {@code 0.5x} (of the original's time) or {@code 3ms}. */
  public static LatencyBudget parse(String text, int batch) {
    String lower = text.toLowerCase(Locale.ROOT);
    boolean relative = lower.endsWith("x");
    String unit = relative ? "x" : "ms";
    if (lower.endsWith(unit)) {
      try {
        String number = lower.substring(0, lower.length() - unit.length());
        return new LatencyBudget(Double.parseDouble(number), relative, batch);
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException(expected(text), e);
      }
    }
    throw new IllegalArgumentException(expected(text));
  }

  private static String expected(String text) {
    return "expected a latency such as 0.5x (of the original's) or 3ms, was '%s'".formatted(text);
  }

  /** Whether a model is fast enough. */
  boolean allows(Speed speed) {
    return (relative ? speed.share() : speed.millis()) <= limit;
  }

  /** By how much the time of a call must still shrink, below 1, or may grow. */
  double missing(Speed speed) {
    return limit / (relative ? speed.share() : speed.millis());
  }

  /** As the command line has it. */
  public String text() {
    return "latency:" + limit + (relative ? "x" : "ms");
  }
}
