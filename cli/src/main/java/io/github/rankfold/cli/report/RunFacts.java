package io.github.rankfold.cli.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rankfold.cli.report.ReportInputs.Document;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What was trained on what: from the run's manifest, else from its summary, else from its tables.
 *
 * @param samples of the training data
 * @param classes K
 */
record RunFacts(
    Optional<String> network,
    Optional<String> data,
    OptionalDouble samples,
    OptionalDouble classes,
    OptionalDouble lambda,
    Optional<String> seed,
    Optional<String> epochs) {

  static RunFacts of(ReportInputs inputs) {
    return new RunFacts(
        text(inputs, "/network"),
        text(inputs, "/data/source").or(() -> text(inputs, "/data")),
        number(inputs, "/data/samples").or(() -> column(inputs, ReportTable.COLLAPSE, "samples")),
        number(inputs, "/data/classes").or(() -> column(inputs, ReportTable.COLLAPSE, "classes")),
        number(inputs, "/lambda").or(() -> column(inputs, ReportTable.CERTIFICATES, "lambda")),
        text(inputs, "/seed"),
        // The history counts all epochs, those of a finish too.
        column(inputs, ReportTable.HISTORY, "epoch")
            .map(HumanNumber::of)
            .or(() -> text(inputs, "/epochs")));
  }

  // OptionalDouble has no or(), so alternatives are chosen among Optionals and unboxed at the end.
  private RunFacts(
      Optional<String> network,
      Optional<String> data,
      Optional<Double> samples,
      Optional<Double> classes,
      Optional<Double> lambda,
      Optional<String> seed,
      Optional<String> epochs) {
    this(network, data, unboxed(samples), unboxed(classes), unboxed(lambda), seed, epochs);
  }

  private static OptionalDouble unboxed(Optional<Double> value) {
    return value.map(OptionalDouble::of).orElseGet(OptionalDouble::empty);
  }

  private static Optional<String> text(ReportInputs inputs, String pointer) {
    return value(inputs, pointer).map(JsonNode::asText).filter(text -> !text.isBlank());
  }

  private static Optional<Double> number(ReportInputs inputs, String pointer) {
    return value(inputs, pointer).filter(JsonNode::isNumber).map(JsonNode::asDouble);
  }

  private static Optional<JsonNode> value(ReportInputs inputs, String pointer) {
    for (Document document : List.of(Document.RUN_MANIFEST, Document.SUMMARY)) {
      Optional<JsonNode> found =
          inputs.document(document).map(root -> root.at(pointer)).filter(JsonNode::isValueNode);
      if (found.isPresent() && !found.get().isNull()) {
        return found;
      }
    }
    return Optional.empty();
  }

  private static Optional<Double> column(ReportInputs inputs, ReportTable kind, String column) {
    OptionalDouble largest =
        inputs.table(kind).map(table -> table.largest(column)).orElse(OptionalDouble.empty());
    return largest.isPresent() ? Optional.of(largest.getAsDouble()) : Optional.empty();
  }

  String title() {
    String shownNetwork = network.orElse("A network");
    return data.map(source -> shownNetwork + " on " + source).orElse(shownNetwork);
  }

  /** The facts under the headline, each a short phrase. */
  List<String> phrases() {
    List<String> phrases = new ArrayList<>();
    lambda.ifPresent(value -> phrases.add("\u03bb = " + HumanNumber.of(value)));
    seed.ifPresent(value -> phrases.add("seed " + value));
    samples.ifPresent(value -> phrases.add(HumanNumber.of(value) + " training samples"));
    classes.ifPresent(value -> phrases.add(HumanNumber.of(value) + " classes"));
    epochs.ifPresent(value -> phrases.add(value + " epochs"));
    return phrases;
  }
}
