package io.github.rankfold.cli.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/** One small chart of singular values a layer, and the same in numbers. */
final class SpectraSection {
  /** More than these start folded, so that a net of 100 layers stays readable. */
  private static final int MOST_OPEN = 12;

  private SpectraSection() {}

  static Section of(ReportInputs inputs, LayerSpectra spectra, RunFacts facts) {
    if (spectra.byLayer().isEmpty()) {
      return Section.leftOut("No spectra.csv: the singular values of the kernels are not known.");
    }
    Optional<CheckedTable> layers = inputs.table(ReportTable.LAYERS);
    Optional<CheckedTable> compression = inputs.table(ReportTable.COMPRESSION);
    int classes = (int) facts.classes().orElse(0);
    List<Markup> figures = new ArrayList<>();
    HtmlTable numbers =
        new HtmlTable(
            "Spectra in numbers",
            1,
            "Layer",
            "Values",
            "s\u2081",
            classes > 0 ? "s at K = " + classes : "s at K",
            classes > 0 ? "s at K + 1 = " + (classes + 1) : "s at K + 1",
            "Smallest",
            "Energy beyond K");
    for (Map.Entry<String, List<Double>> entry : spectra.byLayer().entrySet()) {
      String layer = entry.getKey();
      List<Double> values = entry.getValue();
      String subtitle =
          layers
              .flatMap(table -> table.rowWhere("layer", layer).map(row -> shape(table, row)))
              .orElse("");
      String cut =
          compression
              .flatMap(table -> table.rowWhere("layer", layer).map(row -> cut(table, row)))
              .orElse("");
      figures.add(figure(figures.size(), layer, values, subtitle, cut));
      numbers.row(
          layer,
          HumanNumber.of(values.size()),
          HumanNumber.of(values.get(0)),
          valueAt(values, classes),
          valueAt(values, classes + 1),
          HumanNumber.of(values.get(values.size() - 1)),
          classes > 0 ? energyBeyond(values, classes) : HumanNumber.UNDEFINED);
    }
    return Section.of(Markup.join(List.of(grid(figures), numbers.folded())));
  }

  private static Markup grid(List<Markup> figures) {
    int open = Math.min(MOST_OPEN, figures.size());
    Markup first =
        Markup.format("<div class=\"grid\">%s</div>", Markup.join(figures.subList(0, open)));
    if (open == figures.size()) {
      return first;
    }
    return Markup.format(
        "%s<details class=\"more\"><summary>%s more spectra</summary><div class=\"grid\">%s</div></details>",
        first,
        HumanNumber.of(figures.size() - open),
        Markup.join(figures.subList(open, figures.size())));
  }

  private static Markup figure(
      int index, String layer, List<Double> values, String subtitle, String cut) {
    String inWords =
        "Singular values of %s: %d values from %s down to %s%s"
            .formatted(
                layer,
                values.size(),
                HumanNumber.of(values.get(0)),
                HumanNumber.of(values.get(values.size() - 1)),
                cut.isEmpty() ? "" : "; " + cut);
    return Markup.format(
        """
        <figure class="spectrum"><figcaption><strong>%s</strong> <span>%s</span> <span>%s</span></figcaption>
        %s<p class="readout" aria-hidden="true"></p></figure>
        """,
        layer, subtitle, cut, Section.chart("spectrum-" + index, inWords));
  }

  private static String shape(CheckedTable layers, int row) {
    return "%s %s \u00d7 %s"
        .formatted(layers.text(row, "kind"), layers.shown(row, "rows"), layers.shown(row, "cols"));
  }

  private static String cut(CheckedTable compression, int row) {
    OptionalDouble rank = compression.number(row, "rank");
    OptionalDouble full = compression.number(row, "full_rank");
    return rank.isPresent() && full.isPresent() && rank.getAsDouble() < full.getAsDouble()
        ? "rank %s of %s kept"
            .formatted(HumanNumber.of(rank.getAsDouble()), HumanNumber.of(full.getAsDouble()))
        : "left whole";
  }

  private static String valueAt(List<Double> values, int index) {
    return index >= 1 && index <= values.size()
        ? HumanNumber.of(values.get(index - 1))
        : HumanNumber.UNDEFINED;
  }

  private static String energyBeyond(List<Double> values, int rank) {
    double total = LayerSpectra.tail(values, 0);
    return total > 0
        ? HumanNumber.percent(LayerSpectra.tail(values, rank) / total)
        : HumanNumber.UNDEFINED;
  }
}
