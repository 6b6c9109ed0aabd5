package io.github.rankfold.cli.commands;

import io.github.rankfold.cli.console.WrongUsageException;
import io.github.rankfold.compression.RankRule;
import io.github.rankfold.models.network.NetworkSpec;
import io.github.rankfold.training.EpochListener;
import io.github.rankfold.training.TrainingConfig;
import java.util.Optional;
import java.util.OptionalInt;
import picocli.CommandLine.Option;

/** How small singular values are removed while a network is trained. */
final class TruncationOptions {
  @Option(
      names = "--truncate",
      paramLabel = "RULE",
      description =
          "Remove small singular values of every kernel during training, and after its last epoch:"
              + " "
              + RankRule.GRAMMAR
              + ".")
  private Optional<String> rule = Optional.empty();

  @Option(
      names = "--truncate-every",
      paramLabel = "N",
      description = "Epochs between two truncations (default: 1).")
  private Optional<Integer> every = Optional.empty();

  /**
   * What truncates, in front of {@code inner}; empty where nothing is to be truncated.
   *
   * @throws WrongUsageException where the options do not go together
   */
  Optional<TruncatedTraining> listener(
      NetworkSpec spec, TrainingConfig config, EpochListener inner) {
    if (rule.isEmpty() && every.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        WrongUsageException.check(
            () -> {
              if (rule.isEmpty()) {
                throw new IllegalArgumentException("--truncate-every: expected --truncate RULE");
              }
              if (config.stationarityTolerance().isPresent()) {
                throw new IllegalArgumentException(
                    "--truncate: expected no --until, as a truncated network is at no critical"
                        + " point");
              }
              int classes = spec.layers().get(spec.layers().size() - 1).outputs();
              RankRule parsed = RankRule.parse(rule.get(), OptionalInt.of(classes));
              return new TruncatedTraining(spec, parsed, every.orElse(1), inner);
            }));
  }
}
