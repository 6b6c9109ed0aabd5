package io.github.rankfold.cli.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/** What was removed from each layer, and the evaluation of every model. */
final class CompressionSection {
  private CompressionSection() {}

  static Section of(ReportInputs inputs) {
    Optional<CheckedTable> compression =
        inputs.table(ReportTable.COMPRESSION).filter(table -> table.size() > 0);
    Markup evaluation =
        inputs
            .table(ReportTable.EVALUATION)
            .filter(table -> table.size() > 0)
            .map(CompressionSection::evaluationTable)
            .orElse(Markup.NOTHING);
    if (compression.isEmpty()) {
      String note = "No compression.csv: which ranks were chosen is not known.";
      return evaluation.equals(Markup.NOTHING)
          ? Section.leftOut(note)
          : Section.of(Markup.format("%s%s", Section.note(note), evaluation));
    }
    return Section.of(
        Markup.join(List.of(SearchPart.of(inputs), layerTable(compression.get()), evaluation)));
  }

  private static Markup layerTable(CheckedTable compression) {
    boolean some = compression.says("kept_because");
    boolean relative = compression.says("relative_error"); // not in tables of older versions
    List<String> columns =
        new ArrayList<>(
            List.of(
                "Layer",
                "Kind",
                "Rule",
                "Rank kept",
                "of full rank",
                "Parameters before",
                "after",
                "Multiply-adds before",
                "after",
                relative ? "Relative error" : "Energy discarded"));
    if (some) {
      columns.add("Left whole because");
    }
    HtmlTable table = new HtmlTable("Ranks and costs, layer by layer", 3, columns);
    if (some) {
      table.lastInWords();
    }
    for (int row = 0; row < compression.size(); row++) {
      List<Object> cells =
          new ArrayList<>(
              List.of(
                  compression.text(row, "layer"),
                  compression.text(row, "kind"),
                  compression.text(row, "rule"),
                  rankBar(compression, row),
                  compression.shown(row, "full_rank"),
                  compression.shown(row, "parameters_before"),
                  compression.shown(row, "parameters_after"),
                  compression.shown(row, "multiply_adds_before"),
                  compression.shown(row, "multiply_adds_after"),
                  relative
                      ? percent(compression.number(row, "relative_error"))
                      : compression.shown(row, "discarded_energy")));
      if (some) {
        cells.add(HtmlTable.words(compression.text(row, "kept_because")));
      }
      table.row(cells);
    }
    return table.build();
  }

  private static Markup rankBar(CheckedTable compression, int row) {
    OptionalDouble rank = compression.number(row, "rank");
    double full = compression.number(row, "full_rank").orElse(0);
    if (rank.isEmpty() || full <= 0) {
      return Markup.text(compression.shown(row, "rank"));
    }
    double share = Math.max(0, Math.min(100, 100 * rank.getAsDouble() / full));
    return Markup.format(
        "<span class=\"bar\" aria-hidden=\"true\"><i style=\"width:%s%%\"></i></span> %s",
        String.format(Locale.ROOT, "%.1f", share), compression.shown(row, "rank"));
  }

  private static Markup evaluationTable(CheckedTable evaluation) {
    HtmlTable table =
        new HtmlTable(
            "Evaluation",
            1,
            "Model",
            "Samples",
            "Accuracy",
            "95% interval",
            "Loss",
            "Parameters",
            "Weights",
            "Size on disk",
            "Latency (ms)",
            "Same prediction",
            "Outputs differ");
    for (int row = 0; row < evaluation.size(); row++) {
      table.row(
          evaluation.text(row, "model"),
          evaluation.shown(row, "samples"),
          percent(evaluation.number(row, "accuracy")),
          percent(evaluation.number(row, "accuracy_low"))
              + " \u2013 "
              + percent(evaluation.number(row, "accuracy_high")),
          evaluation.shown(row, "loss"),
          evaluation.shown(row, "parameters"),
          bytes(evaluation.number(row, "bytes")),
          bytes(evaluation.number(row, "bytes_on_disk")),
          evaluation.shown(row, "latency_ms"),
          percent(evaluation.number(row, "agreement")),
          percent(evaluation.number(row, "relative_error")));
    }
    return table.build();
  }

  private static String percent(OptionalDouble share) {
    return share.isPresent() ? HumanNumber.percent(share.getAsDouble()) : HumanNumber.UNDEFINED;
  }

  private static String bytes(OptionalDouble bytes) {
    return bytes.isPresent() ? HumanNumber.bytes(bytes.getAsDouble()) : HumanNumber.UNDEFINED;
  }
}
