package io.github.rankfold.cli.commands;

import io.github.rankfold.cli.console.TextTable;
import io.github.rankfold.cli.forecast.ForecastStage;
import io.github.rankfold.collapse.linalg.Precision;
import io.github.rankfold.collapse.linalg.Spectrum;
import io.github.rankfold.collapse.linalg.Svd;
import io.github.rankfold.compression.RankRule;
import io.github.rankfold.models.files.CsvTable;
import io.github.rankfold.models.network.DenseLayer;
import io.github.rankfold.models.network.NetworkSpec;
import io.github.rankfold.models.network.NetworkWeights;
import io.github.rankfold.models.network.WeightArray;
import io.github.rankfold.training.EpochListener;
import io.github.rankfold.training.EpochSummary;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Projects every kernel of a network onto the matrices of a lower rank while it is trained: {@code
 * W <- sum_{i <= r} s_i u_i v_i^T}, the nearest of rank r (Eckart, Young and Mirsky), with r from a
 * rule and the kernel's own spectrum at that time. Between two truncations training is free, so
 * that a direction that was removed comes back where the loss asks for it.
 *
 * <p>The last epoch is followed by a truncation, whyever it was the last, so that the trained
 * kernels are of that rank, to the rounding of their 32-bit values.
 */
final class TruncatedTraining implements EpochListener {
  private final NetworkSpec spec;
  private final RankRule rule;
  private final int every;
  private final EpochListener inner;
  private int lastTruncated;

  /** The last truncation where the training, told to stop, did not take it over. */
  private Optional<NetworkWeights> notTakenOver = Optional.empty();

  private final CsvTable.Builder table =
      CsvTable.columns("epoch", "layer", "full_rank", "rank", "discarded_energy");

  /**
   * @param every epochs between two truncations
   * @param inner is told of every epoch too, with the truncated weights where they were
   */
  TruncatedTraining(NetworkSpec spec, RankRule rule, int every, EpochListener inner) {
    if (every < 1) {
      throw new IllegalArgumentException("epochs between truncations must be > 0, was " + every);
    }
    this.spec = spec;
    this.rule = rule;
    this.every = every;
    this.inner = inner;
  }

  @Override
  public Response epochEnded(EpochSummary summary, Supplier<NetworkWeights> weights) {
    if (summary.epoch() % every != 0) {
      return inner.epochEnded(summary, weights);
    }
    NetworkWeights truncated = truncated(summary.epoch(), weights.get());
    Response response = inner.epochEnded(summary, () -> truncated);
    notTakenOver = response instanceof Response.Stop ? Optional.of(truncated) : Optional.empty();
    if (response instanceof Response.Replace) {
      lastTruncated = 0; // other weights take their place
    }
    return response instanceof Response.Continue ? new Response.Replace(truncated) : response;
  }

  @Override
  public Optional<NetworkWeights> trainingEnded(int epochs, Supplier<NetworkWeights> weights) {
    return epochs == lastTruncated ? notTakenOver : Optional.of(truncated(epochs, weights.get()));
  }

  private NetworkWeights truncated(int epoch, NetworkWeights weights) {
    lastTruncated = epoch;
    NetworkWeights truncated = weights;
    for (DenseLayer layer : spec.layers()) {
      Svd svd = Svd.of(ForecastStage.kernel(weights, layer), Precision.FLOAT32);
      Spectrum spectrum = svd.spectrum();
      int rank = rule.rankFor(spectrum);
      if (rank < spectrum.size()) {
        float[] values = svd.truncated(rank).toFloats();
        truncated = truncated.with(layer.kernelName(), WeightArray.of(layer.kernelShape(), values));
      }
      table.row(epoch, layer.name(), spectrum.size(), rank, spectrum.tailEnergy(rank));
    }
    return truncated;
  }

  /** As the command line has it. */
  String text() {
    return "%s every %s".formatted(rule.text(), TextTable.count(every, "epoch"));
  }

  /** The ranks after the last truncation, {@code dense_1 10 of 64, ...}. */
  String ranks() {
    CsvTable rows = table();
    int last = rows.rows().size();
    return IntStream.range(last - spec.layers().size(), last)
        .mapToObj(
            row ->
                "%s %s of %s"
                    .formatted(
                        rows.cell(row, "layer"),
                        rows.cell(row, "rank"),
                        rows.cell(row, "full_rank")))
        .collect(Collectors.joining(", "));
  }

  /** The table of truncation.csv: one row a layer and truncation. */
  CsvTable table() {
    return table.build();
  }
}
