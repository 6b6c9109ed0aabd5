package io.github.rankfold.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.management.OperatingSystemMXBean;
import io.github.rankfold.models.data.Digits;
import io.github.rankfold.models.data.IdxFiles;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.network.NetworkSpec;
import io.github.rankfold.training.EpochListener;
import io.github.rankfold.training.LearningRateSchedule;
import io.github.rankfold.training.Trainer;
import io.github.rankfold.training.TrainingConfig;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Training speed of {@link Trainer} beside Python TensorFlow, turn by turn in the same minutes.
 *
 * <p>Arguments: {@code --python EXECUTABLE} (with tensorflow; without it only ours runs), {@code
 * --script peer_training.py}, {@code --data FOLDER} of Fashion-MNIST, {@code --rounds N}, {@code
 * --seconds S} of each turn, {@code --case fashion|digits}. Epochs after the first are counted, and
 * a turn's figure is their median. On a machine shared with others the processor time for an image
 * says more than the clock.
 */
public final class TrainingThroughput {
  private record Case(String name, NetworkSpec network, int batch, double l2, LabeledData data) {}

  private record Measured(double imagesPerSecond, double cpuMicrosPerImage) {}

  private final Map<String, String> options;

  private TrainingThroughput(Map<String, String> options) {
    this.options = options;
  }

  public static void main(String[] args) throws IOException, InterruptedException {
    Map<String, String> options = new HashMap<>();
    for (int i = 0; i + 1 < args.length; i += 2) {
      options.put(args[i], args[i + 1]);
    }
    new TrainingThroughput(options).run();
  }

  private void run() throws IOException, InterruptedException {
    String wanted = options.getOrDefault("--case", "both");
    if (!wanted.equals("digits")) {
      Path folder = Path.of(fashionFolder());
      LabeledData train = IdxFiles.load(folder).train();
      compare(new Case("fashion", NetworkSpec.mlp(784, 512, 512, 512, 10), 128, 1e-4, train));
    }
    if (!wanted.equals("fashion")) {
      compare(
          new Case(
              "digits", NetworkSpec.mlp(64, 100, 100, 100, 10), 32, 1e-3, Digits.load().train()));
    }
  }

  private void compare(Case each) throws IOException, InterruptedException {
    int rounds = Integer.parseInt(options.getOrDefault("--rounds", "3"));
    List<String> ways =
        options.containsKey("--python")
            ? List.of("rankfold", "loop", "keras")
            : List.of("rankfold");
    Map<String, List<Measured>> turns = new HashMap<>();
    for (int round = 0; round < rounds; round++) {
      for (String way : ways) {
        Measured measured = way.equals("rankfold") ? ours(each) : peer(each, way);
        turns.computeIfAbsent(way, key -> new ArrayList<>()).add(measured);
      }
    }
    Measured base = median(turns.getOrDefault("rankfold", List.of()));
    for (String way : ways) {
      Measured measured = median(turns.getOrDefault(way, List.of()));
      System.out.printf(
          "%-8s %-8s %8.0f images/s %8.1f us/step %7.1f cpu-us/image"
              + "   ours is %.2f x by the clock, %.2f x by processor time%n",
          each.name(),
          way,
          measured.imagesPerSecond(),
          1e6 * each.batch() / measured.imagesPerSecond(),
          measured.cpuMicrosPerImage(),
          base.imagesPerSecond() / measured.imagesPerSecond(),
          measured.cpuMicrosPerImage() / base.cpuMicrosPerImage());
    }
  }

  private Measured ours(Case each) {
    TrainingConfig config =
        TrainingConfig.defaults()
            .withEpochs(100_000)
            .withBatchSize(each.batch())
            .withL2(each.l2())
            .withSchedule(new LearningRateSchedule.Constant());
    OperatingSystemMXBean system =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    List<Double> seconds = new ArrayList<>();
    long[] from = new long[2];
    double[] cpu = new double[1];
    EpochListener clock =
        (summary, weights) -> {
          if (summary.epoch() == 1) {
            from[0] = System.nanoTime();
            from[1] = system.getProcessCpuTime();
            return new EpochListener.Response.Continue();
          }
          seconds.add(summary.seconds());
          cpu[0] = (system.getProcessCpuTime() - from[1]) * 1e-3;
          return (System.nanoTime() - from[0]) * 1e-9 < turnSeconds()
              ? new EpochListener.Response.Continue()
              : new EpochListener.Response.Stop();
        };
    Trainer.train(each.network(), each.data(), Optional.empty(), config, clock);
    double median = median(seconds.stream().mapToDouble(Double::doubleValue).toArray());
    double images = (double) each.data().size();
    return new Measured(images / median, cpu[0] / images / seconds.size());
  }

  private Measured peer(Case each, String way) throws IOException, InterruptedException {
    String script = options.getOrDefault("--script", "benchmarks/src/main/python/peer_training.py");
    Process process =
        new ProcessBuilder(
                options.getOrDefault("--python", "python3"),
                script,
                "--case",
                each.name(),
                "--way",
                way,
                "--data",
                fashionFolder(),
                "--seconds",
                String.valueOf(turnSeconds()))
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(script + " " + way + " exited with " + process.exitValue());
    }
    JsonNode json = new ObjectMapper().readTree(out);
    return new Measured(
        json.get("images_per_second").asDouble(), json.get("cpu_us_per_image").asDouble());
  }

  private String fashionFolder() {
    return options.getOrDefault("--data", "/usr/share/datasets/fashion-mnist");
  }

  private double turnSeconds() {
    return Double.parseDouble(options.getOrDefault("--seconds", "5"));
  }

  private static Measured median(List<Measured> turns) {
    return new Measured(
        median(turns.stream().mapToDouble(Measured::imagesPerSecond).toArray()),
        median(turns.stream().mapToDouble(Measured::cpuMicrosPerImage).toArray()));
  }

  private static double median(double[] values) {
    Arrays.sort(values);
    int middle = values.length / 2;
    return values.length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
  }
}
