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
import java.util.Optional;
import java.util.stream.DoubleStream;

/**
 * From a network that fits every sample without a penalty to a collapsed one: along the path that
 * gradient descent takes, and along straight lines.
 *
 * <p>The path of steepest descent is one along which the objective cannot rise, so what is tested
 * is where it ends; {@link ParallelStudy} has a path that is built.
 */
final class BarrierStudy implements Study {
  private static final String FOLLOWED = "followed";
  private static final String TO_ITS_END = "line to its end";
  private static final String TO_OTHER = "line to another";
  private static final String COLLAPSED = "between collapsed";

  private final DataSplit data;
  private final String network;
  private final double lambda;
  private final double stepSize;
  private final int steps;
  private final int points;
  private final StudySettings settings;

  BarrierStudy(DataSplit data, long seed) {
    this(data, "mlp:32x3:tanh", 5e-3, 0.05, 24_000, 30, StudySettings.of(seed, 3, 100, 300));
  }

  /**
   * @param lambda of the objective; the networks that it starts from are trained without
   * @param steps of gradient descent, of {@code stepSize}
   * @param points at which each path is evaluated, at least
   */
  BarrierStudy(
      DataSplit data,
      String network,
      double lambda,
      double stepSize,
      int steps,
      int points,
      StudySettings settings) {
    this.data = data;
    this.network = network;
    this.lambda = lambda;
    this.stepSize = stepSize;
    this.steps = steps;
    this.points = points;
    this.settings = settings;
  }

  @Override
  public String title() {
    return "No loss barrier between interpolating and collapsed networks";
  }

  @Override
  public String expectation() {
    return "From almost every network that fits all samples, a continuous path along which the"
        + " objective never rises leads to a collapsed one that is globally optimal"
        + " (arXiv 2402.03991). Straight lines are not such paths.";
  }

  @Override
  public String recipe() {
    return "%s; trained without a penalty, then %,d steps of gradient descent of size %s on all"
            .formatted(network, steps, number(stepSize))
        + " samples with lambda %s; the other collapsed network is trained with that lambda from"
            .formatted(number(lambda))
        + " another seed; %s.".formatted(settings.text());
  }

  @Override
  public int steps() {
    return 6 * settings.seeds().size();
  }

  @Override
  public CsvTable run(Progress progress) {
    PathTable table = new PathTable("steps", "rising_steps", "largest_rise", "gradient_norm");
    NetworkSpec spec = TrainedNetwork.spec(network, data);
    LabeledData train = data.train();
    int done = 0;
    for (long seed : settings.seeds()) {
      TrainingConfig penalized = settings.training(lambda, seed);
      NetworkWeights start = Trainer.train(spec, train, settings.training(0, seed)).weights();
      progress.reached(++done);
      NetworkWeights other =
          Trainer.train(spec, train, penalized.withSeed(seed + 1_000_000)).weights();
      progress.reached(++done);
      FollowedPath followed =
          FollowedPath.down(spec, start, train, penalized, stepSize, steps, points);
      progress.reached(++done);
      rows(
          table,
          spec,
          seed,
          FOLLOWED,
          followed.points(),
          followed.positions(),
          Optional.of(followed));
      progress.reached(++done);
      NetworkWeights end = followed.end();
      int count = points + 1;
      List<Double> even = PathPoint.even(count);
      List<NetworkWeights> toEnd = WeightPath.line(start, end, count);
      rows(table, spec, seed, TO_ITS_END, toEnd, even, Optional.empty());
      progress.reached(++done);
      rows(
          table,
          spec,
          seed,
          TO_OTHER,
          WeightPath.line(start, other, count),
          even,
          Optional.empty());
      rows(
          table, spec, seed, COLLAPSED, WeightPath.line(end, other, count), even, Optional.empty());
      progress.reached(++done);
    }
    return table.build();
  }

  /** One row a point; collapse is measured at the ends alone, and steps are told of there. */
  private void rows(
      PathTable table,
      NetworkSpec spec,
      long seed,
      String path,
      List<NetworkWeights> points,
      List<Double> positions,
      Optional<FollowedPath> followed) {
    TrainingConfig config = settings.training(lambda, seed);
    for (PathPoint point : PathPoint.of(spec, points, positions, data.train(), config)) {
      Optional<FollowedPath> told = point.isLast() ? followed : Optional.empty();
      table.add(
          seed,
          path,
          point,
          told.map(FollowedPath::steps),
          told.map(FollowedPath::rises),
          told.map(FollowedPath::largestRise),
          told.map(FollowedPath::gradientNorm));
    }
  }

  @Override
  public List<String> seen(CsvTable table) {
    StudyRows all = StudyRows.of(table);
    StudyRows followed = all.where("path", FOLLOWED);
    StudyRows starts = followed.where("position", 0.0);
    StudyRows ends = followed.where("position", 1.0);
    StudyRows others = all.where("path", TO_OTHER).where("position", 1.0);
    List<String> seen = new ArrayList<>();
    int steps = (int) DoubleStream.of(ends.numbers("steps")).sum();
    int rising = (int) DoubleStream.of(ends.numbers("rising_steps")).sum();
    seen.add(
        "The objective rises in %,d of the %,d steps of the followed paths%s."
            .formatted(
                rising,
                steps,
                rising == 0
                    ? ""
                    : ", by at most %s of itself".formatted(number(ends.largest("largest_rise")))));
    seen.add(
        "Along them the objective goes from %s to %s, the share of the variation inside the"
                .formatted(spread(starts, "objective"), spread(ends, "objective"))
            + " classes at the classifier's input from %s to %s, the rank of the last hidden"
                .formatted(spread(starts, "normalized_tcv"), spread(ends, "normalized_tcv"))
            + " kernel from %s to %s (medians, and ranges over the seeds)."
                .formatted(spread(starts, "rank_1e-2"), spread(ends, "rank_1e-2")));
    double best = Math.min(ends.least("objective"), others.least("objective"));
    seen.add(
        "The ends lie %s to %s above the lowest objective found, %s; networks trained with the"
                .formatted(
                    Wording.percent(ends.least("objective") / best - 1),
                    Wording.percent(ends.largest("objective") / best - 1),
                    number(best))
            + " penalty from the beginning lie %s to %s above it. Whether the lowest is the global"
                .formatted(
                    Wording.percent(others.least("objective") / best - 1),
                    Wording.percent(others.largest("objective") / best - 1))
            + " optimum is not known; the gradient at the ends has norm %s."
                .formatted(spread(ends, "gradient_norm")));
    for (String path : List.of(TO_ITS_END, TO_OTHER, COLLAPSED)) {
      seen.add(barrier(path, all.where("path", path)));
    }
    return seen;
  }

  /** How far the objective climbs again from its lowest point so far, on each line. */
  private static String barrier(String path, StudyRows rows) {
    return "Straight %s: the objective climbs by %s on the way, the data loss alone by %s (by seed)."
        .formatted(
            path.equals(COLLAPSED) ? "line between two collapsed networks" : path,
            Wording.list(", ", PathTable.climbs(rows, "objective")),
            Wording.list(", ", PathTable.climbs(rows, "loss")));
  }

  @Override
  public List<StudyPlot> plots(CsvTable table) {
    StudyRows all = StudyRows.of(table);
    return List.of(
        PathTable.objective(all),
        PathTable.plot(
            all,
            "loss",
            "Data loss along the same paths",
            StudyPlot.Axis.logarithmic("mean cross-entropy")));
  }
}
