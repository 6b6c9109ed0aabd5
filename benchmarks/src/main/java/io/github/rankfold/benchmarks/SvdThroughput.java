package io.github.rankfold.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.linalg.Precision;
import io.github.rankfold.collapse.linalg.Spectrum;
import io.github.rankfold.collapse.linalg.Svd;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * The singular value decomposition of a float32 matrix beside scipy.linalg.svd, both by LAPACK's
 * gesdd, turn by turn: singular values alone, and with vectors.
 *
 * <p>Arguments: {@code --size N} (2,048), {@code --rounds R} (3), {@code --python EXECUTABLE} (with
 * scipy), {@code --script peer_svd.py}, {@code --threads T} of the peer (2). Ours takes the threads
 * of {@code OPENBLAS_NUM_THREADS}, or all.
 */
public final class SvdThroughput {
  private SvdThroughput() {}

  public static void main(String[] args) throws IOException {
    Options options = Options.of(args);
    int size = options.number("--size", 2048);
    float[] values = new float[size * size];
    Random random = new Random(1);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    Matrix matrix = Matrix.fromFloats(size, size, values);
    if (!options.has("--python")) {
      compare(matrix, options, null);
      return;
    }
    Path file = Files.createTempDirectory("rankfold-svd").resolve("matrix.npy");
    try {
      NpyOutput.write(file, size, size, values);
      try (Peer peer =
          new Peer(
              List.of(
                  options.text("--python", "python3"),
                  options.text("--script", "benchmarks/src/main/python/peer_svd.py"),
                  file.toString(),
                  options.text("--threads", "2")))) {
        compare(matrix, options, peer);
      }
    } finally {
      Files.deleteIfExists(file);
      Files.delete(file.getParent());
    }
  }

  private static void compare(Matrix matrix, Options options, @Nullable Peer peer)
      throws IOException {
    System.out.printf(
        "%s float32; load average %s; peer %s%n",
        matrix, Timings.load(), peer == null ? "none" : peer.greeting());
    for (String what : List.of("values", "vectors")) {
      Timings ours = new Timings();
      Timings theirs = new Timings();
      Spectrum spectrum = decompose(matrix, what); // warms up
      for (int round = 0; round < options.number("--rounds", 3); round++) {
        ours.time(() -> decompose(matrix, what));
        if (peer != null) {
          JsonNode answer = peer.ask(what);
          theirs.add(answer.get("seconds").asDouble(), answer.get("processor_seconds").asDouble());
          double difference = Math.abs(spectrum.largest() - answer.get("largest").asDouble());
          if (!(difference <= 1e-5 * spectrum.largest())) {
            System.out.printf("   NOT the same singular values: they differ by %s%n", difference);
          }
        }
      }
      System.out.printf(
          "%-8s ours %7.2f s, %7.2f s of processor time%n",
          what, ours.seconds(), ours.processorSeconds());
      if (peer != null) {
        System.out.printf(
            "%-8s peer %7.2f s, %7.2f s of processor time; ours takes %.2f of its time, %.2f of"
                + " its processor time%n",
            what,
            theirs.seconds(),
            theirs.processorSeconds(),
            ours.perRound(theirs),
            ours.processorSeconds() / theirs.processorSeconds());
      }
    }
  }

  private static Spectrum decompose(Matrix matrix, String what) {
    return what.equals("vectors")
        ? Svd.of(matrix, Precision.FLOAT32).spectrum()
        : Spectrum.of(matrix, Precision.FLOAT32);
  }
}
