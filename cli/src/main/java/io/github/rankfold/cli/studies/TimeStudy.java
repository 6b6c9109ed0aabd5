package io.github.rankfold.cli.studies;

import static io.github.rankfold.cli.studies.Wording.number;

import io.github.rankfold.cli.console.Progress;
import io.github.rankfold.models.data.DataSplit;
import io.github.rankfold.models.files.CsvTable;
import io.github.rankfold.models.network.NetworkSpec;
import io.github.rankfold.models.network.NetworkWeights;
import io.github.rankfold.training.EpochListener;
import io.github.rankfold.training.L2Penalty;
import io.github.rankfold.training.LearningRateSchedule;
import io.github.rankfold.training.Trainer;
import io.github.rankfold.training.TrainingConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/** One network while it is trained, with a penalty and without. */
final class TimeStudy implements Study {
  /** Mini-batches of a penalized network keep missing a few samples. */
  private static final double FITTED = 0.99;

  private final DataSplit data;
  private final String network;
  private final List<Double> lambdas;
  private final List<Integer> epochs;
  private final StudySettings settings;

  TimeStudy(DataSplit data, long seed) {
    this(
        data,
        "mlp:100x3:tanh",
        List.of(0.0, 3e-3),
        List.of(1, 2, 5, 10, 20, 40, 80, 160, 320),
        StudySettings.of(seed, 3, 320, 0));
  }

  TimeStudy(
      DataSplit data,
      String network,
      List<Double> lambdas,
      List<Integer> epochs,
      StudySettings settings) {
    this.data = data;
    this.network = network;
    this.lambdas = List.copyOf(lambdas);
    this.epochs = List.copyOf(epochs);
    this.settings = settings;
  }

  @Override
  public String title() {
    return "Rank and variation inside the classes against training time";
  }

  @Override
  public String expectation() {
    return "With a penalty, the variation inside the classes and the ranks go on falling long after"
        + " nearly every training sample is predicted rightly; without one, kernels keep the rank that"
        + " they were drawn with.";
  }

  @Override
  public String recipe() {
    return "%s, lambda %s, a constant learning rate, %s; looked at after epochs %s."
        .formatted(
            network,
            Wording.list(" and ", lambdas),
            settings.text(),
            String.join(", ", epochs.stream().map(String::valueOf).toList()));
  }

  @Override
  public int steps() {
    return lambdas.size() * settings.seeds().size() * (epochs.size() + 1);
  }

  @Override
  public CsvTable run(Progress progress) {
    LayerTable table =
        new LayerTable(
            List.of("lambda", "seed", "epoch"),
            LayerColumn.LAYER,
            LayerColumn.RANK,
            LayerColumn.RELATIVE_DISTANCE,
            LayerColumn.NORMALIZED_TCV,
            LayerColumn.ACCURACY,
            LayerColumn.TEST_ACCURACY);
    NetworkSpec spec = TrainedNetwork.spec(network, data);
    int[] done = {0};
    for (double lambda : lambdas) {
      for (long seed : settings.seeds()) {
        TrainingConfig config =
            settings
                .training(lambda, seed)
                .withSchedule(LearningRateSchedule.parse("constant"))
                .withLearningRate(0.02);
        NetworkWeights start = NetworkWeights.initial(spec, seed);
        OptionalDouble none = OptionalDouble.empty();
        table.add(new TrainedNetwork(look(spec, start), none, none, none), lambda, seed, 0);
        progress.reached(++done[0]);
        Trainer.train(
            spec,
            data.train(),
            data.test(),
            config,
            (summary, weights) -> {
              if (epochs.contains(summary.epoch())) {
                TrainedNetwork now =
                    new TrainedNetwork(
                        look(spec, weights.get()),
                        OptionalDouble.of(summary.accuracy()),
                        summary.testAccuracy(),
                        none);
                table.add(now, lambda, seed, summary.epoch());
                progress.reached(++done[0]);
              }
              return new EpochListener.Response.Continue();
            });
      }
    }
    return table.build();
  }

  private NetworkLook look(NetworkSpec spec, NetworkWeights weights) {
    return NetworkLook.of(spec, weights, data.train(), L2Penalty.NONE);
  }

  @Override
  public List<String> seen(CsvTable table) {
    List<String> seen = new ArrayList<>();
    for (String lambda : StudyRows.of(table).distinct("lambda")) {
      StudyRows of = StudyRows.of(table).where("lambda", lambda);
      Optional<String> fitted =
          of.distinct("epoch").stream()
              .filter(epoch -> of.where("epoch", epoch).median("accuracy") >= FITTED)
              .findFirst();
      List<String> looked = of.distinct("epoch");
      String last = looked.get(looked.size() - 1);
      String name = "Lambda " + number(lambda);
      if (fitted.isEmpty()) {
        seen.add(
            "%s: %s of the training samples are not right by epoch %s. %s."
                .formatted(name, Wording.percent(FITTED), last, layers(of, looked.get(0), last)));
      } else {
        seen.add(
            "%s: %s of the training samples are right from epoch %s on (of those looked at). %s."
                .formatted(
                    name, Wording.percent(FITTED), fitted.get(), layers(of, fitted.get(), last)));
      }
    }
    return seen;
  }

  /** Median rank and variation of every layer at two epochs. */
  private static String layers(StudyRows rows, String from, String to) {
    List<String> parts = new ArrayList<>();
    for (String layer : rows.distinct("layer")) {
      StudyRows before = rows.where("layer", layer).where("epoch", from);
      StudyRows after = rows.where("layer", layer).where("epoch", to);
      parts.add(
          "%s: rank %s -> %s, TCV / TV %s -> %s"
              .formatted(
                  layer,
                  number(before.median("rank_1e-2")),
                  number(after.median("rank_1e-2")),
                  number(before.median("normalized_tcv")),
                  number(after.median("normalized_tcv"))));
    }
    return "From epoch %s to %s, medians: %s".formatted(from, to, String.join("; ", parts));
  }

  @Override
  public List<StudyPlot> plots(CsvTable table) {
    List<StudyPlot.Curve> ranks = new ArrayList<>();
    List<StudyPlot.Curve> variation = new ArrayList<>();
    StudyRows all = StudyRows.of(table).whereNot("epoch", 0);
    for (String lambda : all.distinct("lambda")) {
      StudyRows of = all.where("lambda", lambda);
      for (String layer : of.distinct("layer")) {
        String label = "%s, %s".formatted(layer, number(lambda));
        StudyRows at = of.where("layer", layer);
        if (!layer.equals("classifier")) {
          ranks.add(StudyPlot.Curve.of(label, at, "epoch", "rank_1e-2"));
        }
        if (!layer.equals("dense_1")) {
          variation.add(StudyPlot.Curve.of(label, at, "epoch", "normalized_tcv"));
        }
      }
    }
    StudyPlot.Axis epoch = StudyPlot.Axis.logarithmic("epoch");
    return List.of(
        new StudyPlot(
            "rank",
            "Rank of hidden kernels, by layer and lambda",
            epoch,
            StudyPlot.Axis.RANK,
            ranks),
        new StudyPlot(
            "variation",
            "Variation inside the classes at a layer's input, by layer and lambda",
            epoch,
            StudyPlot.Axis.VARIATION,
            variation));
  }
}
