package io.github.rankfold.cli.report;

import java.util.ArrayList;
import java.util.List;

/** Builds a table of the page: columns of words first, then columns of numbers. */
final class HtmlTable {
  /** Longer tables start folded, so that a net of 100 layers stays readable. */
  private static final int LONGEST_OPEN = 14;

  private final String caption;
  private final int wordColumns;
  private final List<String> columns;
  private final List<Markup> rows = new ArrayList<>();
  private boolean lastInWords;

  HtmlTable(String caption, int wordColumns, String... columns) {
    this(caption, wordColumns, List.of(columns));
  }

  HtmlTable(String caption, int wordColumns, List<String> columns) {
    this.caption = caption;
    this.wordColumns = wordColumns;
    this.columns = List.copyOf(columns);
  }

  /** Makes the last column one of words too. */
  HtmlTable lastInWords() {
    lastInWords = true;
    return this;
  }

  /** A cell of words that may break into lines. */
  static Markup words(String text) {
    return Markup.format("<span class=\"words\">%s</span>", text);
  }

  /** Adds a row: strings are escaped, {@link Markup} is put in as it is. */
  HtmlTable row(Object... cells) {
    return row(List.of(cells));
  }

  /** As above. */
  HtmlTable row(List<?> cells) {
    if (cells.size() != columns.size()) {
      throw new IllegalArgumentException(
          "table %s: expected %d cells, found %d".formatted(caption, columns.size(), cells.size()));
    }
    List<Markup> row = new ArrayList<>();
    for (int i = 0; i < cells.size(); i++) {
      String tag = i == 0 ? "th scope=\"row\"" : "td";
      row.add(
          Markup.format(
              "<" + tag + "%s>%s</" + tag.substring(0, 2) + ">", alignment(i), cells.get(i)));
    }
    rows.add(Markup.format("<tr>%s</tr>", Markup.join(row)));
    return this;
  }

  /** The table in a box that scrolls sideways; folded when it is long. */
  Markup build() {
    return rows.size() > LONGEST_OPEN ? folded() : table();
  }

  /** The table behind a line that opens it: for numbers that a chart already shows. */
  Markup folded() {
    return Markup.format(
        "<details class=\"numbers\"><summary>%s (%s rows)</summary>%s</details>",
        caption, HumanNumber.of(rows.size()), table());
  }

  private Markup table() {
    List<Markup> heads = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      heads.add(Markup.format("<th scope=\"col\"%s>%s</th>", alignment(i), columns.get(i)));
    }
    // Focusable, so that the keyboard can scroll a table that is wider than the screen.
    return Markup.format(
        """
        <div class="scroll" role="region" tabindex="0" aria-label="%s">
        <table><caption>%s</caption><thead><tr>%s</tr></thead><tbody>%s</tbody></table>
        </div>
        """,
        caption, caption, Markup.join(heads), Markup.join(rows));
  }

  private Markup alignment(int column) {
    boolean word = column < wordColumns || (lastInWords && column == columns.size() - 1);
    return word ? new Markup(" class=\"word\"") : Markup.NOTHING;
  }
}
