package io.github.rankfold.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rankfold.collapse.statistics.ClassMoments;
import io.github.rankfold.collapse.statistics.FeatureBatch;
import io.github.rankfold.collapse.statistics.LayerCollapse;
import io.github.rankfold.collapse.statistics.WithinProjections;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * TCV, NC1, NC2, CDNV and NC4 of features in ten clusters, beside rhubarbwu/neural-collapse on
 * torch, turn by turn in the same minutes.
 *
 * <p>Both read the same float32 features from memory. Ours is given the network's predictions, the
 * peer computes them inside its NC4; both are therefore also timed without NC4. Arguments: {@code
 * --width M} (512), {@code --samples N} (60,000), {@code --rounds R} (9), {@code --python
 * EXECUTABLE} (with torch and neural_collapse; without it only ours runs), {@code --script
 * peer_collapse.py}, {@code --peer-batch B} (1,000), {@code --peer-threads T} (2).
 */
public final class CollapseThroughput {
  private static final int CLASSES = 10;

  private final Options options;
  private final int samples;
  private final int width;
  private final float[] features;
  private final int[] labels;
  private final float[] classifier;
  private final int[] predictions;

  private CollapseThroughput(Options options) {
    this.options = options;
    this.samples = options.number("--samples", 60_000);
    this.width = options.number("--width", 512);
    this.features = new float[samples * width];
    this.labels = new int[samples];
    this.classifier = new float[CLASSES * width];
    fill(new Random(1));
    this.predictions = predict();
  }

  public static void main(String[] args) throws IOException {
    new CollapseThroughput(Options.of(args)).run();
  }

  /**
   * Gaussian clusters whose means are about as far apart as they are wide, and a noisy classifier.
   */
  private void fill(Random random) {
    double[] means = random.doubles((long) CLASSES * width, -0.3, 0.3).toArray();
    for (int i = 0; i < classifier.length; i++) {
      classifier[i] = (float) (means[i] + 0.3 * random.nextGaussian());
    }
    float[] noise = new float[1 << 20]; // repeated at odd places: drawing each would take minutes
    for (int i = 0; i < noise.length; i++) {
      noise[i] = (float) random.nextGaussian();
    }
    for (int i = 0; i < samples; i++) {
      labels[i] = random.nextInt(CLASSES);
      int from = random.nextInt(noise.length - width);
      for (int j = 0; j < width; j++) {
        features[i * width + j] = (float) means[labels[i] * width + j] + noise[from + j];
      }
    }
  }

  private int[] predict() {
    int[] predicted = new int[samples];
    for (int i = 0; i < samples; i++) {
      float best = Float.NEGATIVE_INFINITY;
      for (int k = 0; k < CLASSES; k++) {
        float score = 0;
        for (int j = 0; j < width; j++) {
          score += features[i * width + j] * classifier[k * width + j];
        }
        if (score > best) {
          best = score;
          predicted[i] = k;
        }
      }
    }
    return predicted;
  }

  private void run() throws IOException {
    if (!options.has("--python")) {
      rounds(null);
      return;
    }
    Path folder = Files.createTempDirectory("rankfold-collapse-throughput");
    try {
      NpyOutput.write(folder.resolve("features.npy"), samples, width, features);
      NpyOutput.write(folder.resolve("labels.npy"), labels);
      NpyOutput.write(folder.resolve("classifier.npy"), CLASSES, width, classifier);
      try (Peer peer =
          new Peer(
              List.of(
                  options.text("--python", "python3"),
                  options.text("--script", "benchmarks/src/main/python/peer_collapse.py"),
                  folder.toString(),
                  options.text("--peer-batch", "1000"),
                  options.text("--peer-threads", "2")))) {
        rounds(peer);
      }
    } finally {
      for (String name : List.of("features.npy", "labels.npy", "classifier.npy")) {
        Files.deleteIfExists(folder.resolve(name));
      }
      Files.delete(folder);
    }
  }

  /** The peer has its libraries loaded before it measures its memory; so have we. */
  private void loadLibraries() {
    FeatureBatch few = FeatureBatch.of(2, new float[] {0, 1, 1, 0, 2, 2});
    int[] classes = {0, 1, 0};
    ClassMoments moments = new ClassMoments(2, 2);
    moments.add(few, classes);
    new WithinProjections(moments.statistics()).add(few, classes, classes);
  }

  private void rounds(@Nullable Peer peer) throws IOException {
    loadLibraries();
    System.out.printf(
        "%d x %d float32, %d classes; load average %s; peer %s%n",
        samples, width, CLASSES, Timings.load(), peer == null ? "none" : peer.greeting());
    for (String what : List.of("all", "means")) {
      Timings ours = new Timings();
      Timings theirs = new Timings();
      long ourPeak = 0;
      long theirPeak = 0;
      for (int round = -2; round < options.number("--rounds", 9); round++) {
        MemoryPeak memory = MemoryPeak.start();
        Timings into = round < 0 ? new Timings() : ours;
        into.time(() -> measure(what));
        ourPeak = Math.max(ourPeak, memory.bytes());
        if (peer != null) {
          JsonNode answer = peer.ask(what);
          theirPeak = Math.max(theirPeak, answer.get("peak_bytes").asLong());
          if (round >= 0) {
            theirs.add(
                answer.get("seconds").asDouble(), answer.get("processor_seconds").asDouble());
          } else {
            compare(measure(what), answer);
          }
        }
      }
      String name = what.equals("all") ? "TCV NC1 NC2 CDNV NC4" : "the same without NC4";
      print(name + ", ours", ours);
      if (peer != null) {
        print(name + ", peer", theirs);
        System.out.printf(
            "   ours takes %.2f of its time, %.2f of its processor time%n",
            ours.perRound(theirs), ours.processorSeconds() / theirs.processorSeconds());
      }
      if (what.equals("all")) { // later on both hold what they took here
        System.out.printf(
            "   memory beyond the features: ours %.1f MiB, peer %.1f MiB%n",
            ourPeak / 1048576.0, theirPeak / 1048576.0);
      }
    }
  }

  private LayerCollapse measure(String what) {
    FeatureBatch batch = FeatureBatch.of(width, features);
    ClassMoments moments = new ClassMoments(width, CLASSES);
    moments.addInParallel(batch, labels);
    WithinProjections projections = new WithinProjections(moments.statistics());
    if (what.equals("all")) {
      projections.addInParallel(batch, labels, predictions);
    } else {
      projections.addInParallel(batch, labels);
    }
    return LayerCollapse.of(projections);
  }

  /** Both must have measured the same thing, to what the peer's single precision leaves. */
  private static void compare(LayerCollapse ours, JsonNode theirs) {
    Map<String, OptionalDouble> values = new LinkedHashMap<>();
    values.put("tcv", OptionalDouble.of(ours.tcv()));
    values.put("nc1_pinv", ours.nc1Pinv());
    values.put("nc1_quotient", ours.nc1Quotient());
    values.put("cdnv", ours.cdnv());
    values.put("nc2_equinorm", ours.nc2Equinorm());
    values.put("nc2_equiangularity", ours.nc2Equiangularity());
    values.put("nc4_mismatch", ours.nc4Mismatch());
    values.forEach(
        (name, value) -> {
          if (theirs.has(name) && value.isPresent()) {
            double difference = Math.abs(value.getAsDouble() - theirs.get(name).asDouble());
            if (!(difference <= 1e-3 * Math.abs(value.getAsDouble()) + 1e-6)) {
              System.out.printf(
                  "   NOT the same %s: ours %s, peer %s%n",
                  name, value.getAsDouble(), theirs.get(name).asDouble());
            }
          }
        });
  }

  private static void print(String what, Timings timings) {
    System.out.printf(
        "%-28s %8.4f s   %8.4f s of processor time%n",
        what, timings.seconds(), timings.processorSeconds());
  }
}
