package io.github.rankfold.compression.search;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * What a compressed model may lose and must save; what is not set is free.
 *
 * @param maxDrop at most so much worse by the metric: points, for shares
 * @param strict whether the promise for new samples must keep to that, not only what was measured
 * @param ratio at least so many times fewer parameters
 * @param parameters at most so many
 * @param bytes at most so many bytes of weights
 * @param multiplyAdds at most so many for one input
 */
public record Budget(
    OptionalDouble maxDrop,
    boolean strict,
    OptionalDouble ratio,
    OptionalLong parameters,
    OptionalLong bytes,
    OptionalLong multiplyAdds) {
  public Budget {
    maxDrop.ifPresent(drop -> require(drop >= 0, "max-drop must be >= 0, was %s", drop));
    ratio.ifPresent(times -> require(times >= 1, "ratio must be >= 1, was %s", times));
    for (OptionalLong limit : List.of(parameters, bytes, multiplyAdds)) {
      limit.ifPresent(count -> require(count > 0, "a budget must be > 0, was %s", count));
    }
    require(
        maxDrop.isPresent() || savesSomething(ratio, parameters, bytes, multiplyAdds),
        "expected a budget%s, found none",
        "");
  }

  private static void require(boolean holds, String message, Object value) {
    if (!holds) {
      throw new IllegalArgumentException(message.formatted(value));
    }
  }

  private static boolean savesSomething(
      OptionalDouble ratio, OptionalLong parameters, OptionalLong bytes, OptionalLong adds) {
    return ratio.isPresent() || parameters.isPresent() || bytes.isPresent() || adds.isPresent();
  }

  /** Only this: at most {@code points} worse. */
  public static Budget maxDrop(double points) {
    return new Budget(
        OptionalDouble.of(points),
        false,
        OptionalDouble.empty(),
        OptionalLong.empty(),
        OptionalLong.empty(),
        OptionalLong.empty());
  }

  /** Only this: at least so many times fewer parameters. */
  public static Budget ratio(double times) {
    return new Budget(
        OptionalDouble.empty(),
        false,
        OptionalDouble.of(times),
        OptionalLong.empty(),
        OptionalLong.empty(),
        OptionalLong.empty());
  }

  /** The same with at most so many multiply-adds. */
  Budget withMultiplyAdds(long limit) {
    long least = Math.min(limit, multiplyAdds.orElse(Long.MAX_VALUE));
    return new Budget(maxDrop, strict, ratio, parameters, bytes, OptionalLong.of(least));
  }

  /** What the path of ranks saves first. */
  Cost cost() {
    boolean onlyAdds = multiplyAdds.isPresent() && parameters.isEmpty() && bytes.isEmpty();
    return onlyAdds && ratio.isEmpty() ? Cost.MULTIPLY_ADDS : Cost.PARAMETERS;
  }

  /** Whether a model of this size keeps to what must be saved. */
  boolean allows(PlannedSize before, PlannedSize after) {
    return (ratio.isEmpty() || before.parameters() >= ratio.getAsDouble() * after.parameters())
        && within(parameters, after.parameters())
        && within(bytes, after.bytes())
        && within(multiplyAdds, after.multiplyAdds());
  }

  private static boolean within(OptionalLong limit, long value) {
    return limit.isEmpty() || value <= limit.getAsLong();
  }

  /** Whether so much may be lost. */
  boolean allows(Drop drop) {
    return maxDrop.isEmpty()
        || (strict ? drop.promised().orElse(Double.POSITIVE_INFINITY) : drop.measured())
            <= maxDrop.getAsDouble();
  }

  /** As the command line has it. */
  public String text() {
    List<String> parts = new ArrayList<>();
    maxDrop.ifPresent(drop -> parts.add("max-drop:" + number(drop) + (strict ? ":strict" : "")));
    ratio.ifPresent(times -> parts.add("ratio:" + number(times)));
    parameters.ifPresent(count -> parts.add("parameters:" + count));
    bytes.ifPresent(count -> parts.add("bytes:" + count));
    multiplyAdds.ifPresent(count -> parts.add("multiply-adds:" + count));
    return String.join(" ", parts);
  }

  private static String number(double value) {
    return value == Math.rint(value)
        ? String.format(Locale.ROOT, "%.0f", value)
        : Double.toString(value);
  }
}
