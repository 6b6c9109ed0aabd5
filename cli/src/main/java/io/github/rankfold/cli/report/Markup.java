package io.github.rankfold.cli.report;

import java.util.List;

/**
 * HTML that is safe to put into the page.
 *
 * <p>A type of its own, so that text from a file (a layer may be called {@code <img>}) cannot reach
 * the page without {@link #text}.
 */
record Markup(String html) {
  static final Markup NOTHING = new Markup("");

  /** Escapes {@code text} for element content and for quoted attributes. */
  static Markup text(String text) {
    return new Markup(
        text.replace("&", "&amp;")
            .replace("<", "&lt;")
            .replace(">", "&gt;")
            .replace("\"", "&quot;")
            .replace("'", "&#39;"));
  }

  /** {@code format} is HTML; strings among {@code parts} are escaped, markup is put in as it is. */
  static Markup format(String format, Object... parts) {
    Object[] safe = new Object[parts.length];
    for (int i = 0; i < parts.length; i++) {
      safe[i] =
          parts[i] instanceof Markup markup ? markup.html() : text(parts[i].toString()).html();
    }
    return new Markup(format.formatted(safe));
  }

  static Markup join(List<Markup> parts) {
    StringBuilder html = new StringBuilder();
    for (Markup part : parts) {
      html.append(part.html()).append('\n');
    }
    return new Markup(html.toString());
  }
}
