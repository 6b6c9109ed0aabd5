package io.github.rankfold.cli.studies;

import static io.github.rankfold.cli.studies.Wording.percent;

import io.github.rankfold.cli.console.Progress;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.files.CsvTable;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;

/** Forecasts of the singular values beside training less and training on less. */
final class ForecastComparison implements Study {
  private static final String ERROR = "error_";
  private final LabeledData data;
  private final long seed;

  ForecastComparison(LabeledData data, long seed) {
    this.data = data;
    this.seed = seed;
  }

  @Override
  public String title() {
    return "Forecast against outcome";
  }

  @Override
  public String expectation() {
    return "Where classes collapse, kernels beyond the first need few different neurons: a narrow"
        + " network ends at nearly the spectra of the wide one, at a share of its cost.";
  }

  @Override
  public String recipe() {
    return "mlp:100x3, lambda 1e-2, the outcome trained in full; seed %d.".formatted(seed);
  }

  @Override
  public int steps() {
    return 10;
  }

  @Override
  public CsvTable run(Progress progress) {
    return new ForecastStudy(data, seed, progress).run();
  }

  @Override
  public List<String> seen(CsvTable table) {
    List<String> errors =
        table.columns().stream().filter(column -> column.startsWith(ERROR)).toList();
    List<String> seen = new ArrayList<>();
    for (int row = 1; row < table.rows().size(); row++) {
      int at = row;
      double[] values =
          errors.stream()
              .mapToDouble(column -> Double.parseDouble(table.cell(at, column)))
              .toArray();
      seen.add(
          "%s, %s points, %s of the cost: relative errors of the kernels' spectra %s."
              .formatted(
                  table.cell(row, "method"),
                  table.cell(row, "points"),
                  percent(Double.parseDouble(table.cell(row, "share_of_cost"))),
                  String.join(", ", DoubleStream.of(values).mapToObj(Wording::number).toList())));
    }
    return seen;
  }

  @Override
  public List<StudyPlot> plots(CsvTable table) {
    StudyRows all = StudyRows.of(table).whereNot("method", "training");
    return List.of(
        new StudyPlot(
            "error",
            "Error of the first kernel's spectrum against cost",
            StudyPlot.Axis.logarithmic("passes over the training data"),
            StudyPlot.Axis.logarithmic("relative error"),
            StudyPlot.Curve.each(all, "method", "passes", "error_dense_1")));
  }
}
