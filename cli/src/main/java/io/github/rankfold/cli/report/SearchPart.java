package io.github.rankfold.cli.report;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What a search for ranks tried: a chart, the promise in words, and a table. */
final class SearchPart {
  private SearchPart() {}

  static Markup of(ReportInputs inputs) {
    Optional<CheckedTable> found =
        inputs.table(ReportTable.SEARCH).filter(table -> table.size() > 0);
    return found.map(SearchPart::part).orElse(Markup.NOTHING);
  }

  private static Markup part(CheckedTable search) {
    HtmlTable table =
        new HtmlTable(
            "All that was tried",
            3,
            "Trial",
            "Factors",
            "Chosen",
            "Parameters",
            "Multiply-adds",
            "Worse by",
            "Promised");
    String chosen = "No trial kept to the budget.";
    for (int row = 0; row < search.size(); row++) {
      boolean taken = Boolean.parseBoolean(search.text(row, "chosen"));
      table.row(
          search.shown(row, "trial"),
          search.text(row, "refinement"),
          taken ? "yes" : "",
          search.shown(row, "parameters"),
          search.shown(row, "multiply_adds"),
          search.shown(row, "drop"),
          search.shown(row, "promised_drop"));
      if (taken) {
        chosen =
            String.format(
                Locale.ROOT,
                "%d trials. The chosen one has %s parameters and was %s worse on the samples of the"
                    + " search; with 95%% confidence it is at most %s worse on as many new ones.",
                search.size(),
                search.shown(row, "parameters"),
                search.shown(row, "drop"),
                search.shown(row, "promised_drop"));
      }
    }
    return Markup.join(
        List.of(
            Markup.format("<p>%s</p>", chosen),
            Section.charts("search-chart", chosen),
            table.folded()));
  }
}
