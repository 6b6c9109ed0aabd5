package io.github.rankfold.cli.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rankfold.cli.report.ReportInputs.Document;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Manifests and summary in full: every key of every level, known to this version or not. */
final class ProvenanceSection {
  private static final int MANY = 3;
  private static final int LONGEST_LIST = 12;
  private static final MathContext SIX_DIGITS = new MathContext(6);
  private static final Pattern POINT_IN_TIME =
      Pattern.compile("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z");

  private ProvenanceSection() {}

  static Section of(ReportInputs inputs) {
    if (inputs.documents().isEmpty()) {
      return Section.leftOut(
          "No manifest.json and no summary.json: what made this model is not recorded.");
    }
    List<Markup> lists = new ArrayList<>();
    addList(lists, inputs, Document.RUN_MANIFEST, "The run");
    addList(lists, inputs, Document.COMPRESSED_MANIFEST, "The compressed model");
    addList(lists, inputs, Document.SUMMARY, "Summary");
    return Section.of(Markup.format("<div class=\"provenance\">%s</div>", Markup.join(lists)));
  }

  private static void addList(
      List<Markup> lists, ReportInputs inputs, Document document, String title) {
    inputs
        .document(document)
        .ifPresent(
            root -> {
              List<Markup> entries = new ArrayList<>();
              flatten("", root, entries);
              lists.add(
                  Markup.format("<div><h3>%s</h3><dl>%s</dl></div>", title, Markup.join(entries)));
            });
  }

  /** {@code {"data": {"source": "digits"}}} becomes {@code data / source: digits}. */
  private static void flatten(String path, JsonNode node, List<Markup> entries) {
    if (node.isNull()) {
      return;
    }
    if (node.isObject() && !node.isEmpty() && !isOneValueForMany(node)) {
      for (Map.Entry<String, JsonNode> field : node.properties()) {
        flatten(
            path.isEmpty() ? field.getKey() : path + " / " + field.getKey(),
            field.getValue(),
            entries);
      }
      return;
    }
    entries.add(Markup.format("<dt>%s</dt><dd>%s</dd>", breakable(path), shown(node)));
  }

  /** Such as the penalty of each of a hundred kernels: one line says it. */
  private static boolean isOneValueForMany(JsonNode node) {
    List<JsonNode> values = node.valueStream().toList();
    return values.size() >= MANY
        && values.get(0).isNumber()
        && values.stream().allMatch(values.get(0)::equals);
  }

  private static String shown(JsonNode node) {
    if (node.isObject() && !node.isEmpty()) {
      return node.iterator().next().asText() + ": " + String.join(", ", names(node));
    }
    if (node.isArray()) {
      String first =
          node.valueStream()
              .limit(LONGEST_LIST)
              .map(ProvenanceSection::shown)
              .collect(Collectors.joining(", "));
      return node.size() > LONGEST_LIST ? first + ", \u2026 (" + node.size() + ")" : first;
    }
    if (node.isFloatingPointNumber()) {
      return node.decimalValue().round(SIX_DIGITS).stripTrailingZeros().toString();
    }
    return node.isValueNode() ? inSeconds(node.asText()) : node.toString();
  }

  private static List<String> names(JsonNode node) {
    return node.propertyStream().map(Map.Entry::getKey).toList();
  }

  /** Lets a long key break after an underscore rather than anywhere. */
  private static Markup breakable(String path) {
    return new Markup(Markup.text(path).html().replace("_", "_<wbr>"));
  }

  /** A point in time without its fractions of a second; other text as it is. */
  private static String inSeconds(String text) {
    return POINT_IN_TIME.matcher(text).matches()
        ? text.substring(0, 10) + " " + text.substring(11, 19) + " UTC"
        : text;
  }
}
