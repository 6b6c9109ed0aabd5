package io.github.rankfold.cli.report;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/** What was found, in plain sentences; every number in them stands in a file of the run. */
final class Findings {
  /** A kernel this close to rank K, as a share of its norm, is called low-rank in a sentence. */
  private static final double CLOSE = 0.01;

  /** Rounding of float32 kernels, relative to the bound and to the kernel's norm. */
  private static final double SLACK = 1e-4;

  /** A call that takes more than this share of the original's time is not called faster. */
  private static final double NOT_FASTER = 0.95;

  private static final List<String> BOUNDS =
      List.of(
          "exact_bound", "tcv_bound", "projected_bound", "projected_tcv_bound", "two_sided_bound");

  private final ReportInputs inputs;
  private final LayerSpectra spectra;
  private final List<String> sentences = new ArrayList<>();

  private Findings(ReportInputs inputs, LayerSpectra spectra) {
    this.inputs = inputs;
    this.spectra = spectra;
  }

  static List<String> of(ReportInputs inputs, LayerSpectra spectra) {
    Findings findings = new Findings(inputs, spectra);
    findings.evaluated();
    findings.compressed();
    inputs.table(ReportTable.CERTIFICATES).ifPresent(findings::nearLowRank);
    inputs.table(ReportTable.CERTIFICATES).ifPresent(findings::bounded);
    inputs.table(ReportTable.LAYERS).ifPresent(findings::belowClasses);
    inputs.table(ReportTable.COLLAPSE).ifPresent(findings::collapsed);
    inputs.table(ReportTable.IMBALANCE).ifPresent(findings::imbalanced);
    return List.copyOf(findings.sentences);
  }

  private void evaluated() {
    Optional<CheckedTable> table = inputs.table(ReportTable.EVALUATION);
    Optional<Integer> before = table.flatMap(t -> t.rowWhere("model", "original"));
    Optional<Integer> after = table.flatMap(t -> t.rowWhere("model", "compressed"));
    if (table.isEmpty() || before.isEmpty() || after.isEmpty()) {
      return;
    }
    CheckedTable evaluation = table.get();
    OptionalDouble first = evaluation.number(before.get(), "accuracy");
    OptionalDouble second = evaluation.number(after.get(), "accuracy");
    if (first.isPresent() && second.isPresent()) {
      String change =
          first.getAsDouble() == second.getAsDouble()
              ? "stayed at " + HumanNumber.percent(first.getAsDouble())
              : "went from %s to %s"
                  .formatted(
                      HumanNumber.percent(first.getAsDouble()),
                      HumanNumber.percent(second.getAsDouble()));
      sentences.add(
          "On %s samples, accuracy %s; the 95%% intervals %s."
              .formatted(
                  evaluation.shown(before.get(), "samples"),
                  change,
                  overlap(evaluation, before.get(), after.get()) ? "overlap" : "do not overlap"));
    } else {
      changed(evaluation, after.get());
    }
    timed(evaluation, before.get(), after.get());
  }

  /** Without labels, what is known is how far the outputs are apart. */
  private void changed(CheckedTable evaluation, int after) {
    OptionalDouble error = evaluation.number(after, "relative_error");
    OptionalDouble agreement = evaluation.number(after, "agreement");
    if (error.isEmpty()) {
      return;
    }
    String same =
        agreement.isPresent()
            ? "; %s of the predictions are the same"
                .formatted(HumanNumber.percent(agreement.getAsDouble()))
            : "";
    sentences.add(
        "On %s samples without labels, the outputs changed by %s of their size%s."
            .formatted(
                evaluation.shown(after, "samples"),
                HumanNumber.percent(error.getAsDouble()),
                same));
  }

  /** Fewer multiply-adds need not be less time; where they are not, it is said. */
  private void timed(CheckedTable evaluation, int before, int after) {
    OptionalDouble first = evaluation.number(before, "latency_ms");
    OptionalDouble second = evaluation.number(after, "latency_ms");
    if (first.isEmpty() || second.isEmpty() || first.getAsDouble() <= 0) {
      return;
    }
    double share = second.getAsDouble() / first.getAsDouble();
    String times = "%.2f";
    sentences.add(
        share > NOT_FASTER
            ? "Compression does not pay in speed here: a call with one sample takes "
                + String.format(Locale.ROOT, times, share)
                + " of the original's time."
            : "A call with one sample is "
                + String.format(Locale.ROOT, times, 1 / share)
                + " times faster than the original's.");
  }

  private static boolean overlap(CheckedTable evaluation, int one, int other) {
    return evaluation.number(one, "accuracy_low").orElse(0)
            <= evaluation.number(other, "accuracy_high").orElse(1)
        && evaluation.number(other, "accuracy_low").orElse(0)
            <= evaluation.number(one, "accuracy_high").orElse(1);
  }

  private void compressed() {
    Optional<CheckedTable> table = inputs.table(ReportTable.COMPRESSION);
    if (table.isEmpty() || table.get().size() == 0) {
      return;
    }
    CheckedTable compression = table.get();
    int factored = 0;
    double before = 0;
    double after = 0;
    for (int row = 0; row < compression.size(); row++) {
      double parametersBefore = compression.number(row, "parameters_before").orElse(0);
      double parametersAfter = compression.number(row, "parameters_after").orElse(parametersBefore);
      before += parametersBefore;
      after += parametersAfter;
      factored += parametersAfter < parametersBefore ? 1 : 0;
    }
    sentences.add(
        "%d of %d kernels were replaced by two thinner ones: %s kernel parameters became %s."
            .formatted(
                factored, compression.size(), HumanNumber.of(before), HumanNumber.of(after)));
  }

  /** From which layer on the kernels are within {@link #CLOSE} of rank C, and which is farthest. */
  private void nearLowRank(CheckedTable certificates) {
    List<Integer> rows =
        CertificateRows.ofMainPartition(certificates).stream()
            .filter(row -> mayBeOfHigherRank(certificates, row))
            .toList();
    int from = rows.size();
    double worst = 0;
    for (int i = rows.size() - 1; i >= 0; i--) {
      OptionalDouble share = relativeDistance(certificates, rows.get(i));
      if (share.isEmpty() || share.getAsDouble() > CLOSE) {
        break;
      }
      worst = Math.max(worst, share.getAsDouble());
      from = i;
    }
    if (rows.isEmpty()) {
      return;
    }
    String rank = "rank " + certificates.shown(rows.get(0), "clusters");
    if (certificates.text(rows.get(0), "partition").equals("labels")) {
      rank += " (the number of classes)";
    }
    int farthest = rows.get(0);
    for (int row : rows) {
      if (certificates.number(row, "measured_distance").orElse(0)
          > certificates.number(farthest, "measured_distance").orElse(0)) {
        farthest = row;
      }
    }
    OptionalDouble share = relativeDistance(certificates, farthest);
    String most =
        "%s, at Frobenius distance %s%s"
            .formatted(
                certificates.text(farthest, "layer"),
                certificates.shown(farthest, "measured_distance"),
                share.isPresent()
                    ? ", " + HumanNumber.percent(share.getAsDouble()) + " of its norm"
                    : "");
    sentences.add(
        from < rows.size()
            ? "From layer %s on, every kernel lies within %s of its norm of a matrix of %s; farthest is %s."
                .formatted(
                    certificates.text(rows.get(from), "layer"),
                    HumanNumber.percent(worst),
                    rank,
                    most)
            : "Farthest from %s is %s.".formatted(rank, most));
  }

  /** Not so a kernel with no more rows or columns than there are clusters. */
  private boolean mayBeOfHigherRank(CheckedTable certificates, int row) {
    List<Double> values = spectra.byLayer().get(certificates.text(row, "layer"));
    return values == null || values.size() > certificates.number(row, "clusters").orElse(0);
  }

  private OptionalDouble relativeDistance(CheckedTable certificates, int row) {
    OptionalDouble distance = certificates.number(row, "measured_distance");
    OptionalDouble norm = spectra.norm(certificates.text(row, "layer"));
    return distance.isPresent() && norm.isPresent() && norm.getAsDouble() > 0
        ? OptionalDouble.of(distance.getAsDouble() / norm.getAsDouble())
        : OptionalDouble.empty();
  }

  private void bounded(CheckedTable certificates) {
    Set<String> violations = new LinkedHashSet<>();
    Map<String, Double> tightness = new LinkedHashMap<>(); // at the rank of the classes, by layer
    boolean compared = false;
    for (int row = 0; row < certificates.size(); row++) {
      String layer = certificates.text(row, "layer");
      double norm = spectra.norm(layer).orElse(1);
      int at = row;
      OptionalDouble distance = certificates.number(row, "measured_distance");
      OptionalDouble least =
          BOUNDS.stream()
              .map(bound -> certificates.number(at, bound))
              .flatMapToDouble(OptionalDouble::stream)
              .min();
      OptionalDouble toClasses = certificates.number(row, "classes_distance");
      OptionalDouble ofClasses = certificates.number(row, "classes_bound");
      compared |= distance.isPresent() && least.isPresent();
      if (exceeds(distance, least, norm) || exceeds(toClasses, ofClasses, norm)) {
        violations.add(layer);
      }
      if (toClasses.orElse(0) > norm * SLACK && ofClasses.isPresent()) {
        tightness.merge(layer, ofClasses.getAsDouble() / toClasses.getAsDouble(), Math::min);
      }
    }
    if (!violations.isEmpty()) {
      sentences.add(
          "The measured distance exceeds a bound in %s: the bounds hold for every network, so this"
                  .formatted(String.join(", ", violations))
              + " points to a wrong lambda, other data or a defect.");
    } else if (compared) {
      String by =
          tightness.isEmpty()
              ? ""
              : "; the least bound on the distance to the rank of the classes is %s to %s times that"
                      .formatted(
                          HumanNumber.of(Collections.min(tightness.values())),
                          HumanNumber.of(Collections.max(tightness.values())))
                  + " distance";
      sentences.add("No measured distance exceeds its bounds%s.".formatted(by));
    }
  }

  private static boolean exceeds(OptionalDouble distance, OptionalDouble bound, double norm) {
    return distance.isPresent()
        && bound.isPresent()
        && distance.getAsDouble() > bound.getAsDouble() * (1 + SLACK) + norm * SLACK;
  }

  private void belowClasses(CheckedTable layers) {
    OptionalDouble classes = RunFacts.of(inputs).classes();
    if (classes.isEmpty()) {
      return;
    }
    List<String> below = new ArrayList<>();
    for (int row = 0; row < layers.size(); row++) {
      OptionalDouble rank = layers.number(row, "rank_1e-3");
      if (rank.isPresent() && rank.getAsDouble() < classes.getAsDouble() - 1) {
        below.add(layers.text(row, "layer"));
      }
    }
    if (!below.isEmpty()) {
      sentences.add(
          "The rank at tolerance 10\u207b\u00b3 is below K \u2212 1 = %s in %s."
              .formatted(HumanNumber.of(classes.getAsDouble() - 1), String.join(", ", below)));
    }
  }

  private void collapsed(CheckedTable collapse) {
    List<Integer> rows = CollapseSection.rowsOfLastEpoch(collapse);
    if (rows.size() < 2) {
      return;
    }
    int first = rows.get(0);
    int last = rows.get(rows.size() - 1);
    OptionalDouble in = collapse.number(first, "normalized_tcv");
    OptionalDouble out = collapse.number(last, "normalized_tcv");
    if (in.isPresent() && out.isPresent()) {
      sentences.add(
          "The share of variation inside the classes (normalized TCV) goes from %s at %s to %s at %s%s."
              .formatted(
                  HumanNumber.of(in.getAsDouble()),
                  CollapseSection.place(collapse.text(first, "layer")),
                  HumanNumber.of(out.getAsDouble()),
                  CollapseSection.place(collapse.text(last, "layer")),
                  mismatch(collapse, rows)));
    }
  }

  /** NC4 where it is defined: before the last layer. The logits' row only repeats it. */
  private static String mismatch(CheckedTable collapse, List<Integer> rows) {
    for (int i = rows.size() - 1; i >= 0; i--) {
      int row = rows.get(i);
      OptionalDouble share = collapse.number(row, "nc4_mismatch");
      if (share.isPresent() && !collapse.text(row, "layer").equals(CollapseSection.OUTPUT)) {
        return "; at %s the nearest class mean disagrees with the network on %s of the samples (NC4)"
            .formatted(
                CollapseSection.place(collapse.text(row, "layer")),
                share.getAsDouble() == 0 ? "none" : HumanNumber.percent(share.getAsDouble()));
      }
    }
    return "";
  }

  /** How the classes with few samples fare, where there are some and their accuracy is known. */
  private void imbalanced(CheckedTable imbalance) {
    for (int row = imbalance.size() - 1; row >= 0; row--) { // held-out data comes last
      OptionalDouble small = imbalance.number(row, "minority_accuracy");
      OptionalDouble others = imbalance.number(row, "majority_accuracy");
      if (small.isPresent() && others.isPresent()) {
        sentences.add(
            "%s of the %s classes have less than half of the largest one's samples: %s of these are"
                    .formatted(
                        imbalance.shown(row, "minority_classes"),
                        HumanNumber.of(
                            imbalance.number(row, "minority_classes").orElse(0)
                                + imbalance.number(row, "majority_classes").orElse(0)),
                        HumanNumber.percent(small.getAsDouble()))
                + " predicted right%s, %s of the others."
                    .formatted(
                        imbalance.text(row, "split").equals("test") ? " in held-out data" : "",
                        HumanNumber.percent(others.getAsDouble())));
        return;
      }
    }
  }
}
