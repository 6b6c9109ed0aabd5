package io.github.rankfold.compression.factors;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.linalg.Spectrum;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.layers.LayerKind;
import io.github.rankfold.models.live.ModelSize;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import org.tensorflow.proto.DataType;

/**
 * What is done with one layer: factors in its place, or nothing and why.
 *
 * @param layer the layer
 * @param spectrum all its singular values
 * @param chosenRank what the rule asked for
 * @param factors present where the kernel is replaced
 * @param discardedEnergy {@code ||W - left right||_F^2}; 0 where it is kept
 * @param keptBecause present where it is not
 * @param shift what is added to the output beside the factors, if anything
 * @param stored how the factors, or the kernel that is kept, are stored where that changes
 */
public record LayerDecision(
    Layer layer,
    Spectrum spectrum,
    int chosenRank,
    Optional<Factorization> factors,
    double discardedEnergy,
    Optional<String> keptBecause,
    Optional<OutputShift> shift,
    Optional<StoredAs> stored) {
  public LayerDecision {
    if (factors.isPresent() == keptBecause.isPresent()) {
      throw new IllegalArgumentException(
          "layer %s: expected either factors or a reason to keep it".formatted(layer.name()));
    }
  }

  /** Factors of a truncated SVD of the kernel, which remove {@code sum_{i>r} s_i^2}. */
  public static LayerDecision factored(Layer layer, Spectrum spectrum, Factorization factors) {
    // With a core ||K||^2 - ||core||^2, which is the same.
    double removed =
        factors
            .core()
            .map(Matrix::frobeniusNorm)
            .map(norm -> Math.max(0, spectrum.totalEnergy() - norm * norm))
            .orElseGet(() -> spectrum.tailEnergy(factors.rank()));
    return factored(layer, spectrum, factors, removed);
  }

  public static LayerDecision factored(
      Layer layer, Spectrum spectrum, Factorization factors, double discardedEnergy) {
    return new LayerDecision(
        layer,
        spectrum,
        factors.rank(),
        Optional.of(factors),
        discardedEnergy,
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /** The kernel stays, for this reason. */
  public static LayerDecision kept(Layer layer, Spectrum spectrum, int chosenRank, String because) {
    return new LayerDecision(
        layer,
        spectrum,
        chosenRank,
        Optional.empty(),
        0,
        Optional.of(because),
        Optional.empty(),
        Optional.empty());
  }

  /**
   * The kernel stays, as factors of this rank would be no smaller.
   *
   * @param most the largest rank at which they would be; 0 where there is none
   */
  public static LayerDecision savingNothing(
      Layer layer, Spectrum spectrum, int chosenRank, long most) {
    String because =
        most == 0
            ? "no rank saves anything"
            : "rank %d saves nothing, %d or less would".formatted(chosenRank, most);
    return kept(layer, spectrum, chosenRank, because);
  }

  /** The same function by other factors of it. */
  public LayerDecision factoredAs(Factorization same) {
    return new LayerDecision(
        layer,
        spectrum,
        chosenRank,
        Optional.of(same),
        discardedEnergy,
        keptBecause,
        shift,
        stored);
  }

  /** The same factors, with this added to the output. */
  public LayerDecision shifted(OutputShift by) {
    return new LayerDecision(
        layer,
        spectrum,
        chosenRank,
        factors,
        discardedEnergy,
        keptBecause,
        Optional.of(by),
        stored);
  }

  /** With factors that are stored in another format, and rounded to it. */
  public LayerDecision stored(Factorization rounded, StoredAs as) {
    return new LayerDecision(
        layer,
        spectrum,
        chosenRank,
        Optional.of(rounded),
        discardedEnergy,
        keptBecause,
        shift,
        Optional.of(as));
  }

  /** With the kernel, which is kept, stored in another format. */
  public LayerDecision storedWhole(StoredAs as) {
    return new LayerDecision(
        layer, spectrum, chosenRank, factors, discardedEnergy, keptBecause, shift, Optional.of(as));
  }

  /** The same with this distance to the kernel, squared. */
  public LayerDecision discarding(double energy) {
    return new LayerDecision(
        layer, spectrum, chosenRank, factors, energy, keptBecause, shift, stored);
  }

  public LayerDecision kept(String because) {
    return kept(layer, spectrum, chosenRank, because);
  }

  /** The rank after the decision: the factors', or the full one. */
  public int rank() {
    return factors.map(Factorization::rank).orElse(spectrum.size());
  }

  /**
   * {@code ||W - left right||_F / ||W||_F}; 0 where the kernel is kept. More than what truncation
   * of W alone takes where the factors are near to something else, such as what the layer gives on
   * data.
   */
  public double relativeError() {
    double energy = spectrum.totalEnergy();
    return energy == 0 ? 0 : Math.sqrt(discardedEnergy / energy);
  }

  /** The rank along the input channels, where the factors have one of their own. */
  public Optional<Integer> inputRank() {
    OptionalInt rank = factors.map(Factorization::inputRank).orElse(OptionalInt.empty());
    return rank.isPresent() ? Optional.of(rank.getAsInt()) : Optional.empty();
  }

  /**
   * How a convolution was split, such as {@code channel}, or {@code interpolative} for any layer
   * whose factors are; empty for others.
   */
  public Optional<String> form() {
    if (factors.filter(Factorization::isInterpolative).isPresent()) {
      return Optional.of("interpolative");
    }
    return factors
        .filter(pair -> layer.kind() == LayerKind.CONVOLUTION)
        .map(pair -> pair.form().toString().toLowerCase(Locale.ROOT));
  }

  public long parametersAfter() {
    return weights()
        + stored.map(StoredAs::scales).orElse(0L)
        + shift.map(OutputShift::parameters).orElse(0);
  }

  private long weights() {
    return factors.map(Factorization::parameters).orElse(layer.parameters());
  }

  /** The bytes of what takes the kernel's place; empty where the kernel stays as it is. */
  public Optional<Long> bytesAfter() {
    if (factors.isEmpty() && stored.isEmpty()) {
      return Optional.empty();
    }
    int own = ModelSize.widthOf(layer.dtype());
    int width = stored.map(as -> as.format().width()).orElse(own);
    return Optional.of(weights() * width + (parametersAfter() - weights()) * own);
  }

  /** The type that the weights are stored in, such as {@code int8}; empty as for the bytes. */
  public Optional<String> storage() {
    return stored
        .map(as -> as.format().toString())
        .or(() -> factors.map(pair -> typeName(layer.dtype())));
  }

  private static String typeName(DataType type) {
    return switch (type) {
      case DT_HALF -> "float16";
      case DT_BFLOAT16 -> "bfloat16";
      case DT_DOUBLE -> "float64";
      default -> "float32";
    };
  }

  public long multiplyAddsAfter() {
    return factors.map(this::multiplyAdds).orElse(layer.multiplyAdds());
  }

  private long multiplyAdds(Factorization pair) {
    // Each weight of a filter is multiplied at every position, however the kernel was split.
    long positions = layer.multiplyAdds() / layer.parameters();
    return switch (pair.form()) {
      case SPATIAL -> positions * pair.parameters();
      case TUCKER -> {
        // The first product is taken before the strides.
        long first = (long) pair.left().rows() * pair.left().cols();
        long before = layer.uses().get(0).inputPositions();
        yield before * first + positions * (pair.parameters() - first);
      }
      default ->
          pair.isInterpolative()
              ? positions * pair.parameters()
              : layer.multiplyAddsAtRank(pair.rank());
    };
  }
}
