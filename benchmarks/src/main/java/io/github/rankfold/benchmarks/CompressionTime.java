package io.github.rankfold.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rankfold.cli.Main;
import io.github.rankfold.models.files.OutputFolder;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.live.ModelOptions;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * How long {@code rankfold compress} takes beside the decompositions that it cannot do without: by
 * the launcher, each time in a process of its own, and by the same command in a Java process that
 * has done it before, as in a service or a build. The peer is LAPACK's gesdd by scipy, of the same
 * kernels one after the other.
 *
 * <p>Arguments: {@code --model FOLDER}, {@code --rule RULE} (energy:0.9), {@code --rounds R} (5),
 * {@code --command LAUNCHER} (./rankfold), {@code --python EXECUTABLE} (with scipy), {@code
 * --script peer_svd.py}, {@code --threads T} of the peer (1).
 */
public final class CompressionTime {
  private final String[] command;
  private final String launcher;

  private CompressionTime(Options options, Path work) {
    this.launcher = options.text("--command", "./rankfold");
    this.command =
        new String[] {
          "compress",
          options.text("--model", "."),
          "--rule",
          options.text("--rule", "energy:0.9"),
          "--out",
          work.resolve("compressed").toString(),
          "--overwrite",
          "--quiet"
        };
  }

  public static void main(String[] args) throws IOException {
    Options options = Options.of(args);
    Path work = Files.createTempDirectory("rankfold-time");
    try {
      Path kernels = Files.createDirectory(work.resolve("kernels"));
      writeKernels(Path.of(options.text("--model", ".")), kernels);
      try (Peer peer =
          new Peer(
              List.of(
                  options.text("--python", "python3"),
                  options.text("--script", "benchmarks/src/main/python/peer_svd.py"),
                  kernels.toString(),
                  options.text("--threads", "1")))) {
        new CompressionTime(options, work).compare(peer, options.number("--rounds", 5));
      }
    } finally {
      OutputFolder.remove(work);
    }
  }

  private static void writeKernels(Path model, Path folder) throws IOException {
    try (LiveModel live = LiveModel.open(model, ModelOptions.defaults().withoutOptimizing())) {
      int number = 0;
      for (Layer layer : live.layers()) {
        double[] kernel = live.kernel(layer);
        float[] values = new float[kernel.length];
        for (int i = 0; i < values.length; i++) {
          values[i] = (float) kernel[i];
        }
        Path file = folder.resolve("%04d.npy".formatted(number++));
        NpyOutput.write(file, layer.rows(), layer.cols(), values);
      }
    }
  }

  private void compare(Peer peer, int rounds) throws IOException {
    System.out.printf(
        "%s; load average %s; peer %s%n",
        String.join(" ", command), Timings.load(), peer.greeting());
    Timings lapack = new Timings();
    Timings process = new Timings();
    Timings again = new Timings();
    peer.ask("vectors"); // warms up
    inThisProcess();
    for (int round = 0; round < rounds; round++) {
      JsonNode answer = peer.ask("vectors");
      lapack.add(answer.get("seconds").asDouble(), answer.get("processor_seconds").asDouble());
      process.time(this::inItsOwnProcess);
      again.time(this::inThisProcess);
    }
    System.out.printf("gesdd of the kernels %19.2f s%n", lapack.seconds());
    print("the command", process, lapack);
    print("in a process that did it before", again, lapack);
    System.out.printf("Load average %s%n", Timings.load());
  }

  private static void print(String what, Timings ours, Timings lapack) {
    System.out.printf(
        "%-32s %7.2f s, %.2f of the time of gesdd%n", what, ours.seconds(), ours.perRound(lapack));
  }

  private void inThisProcess() {
    PrintWriter nowhere =
        new PrintWriter(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
    requireDone(Main.run(command, nowhere, nowhere));
  }

  private void inItsOwnProcess() {
    try {
      List<String> line = Stream.concat(Stream.of(launcher), Stream.of(command)).toList();
      Process started =
          new ProcessBuilder(line)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      requireDone(started.waitFor());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static void requireDone(int code) {
    if (code != 0) {
      throw new IllegalStateException("expected exit code 0, found " + code);
    }
  }
}
