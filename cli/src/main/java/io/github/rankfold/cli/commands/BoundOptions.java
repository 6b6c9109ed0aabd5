package io.github.rankfold.cli.commands;

import io.github.rankfold.cli.console.Console;
import io.github.rankfold.cli.console.GuaranteeNotMetException;
import io.github.rankfold.cli.console.Progress;
import io.github.rankfold.compression.CompressionPlan;
import io.github.rankfold.compression.LayerSelection;
import io.github.rankfold.compression.RankedKernels;
import io.github.rankfold.compression.bounds.CertifiedRanks;
import io.github.rankfold.compression.bounds.NetworkPath;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.live.LiveModel;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** Bounds on the output: as what is to be kept, or to be shown. */
final class BoundOptions {
  @Option(
      names = "--certify",
      paramLabel = "SHARE",
      description =
          "In place of a rule: as few singular values as leave this share of the predictions on"
              + " --data certified to stay what they are; exit code 3 where none does.")
  private Optional<Double> certify = Optional.empty();

  @Option(
      names = "--bounds",
      description =
          "With --data: bound what truncation does to the output, see docs/output-bounds.md"
              + " (with --certify always).")
  private boolean bounds;

  @Option(
      names = "--radius",
      paramLabel = "RHO",
      description =
          "With --bounds or --certify: also for all inputs within RHO of a sample (Euclidean norm).")
  private double radius;

  /** Whether the ranks are chosen by the certified share. */
  boolean isRule() {
    return certify.isPresent();
  }

  boolean areWanted() {
    return bounds || isRule();
  }

  /** Refuses options that do not go together. */
  void check(CommandSpec command, boolean hasData, boolean hasOtherRule, boolean dryRun) {
    if (isRule() && hasOtherRule) {
      throw wrong(command, "expected --certify without a rule or budget, found both");
    }
    if (areWanted() && !hasData) {
      throw wrong(command, "expected --data URI beside --certify and --bounds, found none");
    }
    if (bounds && dryRun) {
      throw wrong(
          command,
          "--bounds: expected --out DIR, as bounds are of what is written, found --dry-run");
    }
    if (!(radius >= 0)) {
      throw wrong(command, "radius must be >= 0, was " + radius);
    }
    if (radius > 0 && !areWanted()) {
      throw wrong(command, "--radius: expected --bounds or --certify, found neither");
    }
    double share = certify.orElse(1.0);
    if (!(share > 0 && share <= 1)) {
      throw wrong(command, "certify must be in (0, 1], was " + share);
    }
  }

  private static ParameterException wrong(CommandSpec command, String message) {
    return new ParameterException(command.commandLine(), message);
  }

  /** The plan that keeps the share, or a guarantee that is not met. */
  CompressionPlan certified(
      LiveModel model, LayerSelection layers, LabeledData samples, Console console) {
    double share = certify.orElseThrow();
    NetworkPath path = NetworkPath.of(model);
    if (path.unknown().isPresent()) {
      throw new GuaranteeNotMetException(
          "%s: certify %s: no bound on the output is known, because of %s"
              .formatted(model.files().folder(), share, path.unknown().get()),
          Map.of("budget", CertifiedRanks.rule(share)));
    }
    RankedKernels kernels;
    try (Progress progress = console.progress("Singular values", model.layers().size())) {
      kernels =
          RankedKernels.of(
              model,
              layers,
              layer -> {
                progress.on(layer.name());
                progress.reached(model.layers().indexOf(layer));
              });
    }
    CertifiedRanks.Found found =
        CertifiedRanks.measure(model, path, kernels, samples).search(share);
    if (found.ranks().isEmpty()) {
      throw new GuaranteeNotMetException(
          String.format(
              Locale.ROOT,
              "%s: certify %s: no truncation keeps that share of the predictions on %s certified;"
                  + " the best reachable is %.4f",
              model.files().folder(),
              share,
              samples.name(),
              found.share()),
          reached(share, found.share()));
    }
    return kernels.plan(CertifiedRanks.rule(share), found.ranks());
  }

  private static Map<String, Object> reached(double wanted, double best) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("budget", CertifiedRanks.rule(wanted));
    document.put("best_certified_share", best);
    return document;
  }

  /** What the written model does to the output, bounded and measured. */
  BoundStage bound(
      LiveModel model, CompressionPlan plan, LiveModel compressed, LabeledData samples) {
    return BoundStage.of(model, NetworkPath.of(model), plan, compressed, samples, radius);
  }
}
