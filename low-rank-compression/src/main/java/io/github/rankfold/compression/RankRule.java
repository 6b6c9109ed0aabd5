package io.github.rankfold.compression;

import io.github.rankfold.collapse.linalg.MarchenkoPastur;
import io.github.rankfold.collapse.linalg.RankTolerance;
import io.github.rankfold.collapse.linalg.Spectrum;
import java.util.OptionalDouble;
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
      requireClasses(classes);
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

  /**
   * One less than the number of classes: K class means around their own mean span K - 1 directions,
   * which is what collapse leaves where a bias carries the mean (Papyan, Han and Donoho 2020,
   * doi:10.1073/pnas.2015509117: a simplex of K vertices).
   */
  record ClassesLessOne(int classes) implements RankRule {
    public ClassesLessOne {
      requireClasses(classes);
    }

    @Override
    public int rankFor(Spectrum spectrum) {
      return Math.min(classes - 1, spectrum.size());
    }

    @Override
    public String text() {
      return "classes-1";
    }
  }

  /**
   * The optimal hard threshold for a low-rank matrix in white noise: {@code s_i > omega(beta)
   * median(s)}, {@code beta = m/n <= 1}, or, where the noise's standard deviation sigma is known,
   * {@code s_i > lambda(beta) sqrt(n) sigma}.
   *
   * <p>{@code lambda(beta) = sqrt(2 (beta + 1) + 8 beta / (beta + 1 + sqrt(beta^2 + 14 beta + 1)))}
   * and {@code omega(beta) = lambda(beta) / sqrt(mu)} with mu the median of {@link
   * MarchenkoPastur}: 4/sqrt(3) and 2.858 for a square matrix. No other threshold leaves a smaller
   * mean squared error as the matrix grows. Gavish and Donoho 2014, arXiv 1305.5870.
   *
   * @param sigma of the noise, where it is known
   */
  record GavishDonoho(OptionalDouble sigma) implements RankRule {
    public GavishDonoho {
      requireNoise("gavish-donoho", sigma);
    }

    @Override
    public int rankFor(Spectrum spectrum) {
      return bounded(
          NoiseThreshold.rank(spectrum, coefficient(NoiseThreshold.bulk(spectrum).beta()), sigma),
          spectrum);
    }

    /** {@code lambda(beta)}, of the singular values of noise of standard deviation 1/sqrt(n). */
    static double coefficient(double beta) {
      return Math.sqrt(
          2 * (beta + 1) + 8 * beta / (beta + 1 + Math.sqrt(beta * beta + 14 * beta + 1)));
    }

    @Override
    public String text() {
      return withNoise("gavish-donoho", sigma);
    }
  }

  /**
   * The singular values beyond the bulk of noise: {@code s_i > (1 + sqrt(beta)) sqrt(n) sigma}, the
   * upper edge of {@link MarchenkoPastur}, with sigma taken from the median singular value where it
   * is not known: {@code sigma = median(s) / sqrt(n mu)}.
   *
   * <p>It keeps more than {@link GavishDonoho}: also directions too weak to be estimated well. The
   * largest singular value of noise is at the edge only as the matrix grows; in one of side n it is
   * off by about {@code n^(-2/3)} of it, so that noise alone may keep a value or two. As a rule for
   * kernels: Martin and Mahoney, arXiv 1810.01075.
   *
   * @param sigma of the noise, where it is known
   */
  record BulkEdge(OptionalDouble sigma) implements RankRule {
    public BulkEdge {
      requireNoise("marchenko-pastur", sigma);
    }

    @Override
    public int rankFor(Spectrum spectrum) {
      double edge = Math.sqrt(NoiseThreshold.bulk(spectrum).upperEdge());
      return bounded(NoiseThreshold.rank(spectrum, edge, sigma), spectrum);
    }

    @Override
    public String text() {
      return withNoise("marchenko-pastur", sigma);
    }
  }

  /** The grammar of {@link #parse}, for help texts and messages. */
  String GRAMMAR =
      "rank:20, fraction:0.5, relative:1e-2, energy:0.99, classes, classes-1, gavish-donoho or"
          + " marchenko-pastur";

  /**
   * Reads a rule as the command line has it.
   *
   * @param classes the number of classes, for the rules {@code classes} and {@code classes-1}
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
        case "classes" ->
            new Classes(value.isEmpty() ? of(classes, text) : Integer.parseInt(value));
        case "classes-1" ->
            new ClassesLessOne(value.isEmpty() ? of(classes, text) : Integer.parseInt(value));
        case "gavish-donoho" -> new GavishDonoho(noise(parts));
        case "marchenko-pastur" -> new BulkEdge(noise(parts));
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
    return text.equals("classes") || text.equals("classes-1");
  }

  private static int of(OptionalInt classes, String text) {
    return classes.orElseThrow(
        () ->
            new IllegalArgumentException(
                "rule %s: expected a model whose output has a known width".formatted(text)));
  }

  private static OptionalDouble noise(String[] parts) {
    return parts.length == 1
        ? OptionalDouble.empty()
        : OptionalDouble.of(Double.parseDouble(parts[1]));
  }

  private static String withNoise(String name, OptionalDouble sigma) {
    return sigma.isPresent() ? name + ":" + sigma.getAsDouble() : name;
  }

  private static void requireNoise(String name, OptionalDouble sigma) {
    if (sigma.isPresent() && !(sigma.getAsDouble() > 0 && sigma.getAsDouble() < 1e300)) {
      throw new IllegalArgumentException(
          "%s: the noise must be > 0, was %s".formatted(name, sigma.getAsDouble()));
    }
  }

  private static void requireClasses(int classes) {
    if (classes < 2) {
      throw new IllegalArgumentException("classes must be >= 2, was " + classes);
    }
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
