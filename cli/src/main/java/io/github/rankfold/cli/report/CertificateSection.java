package io.github.rankfold.cli.report;

import java.util.List;
import java.util.Optional;

/** Measured distance to low rank beside its bounds, layer by layer. */
final class CertificateSection {
  private CertificateSection() {}

  static Section of(ReportInputs inputs) {
    Optional<CheckedTable> found =
        inputs.table(ReportTable.CERTIFICATES).filter(table -> table.size() > 0);
    if (found.isEmpty()) {
      return Section.leftOut(
          "No certificates.csv: the distance to low rank was not bounded. A kernel without a"
              + " penalty has no certificate.");
    }
    CheckedTable certificates = found.get();
    HtmlTable table =
        new HtmlTable(
            "Distances and bounds in numbers",
            2,
            "Layer",
            "Partition",
            "\u03bb",
            "Measured",
            "Two-sided",
            "Projected",
            "Projected TCV",
            "Exact",
            "TCV",
            "\u2016R\u2016 / \u03bb",
            "To rank K",
            "Bound there");
    for (int row = 0; row < certificates.size(); row++) {
      table.row(
          certificates.text(row, "layer"),
          CertificateRows.partition(certificates, row),
          certificates.shown(row, "lambda"),
          certificates.shown(row, "measured_distance"),
          certificates.shown(row, "two_sided_bound"),
          certificates.shown(row, "projected_bound"),
          certificates.shown(row, "projected_tcv_bound"),
          certificates.shown(row, "exact_bound"),
          certificates.shown(row, "tcv_bound"),
          certificates.shown(row, "stationarity"),
          certificates.shown(row, "classes_distance"),
          certificates.shown(row, "classes_bound"));
    }
    Markup chart =
        Section.chart(
            "bounds",
            "Dot plot of the measured distance and its four bounds for every layer, on a"
                + " logarithmic axis; the numbers are in the table below");
    return Section.of(Markup.join(List.of(chart, table.build())));
  }
}
