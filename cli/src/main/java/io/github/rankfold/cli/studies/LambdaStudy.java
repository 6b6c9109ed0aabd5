package io.github.rankfold.cli.studies;

import static io.github.rankfold.cli.studies.Wording.number;
import static io.github.rankfold.cli.studies.Wording.percent;

import io.github.rankfold.cli.console.Progress;
import io.github.rankfold.models.data.DataSplit;
import io.github.rankfold.models.files.CsvTable;
import java.util.ArrayList;
import java.util.List;

/** The same network under penalties from hardly any to so much that it learns less. */
final class LambdaStudy implements Study {
  private final DataSplit data;
  private final String network;
  private final List<Double> lambdas;
  private final StudySettings settings;

  LambdaStudy(DataSplit data, long seed) {
    this(
        data,
        "mlp:100x3:tanh",
        List.of(1e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2),
        StudySettings.of(seed, 3, 60, 300));
  }

  LambdaStudy(DataSplit data, String network, List<Double> lambdas, StudySettings settings) {
    this.data = data;
    this.network = network;
    this.lambdas = List.copyOf(lambdas);
    this.settings = settings;
  }

  @Override
  public String title() {
    return "Rank and variation inside the classes against lambda";
  }

  @Override
  public String expectation() {
    return "A larger lambda lowers the variation inside the classes and the rank of every kernel."
        + " At a critical point a kernel is no further from rank K than the variation inside the"
        + " classes allows, divided by lambda.";
  }

  @Override
  public String recipe() {
    return "%s, lambda %s, %s.".formatted(network, Wording.list(", ", lambdas), settings.text());
  }

  @Override
  public int steps() {
    return lambdas.size() * settings.seeds().size();
  }

  @Override
  public CsvTable run(Progress progress) {
    LayerTable table =
        new LayerTable(
            List.of("lambda", "seed"),
            LayerColumn.LAYER,
            LayerColumn.CLASSES,
            LayerColumn.RANK,
            LayerColumn.DISTANCE,
            LayerColumn.RELATIVE_DISTANCE,
            LayerColumn.TCV,
            LayerColumn.NORMALIZED_TCV,
            LayerColumn.EXACT_BOUND,
            LayerColumn.TWO_SIDED_BOUND,
            LayerColumn.GRADIENT_NORM,
            LayerColumn.ACCURACY,
            LayerColumn.TEST_ACCURACY);
    int done = 0;
    for (double lambda : lambdas) {
      for (long seed : settings.seeds()) {
        table.add(TrainedNetwork.of(network, data, settings, lambda, seed), lambda, seed);
        progress.reached(++done);
      }
    }
    return table.build();
  }

  @Override
  public List<String> seen(CsvTable table) {
    StudyRows all = StudyRows.of(table);
    List<String> lambdas = all.distinct("lambda");
    String first = lambdas.get(0);
    String last = lambdas.get(lambdas.size() - 1);
    List<String> hidden =
        all.distinct("layer").stream().filter(layer -> !layer.equals("classifier")).toList();
    List<String> seen = new ArrayList<>();
    List<String> ranks = new ArrayList<>();
    for (String layer : all.distinct("layer")) {
      ranks.add(
          "%s %s"
              .formatted(layer, Wording.medians(all.where("layer", layer), "lambda", "rank_1e-2")));
    }
    seen.add(
        "Median ranks, singular values above 1e-2 of the largest, from lambda %s to %s: %s."
            .formatted(number(first), number(last), String.join("; ", ranks)));
    seen.add(rises(all, lambdas));
    StudyRows output = all.where("layer", "classifier");
    seen.add(variation(output, lambdas, "tcv", "Variation inside the classes (TCV)"));
    seen.add(variation(output, lambdas, "normalized_tcv", "Its share of all variation (TCV / TV)"));
    seen.add(belowClasses(all, lambdas, hidden));
    StudyRows certified = all.whereNot("layer", "classifier").whereNot("exact_bound", "");
    if (!certified.isEmpty()) {
      seen.add(looseness(certified));
    }
    List<String> accuracies = new ArrayList<>();
    for (String lambda : lambdas) {
      accuracies.add(percent(all.where("lambda", lambda).median("test_accuracy")));
    }
    seen.add(
        "Median test accuracy from the smallest lambda to the largest: %s."
            .formatted(String.join(", ", accuracies)));
    return seen;
  }

  private static String alongLambda(StudyRows rows, List<String> lambdas, String column) {
    List<String> values = new ArrayList<>();
    for (String lambda : lambdas) {
      values.add(number(rows.where("lambda", lambda).median(column)));
    }
    return String.join(", ", values);
  }

  /** Whether the variation falls as lambda grows. */
  private static String variation(
      StudyRows rows, List<String> lambdas, String column, String words) {
    int falls = 0;
    for (int i = 1; i < lambdas.size(); i++) {
      double before = rows.where("lambda", lambdas.get(i - 1)).median(column);
      falls += rows.where("lambda", lambdas.get(i)).median(column) <= before ? 1 : 0;
    }
    return "%s at the classifier's input, medians: %s. It falls in %d of %d steps to a larger lambda%s."
        .formatted(
            words,
            alongLambda(rows, lambdas, column),
            falls,
            lambdas.size() - 1,
            falls == lambdas.size() - 1
                ? ", as expected"
                : ", against the expectation in the rest");
  }

  /** How often the expectation does not hold from one lambda to the next. */
  private static String rises(StudyRows all, List<String> lambdas) {
    int steps = 0;
    List<String> rises = new ArrayList<>();
    for (String layer : all.distinct("layer")) {
      StudyRows of = all.where("layer", layer);
      for (int i = 1; i < lambdas.size(); i++) {
        double before = of.where("lambda", lambdas.get(i - 1)).median("rank_1e-2");
        double after = of.where("lambda", lambdas.get(i)).median("rank_1e-2");
        steps++;
        if (after > before) {
          rises.add(
              "%s from %s to %s at lambda %s"
                  .formatted(layer, number(before), number(after), number(lambdas.get(i))));
        }
      }
    }
    return rises.isEmpty()
        ? "As expected, no median rank rises from one lambda to the next (%d steps)."
            .formatted(steps)
        : "Against the expectation, a median rank rises in %d of %d steps from one lambda to the"
                .formatted(rises.size(), steps)
            + " next: "
            + String.join("; ", rises)
            + ".";
  }

  private static String belowClasses(StudyRows all, List<String> lambdas, List<String> hidden) {
    int classes = (int) all.median("classes");
    List<String> below = new ArrayList<>();
    for (String lambda : lambdas) {
      StudyRows of = all.where("lambda", lambda);
      List<String> layers =
          hidden.stream()
              .filter(layer -> of.where("layer", layer).median("rank_1e-2") < classes - 1)
              .toList();
      if (!layers.isEmpty()) {
        below.add("%s at lambda %s".formatted(String.join(", ", layers), number(lambda)));
      }
    }
    return below.isEmpty()
        ? "No hidden kernel has a median rank below K - 1 = %d.".formatted(classes - 1)
        : "Below K - 1 = %d, the rank of collapsed class means, are %s. The theorem bounds the"
                .formatted(classes - 1, String.join("; ", below))
            + " distance to rank K, so that a lower rank does not contradict it, but it does not"
            + " predict one either.";
  }

  private static String looseness(StudyRows certified) {
    List<Double> exact = new ArrayList<>();
    List<Double> twoSided = new ArrayList<>();
    int held = 0;
    for (int row : certified.rows()) {
      CsvTable table = certified.table();
      double distance = Double.parseDouble(table.cell(row, "distance_to_rank_k"));
      double bound = Double.parseDouble(table.cell(row, "exact_bound"));
      double sharper = Double.parseDouble(table.cell(row, "two_sided_bound"));
      // Both sides are rounded: to 1e-6 of the kernel's own size at least.
      held += distance <= sharper * (1 + 1e-4) + 1e-6 ? 1 : 0;
      exact.add(bound / distance);
      twoSided.add(sharper / distance);
    }
    return "The bounds hold for %d of %d hidden kernels. By the labels, the exact one is %s times"
            .formatted(held, certified.rows().size(), range(exact))
        + " the distance, the two-sided one %s times.".formatted(range(twoSided));
  }

  private static String range(List<Double> values) {
    double[] sorted = values.stream().mapToDouble(value -> value).sorted().toArray();
    return "%s (median; %s to %s)"
        .formatted(
            number(StudyRows.median(sorted)), number(sorted[0]), number(sorted[sorted.length - 1]));
  }

  @Override
  public List<StudyPlot> plots(CsvTable table) {
    StudyRows all = StudyRows.of(table);
    StudyPlot.Axis lambda = StudyPlot.Axis.logarithmic("lambda");
    List<String> layers = all.distinct("layer");
    String middle = layers.get((layers.size() - 1) / 2);
    StudyRows of = all.where("layer", middle);
    return List.of(
        new StudyPlot(
            "rank",
            "Rank of each kernel",
            lambda,
            StudyPlot.Axis.RANK,
            StudyPlot.Curve.each(all, "layer", "lambda", "rank_1e-2")),
        new StudyPlot(
            "variation",
            "Variation inside the classes at each layer's input",
            lambda,
            StudyPlot.Axis.VARIATION,
            StudyPlot.Curve.each(all, "layer", "lambda", "normalized_tcv")),
        new StudyPlot(
            "bounds",
            "Distance of %s to rank K, and bounds on it".formatted(middle),
            lambda,
            StudyPlot.Axis.logarithmic("Frobenius norm"),
            List.of(
                StudyPlot.Curve.of("exact bound", of, "lambda", "exact_bound"),
                StudyPlot.Curve.of("two-sided bound", of, "lambda", "two_sided_bound"),
                StudyPlot.Curve.of("measured", of, "lambda", "distance_to_rank_k"))));
  }
}
