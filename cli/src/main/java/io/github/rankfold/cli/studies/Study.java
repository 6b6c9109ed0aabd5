package io.github.rankfold.cli.studies;

import io.github.rankfold.cli.console.Progress;
import io.github.rankfold.models.data.DataSplit;
import io.github.rankfold.models.files.CsvTable;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** A recipe: what it varies, what theory expects of that, and how its table is drawn. */
public enum Study {
  LAMBDA(
      6,
      "A larger lambda lowers the variation inside the classes and the rank of every kernel; at"
          + " small lambda kernels keep the rank of their initialization.",
      new SvgChart("Rank at 1e-2 against lambda", "lambda", true, "rank_1e-2", false, "layer")),
  DEPTH(
      8,
      "Variation inside the classes falls from layer to layer, further in deeper networks; the rank"
          + " of deep kernels does not grow with width.",
      new SvgChart(
          "Variation inside the classes at each layer's input",
          "position",
          false,
          "normalized_tcv",
          true,
          "network")),
  TIME(
      8,
      "With a penalty, variation inside the classes and ranks go on falling long after the training"
          + " accuracy has reached its end.",
      new SvgChart("Rank at 1e-2 against epochs", "epoch", true, "rank_1e-2", false, "layer")),
  TRUNCATION(
      16,
      "Kernels of a collapsed network can be cut to the number of classes, or one less, without a"
          + " loss of accuracy; sometimes it gains.",
      new SvgChart(
          "Accuracy with every hidden kernel cut to a rank",
          "rank",
          true,
          "accuracy",
          false,
          "split")),
  FORECAST(
      10,
      "Training on a few weighted points that keep class shares and spread ends at nearly the"
          + " spectra of training on all data.",
      new SvgChart(
          "Error of the first kernel's spectrum against cost",
          "passes",
          true,
          "error_dense_1",
          true,
          "method"));

  private final int steps;
  private final String expectation;

  @SuppressWarnings("ImmutableEnumChecker") // a record of strings and booleans
  private final SvgChart chart;

  Study(int steps, String expectation, SvgChart chart) {
    this.steps = steps;
    this.expectation = expectation;
    this.chart = chart;
  }

  /** As users write it. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** What theory expects. */
  public String expectation() {
    return expectation;
  }

  /** Trainings, for a progress bar. */
  public int steps() {
    return steps;
  }

  /** The plot of a table of this study. */
  public String svg(CsvTable table) {
    return chart.draw(table);
  }

  /** Does the experiment. */
  public CsvTable run(DataSplit data, long seed, Progress progress) throws IOException {
    TrainingStudies training = new TrainingStudies(data, seed, progress);
    return switch (this) {
      case LAMBDA -> training.lambda();
      case DEPTH -> training.depth();
      case TIME -> training.time();
      case TRUNCATION -> training.truncation();
      case FORECAST -> new ForecastStudy(data.train(), seed, progress).run();
    };
  }

  /** The study of that name. */
  public static Study named(String text) {
    return Arrays.stream(values())
        .filter(study -> study.text().equals(text))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "study must be %s, was %s".formatted(String.join(", ", names()), text)));
  }

  private static List<String> names() {
    return Arrays.stream(values()).map(Study::text).collect(Collectors.toList());
  }
}
