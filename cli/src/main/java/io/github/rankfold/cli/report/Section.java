package io.github.rankfold.cli.report;

/**
 * One part of the page: its content, or a note that says why it is left out.
 *
 * @param present false where {@code content} is only a note; the template then hides the
 *     explanation of what is not there
 */
record Section(Markup content, boolean present) {
  static Section of(Markup content) {
    return new Section(content, true);
  }

  static Section leftOut(String note) {
    return new Section(note(note), false);
  }

  static Markup note(String note) {
    return Markup.format("<p class=\"note\">%s</p>", note);
  }

  /** A place that a script fills with several charts and their controls. */
  static Markup charts(String id, String inWords) {
    return Markup.format("<div id=\"%s\" role=\"group\" aria-label=\"%s\"></div>", id, inWords);
  }

  /** A place that a script draws one chart into; screen readers get the words instead. */
  static Markup chart(String id, String inWords) {
    return Markup.format(
        "<div class=\"drawing\" id=\"%s\" role=\"img\" aria-label=\"%s\"></div>", id, inWords);
  }
}
