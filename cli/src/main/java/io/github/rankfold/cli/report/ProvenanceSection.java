package io.github.rankfold.cli.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rankfold.cli.report.ReportInputs.Document;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Manifests and summary as they are: every key of every level, known to this version or not. */
final class ProvenanceSection {
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
    if (node.isObject() && !node.isEmpty()) {
      for (Map.Entry<String, JsonNode> field : node.properties()) {
        flatten(
            path.isEmpty() ? field.getKey() : path + " / " + field.getKey(),
            field.getValue(),
            entries);
      }
      return;
    }
    entries.add(
        Markup.format(
            "<dt>%s</dt><dd>%s</dd>", path, node.isValueNode() ? node.asText() : node.toString()));
  }
}
