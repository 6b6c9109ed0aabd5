package io.github.rankfold.models.live;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.models.data.NpyArray;
import io.github.rankfold.models.savedmodel.SavedModelWriter;
import io.github.rankfold.models.savedmodel.TensorRef;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;

/** Real models of every common kind, with the outputs that TensorFlow for Python gave for them. */
public final class StoredOutputs {
  public static final Path MODELS =
      Path.of(System.getProperty("rankfold.fixtures"), "saved-models");

  private StoredOutputs() {}

  /** Every model with each of its signatures, as arguments of a parameterized test. */
  public static Stream<Arguments> signatures() throws IOException {
    List<Arguments> cases = new ArrayList<>();
    try (Stream<Path> folders = Files.list(MODELS)) {
      for (Path io : (Iterable<Path>) folders.filter(f -> f.toString().endsWith(".io"))::iterator) {
        try (Stream<Path> signatures = Files.list(io)) {
          signatures.forEach(
              signature ->
                  cases.add(
                      Arguments.of(
                          io.getFileName().toString().replace(".io", ""),
                          signature.getFileName().toString())));
        }
      }
    }
    return cases.stream();
  }

  /** float32 sums in another order differ by a few units in the last place; float16 by more. */
  private static double tolerance(String model) {
    return model.equals("half") ? 2e-3 : 2e-6;
  }

  public static ModelOptions options(String signature) {
    return ModelOptions.defaults().withSignature(signature);
  }

  /** The flattened model, written into {@code folder} under its own name. */
  static Path rewritten(String model, String signature, Path folder) throws IOException {
    Path copy = folder.resolve(model);
    try (LiveModel live = LiveModel.open(MODELS.resolve(model), options(signature));
        VariableValues variables = live.variables()) {
      SavedModelWriter.write(
          copy,
          live.flatGraph(),
          live.files().tags(),
          variables.byName(),
          Optional.of(live.files()));
    }
    return copy;
  }

  /** Runs a signature of the model in {@code folder} on the stored inputs of {@code model}. */
  public static void assertReproducedBy(Path folder, String model, String signature) {
    Path io = MODELS.resolve(model + ".io").resolve(signature);
    try (LiveModel live = LiveModel.open(folder, options(signature))) {
      Session.Runner runner = live.session().runner();
      List<Tensor> fed = new ArrayList<>();
      live.signature()
          .getInputsMap()
          .forEach(
              (key, info) -> {
                Output<?> input = live.tensor(TensorRef.parse(info.getName()));
                Tensor tensor = tensor(NpyArray.read(io.resolve("in." + key + ".npy")), input);
                fed.add(tensor);
                runner.feed(input, tensor);
              });
      List<String> keys = List.copyOf(live.signature().getOutputsMap().keySet());
      keys.forEach(
          key ->
              runner.fetch(
                  live.tensor(TensorRef.parse(live.signature().getOutputsOrThrow(key).getName()))));
      try (Result result = runner.run()) {
        for (int i = 0; i < keys.size(); i++) {
          double[] expected = NpyArray.read(io.resolve("out." + keys.get(i) + ".npy")).toDoubles();
          assertClose(expected, TensorValues.toDoubles(result.get(i)), tolerance(model));
        }
      } finally {
        fed.forEach(Tensor::close);
      }
    }
  }

  private static void assertClose(double[] expected, double[] actual, double tolerance) {
    assertTrue(expected.length == actual.length, "expected " + expected.length + " values");
    double scale = 0;
    double worst = 0;
    for (int i = 0; i < expected.length; i++) {
      scale = Math.max(scale, Math.abs(expected[i]));
      worst = Math.max(worst, Math.abs(expected[i] - actual[i]));
    }
    double relative = worst / Math.max(scale, 1e-30);
    assertTrue(relative <= tolerance, "largest relative difference " + relative);
  }

  private static Tensor tensor(NpyArray array, Output<?> like) {
    long[] dims = array.shape().stream().mapToLong(Integer::longValue).toArray();
    Shape shape = Shape.of(dims);
    return switch (like.dataType()) {
      case DT_INT32 -> TInt32.tensorOf(shape, DataBuffers.of(array.toInts(), true, false));
      case DT_INT64 -> {
        long[] values = new long[array.size()];
        int[] ints = array.toInts();
        for (int i = 0; i < ints.length; i++) {
          values[i] = ints[i];
        }
        yield TInt64.tensorOf(shape, DataBuffers.of(values, true, false));
      }
      case DT_BOOL -> {
        boolean[] values = new boolean[array.size()];
        int[] ints = array.toInts();
        for (int i = 0; i < ints.length; i++) {
          values[i] = ints[i] != 0;
        }
        yield TBool.tensorOf(shape, DataBuffers.of(values, true, false));
      }
      default -> TensorValues.of(like.dataType(), shape, array.toDoubles());
    };
  }
}
