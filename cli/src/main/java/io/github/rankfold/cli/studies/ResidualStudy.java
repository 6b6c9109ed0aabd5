package io.github.rankfold.cli.studies;

import static io.github.rankfold.cli.studies.Wording.number;
import static io.github.rankfold.cli.studies.Wording.spread;

import io.github.rankfold.cli.console.Progress;
import io.github.rankfold.models.data.DataSplit;
import io.github.rankfold.models.files.CsvTable;
import java.util.ArrayList;
import java.util.List;

/** The same layers with and without the skip connections of a residual network. */
final class ResidualStudy implements Study {
  private final DataSplit data;
  private final String layers;
  private final List<Double> lambdas;
  private final StudySettings settings;

  ResidualStudy(DataSplit data, long seed) {
    this(data, "64x5:tanh", List.of(3e-4, 1e-3, 3e-3), StudySettings.of(seed, 3, 60, 200));
  }

  /**
   * @param layers of both networks, as {@code 64x5:tanh}: as wide as the data, so that every hidden
   *     layer has a skip connection
   */
  ResidualStudy(DataSplit data, String layers, List<Double> lambdas, StudySettings settings) {
    this.data = data;
    this.layers = layers;
    this.lambdas = List.copyOf(lambdas);
    this.settings = settings;
  }

  @Override
  public String title() {
    return "Residual networks";
  }

  @Override
  public String expectation() {
    return "Collapse is optimal for residual networks too, and the bound by it holds for their"
        + " kernels as for any. But a skip connection hands the variation of its input on, so that"
        + " it falls more slowly from layer to layer than without.";
  }

  @Override
  public String recipe() {
    return "mlp:%s and resmlp:%s, lambda %s, %s."
        .formatted(layers, layers, Wording.list(", ", lambdas), settings.text());
  }

  @Override
  public int steps() {
    return 2 * lambdas.size() * settings.seeds().size();
  }

  @Override
  public CsvTable run(Progress progress) {
    LayerTable table =
        new LayerTable(
            List.of("network", "lambda", "seed"),
            LayerColumn.POSITION,
            LayerColumn.LAYER,
            LayerColumn.RANK,
            LayerColumn.DISTANCE,
            LayerColumn.RELATIVE_DISTANCE,
            LayerColumn.NORMALIZED_TCV,
            LayerColumn.TWO_SIDED_BOUND,
            LayerColumn.GRADIENT_NORM,
            LayerColumn.ACCURACY,
            LayerColumn.TEST_ACCURACY);
    int done = 0;
    for (String network : List.of("mlp", "resmlp")) {
      for (double lambda : lambdas) {
        for (long seed : settings.seeds()) {
          table.add(
              TrainedNetwork.of(network + ":" + layers, data, settings, lambda, seed),
              network,
              lambda,
              seed);
          progress.reached(++done);
        }
      }
    }
    return table.build();
  }

  @Override
  public List<String> seen(CsvTable table) {
    StudyRows all = StudyRows.of(table);
    List<String> seen = new ArrayList<>();
    for (String lambda : all.distinct("lambda")) {
      List<String> networks = new ArrayList<>();
      for (String network : all.distinct("network")) {
        StudyRows of = all.where("lambda", lambda).where("network", network);
        networks.add(
            "%s ranks %s, TCV / TV at the classifier's input %s, test accuracy %s"
                .formatted(
                    network,
                    Wording.medians(of.whereNot("layer", "classifier"), "position", "rank_1e-2"),
                    spread(of.where("layer", "classifier"), "normalized_tcv"),
                    spread(of.where("layer", "classifier"), "test_accuracy")));
      }
      seen.add("Lambda %s, medians: %s.".formatted(number(lambda), String.join("; ", networks)));
    }
    List<String> shares = new ArrayList<>();
    for (String network : all.distinct("network")) {
      StudyRows hidden =
          all.where("network", network)
              .whereNot("layer", "classifier")
              .whereNot("two_sided_bound", "");
      shares.add(
          "%s %s of the kernel's norm"
              .formatted(network, Wording.spread(hidden, "relative_distance")));
    }
    seen.add(
        "Distance of the hidden kernels to rank K over all lambdas, median and range: %s."
            .formatted(String.join("; ", shares)));
    return seen;
  }

  @Override
  public List<StudyPlot> plots(CsvTable table) {
    StudyRows all = StudyRows.of(table);
    List<StudyPlot.Curve> ranks = new ArrayList<>();
    List<StudyPlot.Curve> variation = new ArrayList<>();
    for (String network : all.distinct("network")) {
      for (String lambda : all.distinct("lambda")) {
        StudyRows of = all.where("network", network).where("lambda", lambda);
        String label = "%s, %s".formatted(network, number(lambda));
        ranks.add(
            StudyPlot.Curve.of(label, of.whereNot("layer", "classifier"), "position", "rank_1e-2"));
        variation.add(StudyPlot.Curve.of(label, of, "position", "normalized_tcv"));
      }
    }
    return List.of(
        new StudyPlot(
            "variation",
            "Variation inside the classes, by network and lambda",
            StudyPlot.Axis.linear("layer, by its input"),
            StudyPlot.Axis.VARIATION,
            variation),
        new StudyPlot(
            "rank",
            "Rank of the hidden kernels, by network and lambda",
            StudyPlot.Axis.linear("layer"),
            StudyPlot.Axis.RANK,
            ranks));
  }
}
