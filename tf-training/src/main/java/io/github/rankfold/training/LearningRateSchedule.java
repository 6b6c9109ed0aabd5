package io.github.rankfold.training;

import io.github.rankfold.models.InvalidInputException;
import java.util.List;

/** What the learning rate is multiplied with as training goes on. */
public sealed interface LearningRateSchedule {
  /**
   * The factor, at least 0.
   *
   * @param progress steps done by steps planned, in [0, 1)
   */
  double factor(double progress);

  /** The text that {@link #parse} reads as this schedule. */
  String text();

  /**
   * Reads {@code constant}, {@code cosine}, {@code cosine:FLOOR}, {@code step} (0.1 after every
   * quarter), {@code step:FACTOR,DROPS}, or {@code warmup:SHARE:} before any of these.
   */
  static LearningRateSchedule parse(String text) {
    List<String> parts = List.of(text.split(":", 3));
    List<String> numbers = parts.size() > 1 ? List.of(parts.get(1).split(",", -1)) : List.of();
    // Warm-up alone is followed by a third part, the schedule to go on with.
    if (parts.size() > 2 != parts.get(0).equals("warmup")) {
      throw malformed(text);
    }
    try {
      return switch (parts.get(0) + "/" + numbers.size()) {
        case "constant/0" -> new Constant();
        case "cosine/0" -> new Cosine(0);
        case "cosine/1" -> new Cosine(Double.parseDouble(numbers.get(0)));
        case "step/0" -> new Step(0.1, 3);
        case "step/2" ->
            new Step(Double.parseDouble(numbers.get(0)), Integer.parseInt(numbers.get(1)));
        case "warmup/1" -> new Warmup(Double.parseDouble(numbers.get(0)), parse(parts.get(2)));
        default -> throw malformed(text);
      };
    } catch (NumberFormatException e) {
      throw malformed(text);
    } catch (IllegalArgumentException e) {
      throw new InvalidInputException("schedule \"" + text + "\": " + e.getMessage(), e);
    }
  }

  private static InvalidInputException malformed(String text) {
    return new InvalidInputException(
        "schedule: expected constant, cosine, cosine:FLOOR, step, step:FACTOR,DROPS or"
            + " warmup:SHARE:SCHEDULE, found \""
            + text
            + "\"");
  }

  /** Always 1. */
  record Constant() implements LearningRateSchedule {
    @Override
    public double factor(double progress) {
      return 1;
    }

    @Override
    public String text() {
      return "constant";
    }
  }

  /**
   * Falls from 1 to {@code floor} along half a cosine; Loshchilov, Hutter 2016, arXiv 1608.03983.
   *
   * @param floor in [0, 1]
   */
  record Cosine(double floor) implements LearningRateSchedule {
    public Cosine {
      if (!(floor >= 0 && floor <= 1)) {
        throw new IllegalArgumentException("floor must be in [0, 1], was " + floor);
      }
    }

    @Override
    public double factor(double progress) {
      return floor + (1 - floor) * (1 + Math.cos(Math.PI * progress)) / 2;
    }

    @Override
    public String text() {
      return floor == 0 ? "cosine" : "cosine:" + floor;
    }
  }

  /**
   * Multiplied with {@code factor} after each of {@code drops} + 1 equal parts but the last.
   *
   * @param factor in (0, 1]
   * @param drops at least 1
   */
  record Step(double factor, int drops) implements LearningRateSchedule {
    public Step {
      if (!(factor > 0 && factor <= 1)) {
        throw new IllegalArgumentException("factor must be in (0, 1], was " + factor);
      }
      if (drops < 1) {
        throw new IllegalArgumentException("drops must be >= 1, was " + drops);
      }
    }

    @Override
    public double factor(double progress) {
      return Math.pow(factor, Math.min(drops, Math.floor(progress * (drops + 1))));
    }

    @Override
    public String text() {
      return "step:" + factor + "," + drops;
    }
  }

  /**
   * Rises in a line from 0 during the first {@code share} of training, then follows {@code then}
   * over the rest.
   *
   * @param share in (0, 1)
   */
  record Warmup(double share, LearningRateSchedule then) implements LearningRateSchedule {
    public Warmup {
      if (!(share > 0 && share < 1)) {
        throw new IllegalArgumentException("warmup share must be in (0, 1), was " + share);
      }
    }

    @Override
    public double factor(double progress) {
      return progress < share
          ? progress / share * then.factor(0)
          : then.factor((progress - share) / (1 - share));
    }

    @Override
    public String text() {
      return "warmup:" + share + ":" + then.text();
    }
  }
}
