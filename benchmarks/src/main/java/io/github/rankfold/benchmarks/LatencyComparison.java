package io.github.rankfold.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rankfold.compression.RankRule;
import io.github.rankfold.models.files.OutputFolder;
import io.github.rankfold.models.live.GeneratedInputs;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.live.ModelOptions;
import io.github.rankfold.models.live.ServedModel;
import io.github.rankfold.models.savedmodel.TensorRef;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Session;
import org.tensorflow.proto.SignatureDef;

/**
 * Latency of a model in its four {@link Variants}, in TensorFlow for Java and for Python side by
 * side, turn by turn; and how long each takes to load. Where compression does not pay, its ratio to
 * the original is above 1.
 *
 * <p>Arguments: {@code --model FOLDER}, {@code --rule RULE} (fraction:0.25), {@code --batches}
 * (1,32), {@code --rounds R} (15), {@code --open-size N} (32) for axes of unknown size but the
 * batch, {@code --python EXECUTABLE} (with TensorFlow; without it only Java is measured), {@code
 * --script peer_latency.py}.
 */
public final class LatencyComparison {
  private static final int WARM_UP = 3;

  private final Options options;
  private final LiveModel model;
  private final Variants variants;
  private final Map<String, ServedModel> served = new LinkedHashMap<>();

  private LatencyComparison(Options options, LiveModel model, Variants variants) {
    this.options = options;
    this.model = model;
    this.variants = variants;
  }

  public static void main(String[] args) throws IOException {
    Options options = Options.of(args);
    Path folder = Path.of(options.text("--model", "."));
    RankRule rule = RankRule.parse(options.text("--rule", "fraction:0.25"), OptionalInt.empty());
    Path work = Files.createTempDirectory("rankfold-latency");
    try (LiveModel model = LiveModel.open(folder, ModelOptions.defaults().withoutOptimizing())) {
      Path original = model.files().folder();
      Variants variants = Variants.write(model, original, rule, work);
      new LatencyComparison(options, model, variants).run(rule);
    } finally {
      OutputFolder.remove(work);
    }
  }

  private void run(RankRule rule) throws IOException {
    System.out.printf(
        "%s, rule %s; load average %s%n", model.files().folder(), rule.text(), Timings.load());
    Map<String, Timings> loading = new LinkedHashMap<>();
    for (String name : variants.folders().keySet()) {
      Path folder = Objects.requireNonNull(variants.folders().get(name));
      ServedModel.open(folder).close(); // warms up
      Timings timings = new Timings();
      timings.time(() -> served.put(name, ServedModel.open(folder)));
      loading.put(name, timings);
    }
    try (Peer peer = options.has("--python") ? peer() : null) {
      System.out.printf("%-12s %12s %10s %10s%n", "", "parameters", "load Java", "Python");
      for (String name : served.keySet()) {
        System.out.printf(
            "%-12s %,12d %8.2f s %s%n",
            name,
            variants.parameters().get(name),
            Objects.requireNonNull(loading.get(name)).seconds(),
            peer == null
                ? ""
                : "%8.2f s".formatted(peer.greeting().at("/load/" + name + "/seconds").asDouble()));
      }
      for (String batch : options.text("--batches", "1,32").split(",", -1)) {
        compare(Integer.parseInt(batch), peer);
      }
    } finally {
      served.values().forEach(ServedModel::close);
    }
  }

  private Peer peer() throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                options.text("--python", "python3"),
                options.text("--script", "benchmarks/src/main/python/peer_latency.py"),
                model.signatureKey(),
                options.text("--open-size", "32")));
    variants.folders().forEach((name, folder) -> command.add(name + "=" + folder));
    return new Peer(command);
  }

  private void compare(int batch, @Nullable Peer peer) throws IOException {
    Map<String, Timings> java = new LinkedHashMap<>();
    Map<String, Timings> python = new LinkedHashMap<>();
    try (GeneratedInputs inputs =
        GeneratedInputs.of(model, model.signature(), batch, options.number("--open-size", 32))
            .orElseThrow(() -> new IllegalArgumentException("inputs that cannot be made up"))) {
      for (int round = -WARM_UP; round < options.number("--rounds", 15); round++) {
        for (Map.Entry<String, ServedModel> entry : served.entrySet()) {
          String name = entry.getKey();
          Timings ours = new Timings();
          ours.time(() -> call(entry.getValue(), inputs));
          if (round >= 0) {
            java.computeIfAbsent(name, key -> new Timings())
                .add(ours.seconds(), ours.processorSeconds());
          }
          if (peer != null) {
            JsonNode answer = peer.ask(name + " " + batch);
            if (round >= 0) {
              python
                  .computeIfAbsent(name, key -> new Timings())
                  .add(
                      answer.get("seconds").asDouble(), answer.get("processor_seconds").asDouble());
            }
          }
        }
      }
    }
    print("Java", batch, java);
    if (peer != null) {
      print("Python", batch, python);
    }
  }

  private void call(ServedModel target, GeneratedInputs inputs) {
    SignatureDef signature = target.signature(model.signatureKey());
    Session.Runner runner = target.session().runner();
    inputs
        .byKey()
        .forEach(
            (key, value) ->
                runner.feed(
                    target.tensor(TensorRef.parse(signature.getInputsOrThrow(key).getName())),
                    value));
    signature
        .getOutputsMap()
        .values()
        .forEach(info -> runner.fetch(target.tensor(TensorRef.parse(info.getName()))));
    runner.run().close();
  }

  private static void print(String language, int batch, Map<String, Timings> timings) {
    Timings original = Objects.requireNonNull(timings.get(Variants.ORIGINAL));
    System.out.printf("%n%s, batch %d; load average %s%n", language, batch, Timings.load());
    timings.forEach(
        (name, times) ->
            System.out.printf(
                "%-12s %9.2f ms, %9.2f ms of processor time; %.2f of the original's time, %.2f of"
                    + " its processor time%n",
                name,
                1e3 * times.seconds(),
                1e3 * times.meanProcessorSeconds(),
                times.perRound(original),
                times.meanProcessorSeconds() / original.meanProcessorSeconds()));
  }
}
