package io.github.rankfold.cli.report;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What a search for ranks tried: a chart, the promise in words, and a table. */
final class SearchPart {
  private static final String GOING_ON =
      "On the front are trials that no other one beats both in size and in what was lost. Trials"
          + " without a promise were measured on the half of the samples that the search chooses"
          + " by; the others judged it. To go on: a larger --max-drop reaches further along the"
          + " front, --fine-tune gets more out of the same size, and more held-out samples bring"
          + " the promise nearer to what was measured.";

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
            "Promised",
            "On the front");
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
          search.number(row, "promised_drop").isPresent() ? search.shown(row, "promised_drop") : "",
          isOnFront(search, row) ? "yes" : "");
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
            Markup.format("<p>%s</p>", GOING_ON),
            Section.charts("search-chart", chosen),
            table.folded()));
  }

  /** Whether no other trial is as small and better, or as good and smaller. */
  private static boolean isOnFront(CheckedTable search, int row) {
    double size = search.number(row, "parameters").orElse(Double.POSITIVE_INFINITY);
    double drop = search.number(row, "drop").orElse(Double.POSITIVE_INFINITY);
    for (int other = 0; other < search.size(); other++) {
      double otherSize = search.number(other, "parameters").orElse(Double.POSITIVE_INFINITY);
      double otherDrop = search.number(other, "drop").orElse(Double.POSITIVE_INFINITY);
      boolean noWorse = otherSize <= size && otherDrop <= drop;
      if (noWorse && (otherSize < size || otherDrop < drop)) {
        return false;
      }
    }
    return true;
  }
}
