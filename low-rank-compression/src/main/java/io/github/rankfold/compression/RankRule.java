package io.github.rankfold.compression;

import io.github.rankfold.collapse.linalg.RankTolerance;
import io.github.rankfold.collapse.linalg.Spectrum;
import java.util.OptionalInt;

/**
 * How many singular values of a kernel to keep, decided from its spectrum alone.
 *
 * <p>A rule is applied to each layer by itself; whether factors of that rank pay is not its
 * concern.
 */
public sealed interface RankRule {
  /** The rank to keep, at least 1 and at most the full rank. */
  int rankFor(Spectrum spectrum);

  /** The rule as the command line writes it. */
  String text();

  /** The same rank for every layer. */
  record Fixed(int rank) implements RankRule {
    public Fixed {
      if (rank < 1) {
        throw new IllegalArgumentException("rank must be >= 1, was " + rank);
      }
    }

    @Override
    public int rankFor(Spectrum spectrum) {
      return Math.min(rank, spectrum.size());
    }

    @Override
    public String text() {
      return "rank:" + rank;
    }
  }

  /** A share of the full rank, rounded up. */
  record Fraction(double share) implements RankRule {
    public Fraction {
      requireShare("fraction", share);
    }

    @Override
    public int rankFor(Spectrum spectrum) {
      return bounded((int) Math.ceil(share * spectrum.size()), spectrum);
    }

    @Override
    public String text() {
      return "fraction:" + share;
    }
  }

  /** The singular values above {@code tolerance * s_1}. */
  record Relative(double tolerance) implements RankRule {
    public Relative {
      if (!(tolerance >= 0 && tolerance < 1)) {
        throw new IllegalArgumentException("relative must be in [0, 1), was " + tolerance);
      }
    }

    @Override
    public int rankFor(Spectrum spectrum) {
      return bounded(spectrum.rank(RankTolerance.relative(tolerance)), spectrum);
    }

    @Override
    public String text() {
      return "relative:" + tolerance;
    }
  }

  /** The least rank whose {@code sum s_i^2} is at least this share of the whole. */
  record KeepEnergy(double share) implements RankRule {
    public KeepEnergy {
      requireShare("energy", share);
    }

    @Override
    public int rankFor(Spectrum spectrum) {
      return bounded(spectrum.keptEnergyRank(share), spectrum);
    }

    @Override
    public String text() {
      return "energy:" + share;
    }
  }

  /**
   * The number of classes K: the rank that total collapse leaves (Zangrando et al., arXiv
   * 2402.03991).
   */
  record Classes(int classes) implements RankRule {
    public Classes {
      if (classes < 2) {
        throw new IllegalArgumentException("classes must be >= 2, was " + classes);
      }
    }

    @Override
    public int rankFor(Spectrum spectrum) {
      return Math.min(classes, spectrum.size());
    }

    @Override
    public String text() {
      return "classes";
    }
  }

  /** The grammar of {@link #parse}, for help texts and messages. */
  String GRAMMAR = "rank:20, fraction:0.5, relative:1e-2, energy:0.99 or classes";

  /**
   * Reads a rule as the command line has it.
   *
   * @param classes the number of classes, for the rule {@code classes}
   * @throws IllegalArgumentException where it is no rule
   */
  static RankRule parse(String text, OptionalInt classes) {
    String[] parts = text.split(":", 2);
    String value = parts.length == 2 ? parts[1] : "";
    try {
      return switch (parts[0]) {
        case "rank" -> new Fixed(Integer.parseInt(value));
        case "fraction" -> new Fraction(Double.parseDouble(value));
        case "relative" -> new Relative(Double.parseDouble(value));
        case "energy" -> new KeepEnergy(Double.parseDouble(value));
        case "classes" -> value.isEmpty() ? ofModel(classes) : new Classes(Integer.parseInt(value));
        default ->
            throw new IllegalArgumentException(
                "expected a rule such as %s, was '%s'".formatted(GRAMMAR, text));
      };
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "expected a rule such as %s, was '%s'".formatted(GRAMMAR, text), e);
    }
  }

  /** Whether {@link #parse} must be told the number of classes to read this rule. */
  static boolean asksForClasses(String text) {
    return text.equals("classes");
  }

  private static Classes ofModel(OptionalInt classes) {
    return new Classes(
        classes.orElseThrow(
            () ->
                new IllegalArgumentException(
                    "rule classes: expected a model whose output has a known width")));
  }

  private static int bounded(int rank, Spectrum spectrum) {
    return Math.max(1, Math.min(rank, spectrum.size()));
  }

  private static void requireShare(String name, double share) {
    if (!(share > 0 && share <= 1)) {
      throw new IllegalArgumentException(name + " must be in (0, 1], was " + share);
    }
  }
}
