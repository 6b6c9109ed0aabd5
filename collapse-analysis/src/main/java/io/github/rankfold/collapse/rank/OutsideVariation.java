package io.github.rankfold.collapse.rank;

import io.github.rankfold.collapse.linalg.Subspace;
import io.github.rankfold.collapse.statistics.FeatureBatch;
import io.github.rankfold.collapse.statistics.ResidualVariation;

/**
 * Second pass for a certificate: the variation within the clusters outside the spans P and Q of the
 * cluster means, fed batch by batch.
 *
 * <p>{@code TCV_P(z) = (1/N) sum ||(z_i - zbar_c)(I - P)||^2}, {@code TCV_Q(delta)} likewise, N the
 * number of inputs.
 */
public final class OutsideVariation {
  private final LayerMoments moments;
  private final Subspace inputSpan;
  private final Subspace gradientSpan;
  private final ResidualVariation inputs;
  private final ResidualVariation gradients;

  /** Around the means and spans of the first pass. */
  public OutsideVariation(LayerMoments moments) {
    this(moments, moments.inputSpan(), moments.gradientSpan());
  }

  private OutsideVariation(LayerMoments moments, Subspace inputSpan, Subspace gradientSpan) {
    this.moments = moments;
    this.inputSpan = inputSpan;
    this.gradientSpan = gradientSpan;
    this.inputs = new ResidualVariation(moments.inputs(), inputSpan);
    this.gradients = new ResidualVariation(moments.gradients(), gradientSpan);
  }

  /** Adds rows of z and of delta; {@code clusters[row]} is the cluster of both. */
  public void add(FeatureBatch z, FeatureBatch delta, int[] clusters) {
    addInputs(z, clusters);
    addGradients(delta, clusters);
  }

  /** Adds rows of z alone; another thread may add those of delta meanwhile. */
  public void addInputs(FeatureBatch z, int[] clusters) {
    inputs.addInParallel(z, clusters);
  }

  /** Adds rows of delta alone. */
  public void addGradients(FeatureBatch delta, int[] clusters) {
    gradients.addInParallel(delta, clusters);
  }

  /** Adds rows of z whose squares outside P were summed elsewhere. */
  public void addInputSquares(double squares, long rows) {
    inputs.addSquares(squares, rows);
  }

  /** Adds rows of delta whose squares outside Q were summed elsewhere. */
  public void addGradientSquares(double squares, long rows) {
    gradients.addSquares(squares, rows);
  }

  /** Adds the samples of {@code other}, a pass over other data around the same means. */
  public void merge(OutsideVariation other) {
    inputs.merge(other.inputs);
    gradients.merge(other.gradients);
  }

  /** A new accumulator around the same means, to be merged into this one. */
  public OutsideVariation another() {
    return new OutsideVariation(moments, inputSpan, gradientSpan);
  }

  /** The first pass that this one belongs to. */
  public LayerMoments moments() {
    return moments;
  }

  /** P, the span of the means of the inputs. */
  public Subspace inputSpan() {
    return inputSpan;
  }

  /** Q, the span of the means of the gradients. */
  public Subspace gradientSpan() {
    return gradientSpan;
  }

  /** {@code TCV_P(z)}. */
  public double ofInputs() {
    return complete(inputs).sumOfSquares() / moments.inputCount();
  }

  /** {@code TCV_Q(delta)}. */
  public double ofGradients() {
    return complete(gradients).sumOfSquares() / moments.inputCount();
  }

  /** A pass that missed samples would give a bound that is too small to hold. */
  private ResidualVariation complete(ResidualVariation variation) {
    if (variation.samples() != moments.inputs().samples()) {
      throw new IllegalStateException(
          "expected a second pass over the same %d rows, found %d"
              .formatted(moments.inputs().samples(), variation.samples()));
    }
    return variation;
  }
}
