package io.github.rankfold.cli.studies;

import static io.github.rankfold.cli.studies.Wording.number;
import static io.github.rankfold.cli.studies.Wording.spread;

import io.github.rankfold.cli.console.Progress;
import io.github.rankfold.models.data.DataSplit;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.files.CsvTable;
import io.github.rankfold.models.network.NetworkSpec;
import io.github.rankfold.models.network.NetworkWeights;
import io.github.rankfold.training.Trainer;
import io.github.rankfold.training.TrainingConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A path without a barrier from a network that fits every sample to one that was trained with the
 * penalty, built in a network wide enough for both: {@link MonotonePath} says beforehand that the
 * objective falls all along it, and TensorFlow evaluates it.
 */
final class ParallelStudy implements Study {
  private static final String BUILT = "built";
  private static final String STRAIGHT = "straight line";
  private static final String HALVED = "half of the neurons fade";

  private final DataSplit data;
  private final int width;
  private final int hidden;
  private final double lambda;
  private final int legs;
  private final StudySettings settings;

  ParallelStudy(DataSplit data, long seed) {
    this(data, 32, 3, 3e-3, 30, StudySettings.of(seed, 3, 100, 300));
  }

  /**
   * @param width of the hidden layers of each of the two networks
   * @param hidden layers
   * @param legs parts that each of the path's two legs is evaluated in
   */
  ParallelStudy(
      DataSplit data, int width, int hidden, double lambda, int legs, StudySettings settings) {
    this.data = data;
    this.width = width;
    this.hidden = hidden;
    this.lambda = lambda;
    this.legs = legs;
    this.settings = settings;
  }

  private String network(int ofWidth) {
    return String.format(Locale.ROOT, "mlp:%dx%d", ofWidth, hidden);
  }

  @Override
  public String title() {
    return "No loss barrier, by a path that is built";
  }

  @Override
  public String expectation() {
    return "Where a network that fits all samples leaves neurons unused, a network of lower"
        + " objective can be grown in them while the first one fades, and the objective never rises"
        + " if three conditions on the two networks hold (the theorem below).";
  }

  @Override
  public String recipe() {
    return "%s, ReLU, trained without a penalty, and another trained with lambda %s, side by side in"
            .formatted(network(width), number(lambda))
        + " %s; the path of the theorem, the straight line between its ends, and, of an %s trained"
            .formatted(network(2 * width), network(2 * width))
        + " without a penalty, which leaves no neuron unused, the straight line to itself with half"
        + " of its hidden neurons dead; the objective has lambda %s everywhere; %s."
            .formatted(number(lambda), settings.text());
  }

  @Override
  public int steps() {
    return 4 * settings.seeds().size();
  }

  @Override
  public CsvTable run(Progress progress) {
    PathTable table = new PathTable("corner", "is_right", "first_margin", "second_margin");
    NetworkSpec narrow = TrainedNetwork.spec(network(width), data);
    NetworkSpec wide = TrainedNetwork.spec(network(2 * width), data);
    LabeledData train = data.train();
    int done = 0;
    for (long seed : settings.seeds()) {
      TrainingConfig free = settings.training(0, seed);
      NetworkWeights first = Trainer.train(narrow, train, free).weights();
      progress.reached(++done);
      NetworkWeights second =
          Trainer.train(narrow, train, settings.training(lambda, seed + 1_000_000)).weights();
      progress.reached(++done);
      NetworkWeights full = Trainer.train(wide, train, free).weights();
      progress.reached(++done);

      ParallelNetworks both = ParallelNetworks.of(narrow, first, narrow, second);
      MonotonePath path = proven(train, narrow, first, second, both.depth());
      List<NetworkWeights> built =
          path.points(legs).stream()
              .map(shares -> both.at(shares.first(), shares.second()))
              .toList();
      rows(table, both.spec(), seed, BUILT, built, Optional.of(path));
      List<NetworkWeights> straight = WeightPath.line(both.at(1, 0), both.at(0, 1), built.size());
      rows(table, both.spec(), seed, STRAIGHT, straight, Optional.empty());
      NetworkWeights half = DeadNeurons.upperHalf(wide, full);
      rows(table, wide, seed, HALVED, WeightPath.line(full, half, built.size()), Optional.empty());
      progress.reached(++done);
    }
    return table.build();
  }

  private MonotonePath proven(
      LabeledData train, NetworkSpec spec, NetworkWeights first, NetworkWeights second, int depth) {
    ParallelLoss loss = ParallelLoss.of(train, spec, first, spec, second);
    TrainingConfig config = settings.training(lambda, 0);
    // The penalty is lambda/2 times the squared norms, and knows which variables those are of.
    double firstNorm = 2 / lambda * config.l2().of(first);
    double secondNorm = 2 / lambda * config.l2().of(second);
    return MonotonePath.between(loss, firstNorm, secondNorm, lambda, depth);
  }

  /**
   * One row a point; collapse is measured at the ends alone, the theorem's margins are the path's.
   */
  private void rows(
      PathTable table,
      NetworkSpec spec,
      long seed,
      String path,
      List<NetworkWeights> points,
      Optional<MonotonePath> proven) {
    TrainingConfig config = settings.training(lambda, seed);
    List<Double> positions = PathPoint.even(points.size());
    for (PathPoint point : PathPoint.of(spec, points, positions, data.train(), config)) {
      table.add(
          seed,
          path,
          point,
          proven.map(MonotonePath::corner),
          proven.map(MonotonePath::isRight),
          proven.map(MonotonePath::firstMargin),
          proven.map(MonotonePath::secondMargin));
    }
  }

  @Override
  public List<String> seen(CsvTable table) {
    StudyRows all = StudyRows.of(table);
    StudyRows built = all.where("path", BUILT);
    StudyRows starts = built.where("position", 0.0);
    StudyRows ends = built.where("position", 1.0);
    List<String> seen = new ArrayList<>();
    seen.add(conditions(ends));
    int steps = 0;
    int rises = 0;
    for (String seed : built.distinct("seed")) {
      double[] objectives = built.where("seed", seed).numbers("objective");
      for (int i = 1; i < objectives.length; i++) {
        steps++;
        // float32 rounds the objective to about this.
        rises += objectives[i] > objectives[i - 1] * (1 + 1e-6) ? 1 : 0;
      }
    }
    seen.add(
        "Evaluated, the objective rises in %,d of %,d steps of the built paths, and goes from %s to"
                .formatted(rises, steps, spread(starts, "objective"))
            + " %s (medians, and ranges over the seeds).".formatted(spread(ends, "objective")));
    seen.add(
        "The share of the variation inside the classes at the classifier's input goes from %s to %s,"
                .formatted(spread(starts, "normalized_tcv"), spread(ends, "normalized_tcv"))
            + " the rank of the last hidden kernel from %s to %s."
                .formatted(spread(starts, "rank_1e-2"), spread(ends, "rank_1e-2")));
    seen.add(climbs("Along the straight line between the same ends", all.where("path", STRAIGHT)));
    seen.add(
        climbs(
            "While half of the neurons of a network that uses all of them fade",
            all.where("path", HALVED)));
    return seen;
  }

  private static String conditions(StudyRows ends) {
    int proven = 0;
    for (int row : ends.rows()) {
      CsvTable table = ends.table();
      MonotonePath path =
          new MonotonePath(
              Double.parseDouble(table.cell(row, "corner")),
              Boolean.parseBoolean(table.cell(row, "is_right")),
              Double.parseDouble(table.cell(row, "first_margin")),
              Double.parseDouble(table.cell(row, "second_margin")));
      proven += path.isProven() ? 1 : 0;
    }
    return "The conditions hold for %d of %d pairs, so that the objective is proven to fall all along"
            .formatted(proven, ends.rows().size())
        + " their paths: the corner is where the first network's share is %s, the margins are %s and"
            .formatted(spread(ends, "corner"), spread(ends, "first_margin"))
        + " %s.".formatted(spread(ends, "second_margin"));
  }

  private static String climbs(String where, StudyRows rows) {
    return "%s the objective climbs by %s (by seed)."
        .formatted(where, Wording.list(", ", PathTable.climbs(rows, "objective")));
  }

  @Override
  public List<StudyPlot> plots(CsvTable table) {
    return List.of(PathTable.objective(StudyRows.of(table)));
  }
}
