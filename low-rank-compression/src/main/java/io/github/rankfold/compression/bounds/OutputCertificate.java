package io.github.rankfold.compression.bounds;

import io.github.rankfold.models.files.CsvTable;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;

/**
 * What truncation can do at most to the logits of some samples and of all inputs within a radius of
 * them, beside what it does.
 *
 * @param of what the samples are: the name of the data, or {@code every input} around zero
 * @param radius how far from a sample an input may be (Euclidean norm); 0 for the sample itself
 * @param samples one entry for each
 * @param layers what each replaced kernel contributes
 */
public record OutputCertificate(
    String of, double radius, List<SampleBound> samples, List<LayerBound> layers) {
  /** The files that the tables go to. */
  public static final String FILE = "output_bounds.csv";

  public static final String LAYERS_FILE = "output_bound_layers.csv";

  public OutputCertificate {
    samples = List.copyOf(samples);
    layers = List.copyOf(layers);
  }

  /**
   * One sample.
   *
   * @param margin largest logit less the second largest, of the original
   * @param bound of {@code ||logits' - logits||_2}
   * @param certified whether no input within the radius can be predicted differently by the two
   *     models
   * @param change what the distance is, where the compressed model was run
   * @param unchanged whether the prediction is the same, where it was run
   */
  public record SampleBound(
      double margin,
      double bound,
      boolean certified,
      OptionalDouble change,
      Optional<Boolean> unchanged) {}

  /**
   * One replaced kernel.
   *
   * @param norm bound of {@code ||W||_2} as an operator
   * @param compressedNorm of {@code ||W'||_2}
   * @param changeNorm of {@code ||W' - W||_2}
   * @param rest Lipschitz constant of what follows, with the replaced kernels
   * @param added mean over the samples of {@code ||z (W' - W)||}, with what the radius adds
   * @param contribution {@code rest * added}: what the bound would be if only this was replaced
   */
  public record LayerBound(
      String layer,
      String operation,
      double norm,
      double compressedNorm,
      double changeNorm,
      double rest,
      double added,
      double contribution) {}

  /** The share of the samples whose prediction is certified; 1 is all. */
  public double certifiedShare() {
    return share(SampleBound::certified);
  }

  /** The share whose prediction was found unchanged; empty where that was not measured. */
  public OptionalDouble unchangedShare() {
    return samples.stream().allMatch(s -> s.unchanged().isPresent())
        ? OptionalDouble.of(share(sample -> sample.unchanged().orElse(false)))
        : OptionalDouble.empty();
  }

  private double share(Predicate<SampleBound> what) {
    return (double) samples.stream().filter(what).count() / samples.size();
  }

  /** The largest bound of any sample. */
  public double largestBound() {
    return samples.stream().mapToDouble(SampleBound::bound).max().orElse(0);
  }

  /** The largest change that was measured. */
  public OptionalDouble largestChange() {
    return samples.stream()
        .map(SampleBound::change)
        .filter(OptionalDouble::isPresent)
        .mapToDouble(OptionalDouble::getAsDouble)
        .max();
  }

  /** The median over the samples of bound by change: how loose the bound is. */
  public OptionalDouble medianRatio() {
    return median(s -> s.change().isPresent() ? s.bound() / s.change().getAsDouble() : Double.NaN);
  }

  private OptionalDouble median(ToDoubleFunction<SampleBound> value) {
    double[] sorted =
        samples.stream().mapToDouble(value).filter(Double::isFinite).sorted().toArray();
    return sorted.length == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of(sorted[(sorted.length - 1) / 2]);
  }

  /** A table of output_bounds.csv, to which {@link #addTo} adds rows. */
  public static CsvTable.Builder columns() {
    return CsvTable.columns(
        "model",
        "of",
        "radius",
        "samples",
        "certified_share",
        "unchanged_share",
        "median_margin",
        "median_bound",
        "largest_bound",
        "median_change",
        "largest_change",
        "median_ratio",
        "unknown_operation");
  }

  /** Adds this certificate's row. */
  public void addTo(CsvTable.Builder table, String model) {
    boolean everyInput = of.equals(OutputBound.EVERY_INPUT);
    table.row(
        model,
        of,
        radius,
        everyInput ? null : samples.size(),
        everyInput ? null : certifiedShare(),
        everyInput ? null : unchangedShare(),
        everyInput ? null : median(SampleBound::margin),
        everyInput ? null : median(SampleBound::bound),
        largestBound(),
        median(sample -> sample.change().orElse(Double.NaN)),
        largestChange(),
        medianRatio(),
        null);
  }

  /** The table of output_bounds.csv for a model that has no bound, and why. */
  public static CsvTable none(String model, UnknownOperation unknown) {
    return columns()
        .row(
            model,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            unknown.toString())
        .build();
  }

  /** The table of output_bound_layers.csv. */
  public CsvTable layersTable() {
    CsvTable.Builder table =
        CsvTable.columns(
            "layer",
            "operation",
            "norm",
            "compressed_norm",
            "change_norm",
            "rest",
            "added",
            "contribution");
    for (LayerBound l : layers) {
      table.row(
          l.layer,
          l.operation,
          l.norm,
          l.compressedNorm,
          l.changeNorm,
          l.rest,
          l.added,
          l.contribution);
    }
    return table.build();
  }
}
