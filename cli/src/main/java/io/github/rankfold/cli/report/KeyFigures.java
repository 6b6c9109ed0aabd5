package io.github.rankfold.cli.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleFunction;

/** The tiles at the top: accuracy, parameters, size and latency, before and after. */
final class KeyFigures {
  private final CheckedTable evaluation;
  private final int before;
  private final Optional<Integer> after;

  private KeyFigures(CheckedTable evaluation) {
    this.evaluation = evaluation;
    this.before = evaluation.rowWhere("model", "original").orElse(0);
    this.after =
        evaluation
            .rowWhere("model", "compressed")
            .or(() -> Optional.of(evaluation.size() - 1))
            .filter(row -> row != before);
  }

  /** Tiles of {@code evaluation.csv}, or a note that there is none. */
  static Markup of(ReportInputs inputs) {
    Optional<CheckedTable> evaluation =
        inputs.table(ReportTable.EVALUATION).filter(table -> table.size() > 0);
    if (evaluation.isEmpty()) {
      return Section.note(
          "No evaluation.csv: accuracy, size and latency before and after are not known.");
    }
    return new KeyFigures(evaluation.get()).tiles();
  }

  private Markup tiles() {
    List<Markup> tiles = new ArrayList<>();
    accuracyTile().or(this::agreementTile).ifPresent(tiles::add);
    tile(
            "Parameters",
            "parameters",
            HumanNumber::of,
            ratio -> "compression ratio " + HumanNumber.of(ratio))
        .ifPresent(tiles::add);
    tile("Weights", "bytes", HumanNumber::bytes, ratio -> onDisk().orElse(""))
        .ifPresent(tiles::add);
    tile(
            "Latency, ms",
            "latency_ms",
            HumanNumber::roughly,
            // No ratio: on a busy machine it would say more about the machine than about the model.
            ratio -> "median of calls with one sample")
        .ifPresent(tiles::add);
    return Markup.format("<div class=\"tiles\">%s</div>", Markup.join(tiles));
  }

  /** The files, which some exporters fill with second copies of the weights. */
  private Optional<String> onDisk() {
    OptionalDouble first = evaluation.number(before, "bytes_on_disk");
    OptionalDouble second =
        after.map(row -> evaluation.number(row, "bytes_on_disk")).orElse(OptionalDouble.empty());
    if (first.isEmpty() || second.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        "on disk %s \u2192 %s"
            .formatted(
                HumanNumber.bytes(first.getAsDouble()), HumanNumber.bytes(second.getAsDouble())));
  }

  private Optional<Markup> accuracyTile() {
    OptionalDouble first = evaluation.number(before, "accuracy");
    if (first.isEmpty()) {
      return Optional.empty();
    }
    List<Markup> intervals = new ArrayList<>();
    intervals.add(interval(before));
    after.ifPresent(row -> intervals.add(interval(row)));
    return Optional.of(
        Markup.format(
            """
            <div class="tile wide"><h3>Accuracy</h3><p class="figure">%s</p>
            <p class="aside">95%% intervals, %s samples</p>%s</div>
            """,
            figure("accuracy", HumanNumber::percent),
            evaluation.shown(before, "samples"),
            Markup.join(intervals)));
  }

  /** What is known without labels. */
  private Optional<Markup> agreementTile() {
    OptionalDouble agreement =
        after.map(row -> evaluation.number(row, "agreement")).orElse(OptionalDouble.empty());
    if (agreement.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        Markup.format(
            """
            <div class="tile"><h3>Same prediction</h3><p class="figure">%s</p>
            <p class="aside">of %s samples without labels</p></div>
            """,
            HumanNumber.percent(agreement.getAsDouble()), evaluation.shown(before, "samples")));
  }

  /** One model's interval as a bar on an axis that spans the intervals of both. */
  private Markup interval(int row) {
    OptionalDouble low = evaluation.number(row, "accuracy_low");
    OptionalDouble high = evaluation.number(row, "accuracy_high");
    OptionalDouble accuracy = evaluation.number(row, "accuracy");
    if (low.isEmpty() || high.isEmpty() || accuracy.isEmpty()) {
      return Markup.NOTHING;
    }
    double left = extreme("accuracy_low", Math::min, low.getAsDouble());
    double right = extreme("accuracy_high", Math::max, high.getAsDouble());
    double scale = right > left ? 100 / (right - left) : 0;
    return Markup.format(
        """
        <div class="interval"><span>%s</span>
        <svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
        <line class="whisker" x1="%s" x2="%s" y1="4" y2="4"/><line class="value" x1="%s" x2="%s" y1="0" y2="8"/></svg>
        <span>%s \u2013 %s</span></div>
        """,
        evaluation.text(row, "model"),
        position((low.getAsDouble() - left) * scale),
        position((high.getAsDouble() - left) * scale),
        position((accuracy.getAsDouble() - left) * scale),
        position((accuracy.getAsDouble() - left) * scale),
        HumanNumber.percent(low.getAsDouble()),
        HumanNumber.percent(high.getAsDouble()));
  }

  private double extreme(String column, DoubleBinaryOperator choose, double otherwise) {
    double first = evaluation.number(before, column).orElse(otherwise);
    double second = after.map(row -> evaluation.number(row, column).orElse(first)).orElse(first);
    return choose.applyAsDouble(first, second);
  }

  private static String position(double percent) {
    return String.format(Locale.ROOT, "%.2f", percent);
  }

  private Optional<Markup> tile(
      String title, String column, DoubleFunction<String> shown, DoubleFunction<String> compared) {
    OptionalDouble first = evaluation.number(before, column);
    if (first.isEmpty()) {
      return Optional.empty();
    }
    OptionalDouble second =
        after.map(row -> evaluation.number(row, column)).orElse(OptionalDouble.empty());
    String aside =
        second.isPresent() && second.getAsDouble() > 0
            ? compared.apply(first.getAsDouble() / second.getAsDouble())
            : "";
    return Optional.of(
        Markup.format(
            """
            <div class="tile"><h3>%s</h3><p class="figure">%s</p><p class="aside">%s</p></div>
            """,
            title, figure(column, shown), aside));
  }

  private Markup figure(String column, DoubleFunction<String> shown) {
    String first = shown.apply(evaluation.number(before, column).orElseThrow());
    OptionalDouble second =
        after.map(row -> evaluation.number(row, column)).orElse(OptionalDouble.empty());
    if (second.isEmpty()) {
      return Markup.text(first);
    }
    return Markup.format(
        "<span class=\"before\">%s</span> <span class=\"arrow\" aria-label=\"to\">\u2192</span>"
            + " <span class=\"after\">%s</span>",
        first, shown.apply(second.getAsDouble()));
  }
}
