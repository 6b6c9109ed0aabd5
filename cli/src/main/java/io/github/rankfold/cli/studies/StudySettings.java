package io.github.rankfold.cli.studies;

import io.github.rankfold.models.Device;
import io.github.rankfold.training.Finish;
import io.github.rankfold.training.TrainingConfig;
import java.util.List;
import java.util.stream.LongStream;

/**
 * How the trainings of a study are done: mini-batches of 32 with momentum, then L-BFGS on all data,
 * which comes near a critical point, where the theory is about.
 *
 * @param seeds one training each
 * @param epochs of mini-batches
 * @param finish iterations of L-BFGS; 0 for none
 */
record StudySettings(List<Long> seeds, int epochs, int finish) {
  StudySettings {
    seeds = List.copyOf(seeds);
  }

  static StudySettings of(long firstSeed, int count, int epochs, int finish) {
    return new StudySettings(
        LongStream.range(firstSeed, firstSeed + count).boxed().toList(), epochs, finish);
  }

  TrainingConfig training(double lambda, long seed) {
    TrainingConfig config =
        TrainingConfig.defaults()
            .withBatchSize(32)
            .withEpochs(epochs)
            .withL2(lambda)
            .withSeed(seed)
            // One thread of the processor, so that a seed gives the same table again.
            .withThreads(1)
            .withDevice(Device.CPU);
    return finish == 0 ? config : config.withFinish(new Finish(1, finish));
  }

  /** For the recipe of a study. */
  String text() {
    return "%d epochs of mini-batches of 32 with momentum%s; seeds %s"
        .formatted(
            epochs,
            finish == 0 ? "" : ", then %d iterations of L-BFGS on all data".formatted(finish),
            String.join(", ", seeds.stream().map(String::valueOf).toList()));
  }
}
