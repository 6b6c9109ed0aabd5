package io.github.rankfold.collapse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.statistics.FeatureBatch;
import io.github.rankfold.models.data.NpyArray;
import io.github.rankfold.models.data.NpzFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * A trained network 64-64-64-48-32-10 (tanh, logits) on scikit-learn's digits, with values computed
 * by NumPy: {@code src/test/resources/digits-tanh/README.md} says how.
 */
public final class DigitsTanh {
  public static final int CLASSES = 10;
  public static final double LAMBDA = 1e-3;

  /** Inputs of the dense layers 0 to 4, and the output of the last. */
  public static final List<String> FEATURES = List.of("h0", "h1", "h2", "h3", "h4", "logits");

  private static final NpzFile ARRAYS = NpzFile.open(resource("fixture.npz"));

  /** The two halves of the data, by the suffixes that the files use. */
  public enum Split {
    TRAIN("", "numpy_float64"),
    TEST("_test", "numpy_float64_test_split");

    private final String arrays;
    private final String values;

    Split(String arrays, String values) {
      this.arrays = arrays;
      this.values = values;
    }
  }

  private DigitsTanh() {}

  public static Matrix features(String name, Split split) {
    return matrix(name + split.arrays);
  }

  public static FeatureBatch batch(String name, Split split) {
    Matrix features = features(name, split);
    return FeatureBatch.of(features.cols(), features.toDoubles());
  }

  public static int[] labels(Split split) {
    return ARRAYS.array("y" + split.arrays).toInts();
  }

  /** The class with the largest logit, the first of equals. */
  public static int[] predictions(Split split) {
    Matrix logits = features("logits", split);
    int[] predictions = new int[logits.rows()];
    for (int i = 0; i < predictions.length; i++) {
      for (int k = 1; k < logits.cols(); k++) {
        if (logits.get(i, k) > logits.get(i, predictions[i])) {
          predictions[i] = k;
        }
      }
    }
    return predictions;
  }

  /** W [in x out] of a dense layer, 0 to 4. */
  public static Matrix kernel(int layer) {
    return matrix("W" + layer);
  }

  public static double[] bias(int layer) {
    return ARRAYS.array("b" + layer).toDoubles();
  }

  public static JsonNode expectedStatistics(String features, Split split) {
    return json("reference.json").at("/layers/" + features + "/" + split.values);
  }

  public static JsonNode expectedSpectrum(int layer) {
    return json("reference.json").at("/weights/W" + layer);
  }

  public static JsonNode json(String name) {
    try (InputStream in = DigitsTanh.class.getResourceAsStream("/digits-tanh/" + name)) {
      return new ObjectMapper().readTree(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Matrix matrix(String key) {
    NpyArray array = ARRAYS.array(key);
    return Matrix.owning(array.shape().get(0), array.shape().get(1), array.toDoubles());
  }

  private static Path resource(String name) {
    try {
      return Path.of(
          Objects.requireNonNull(DigitsTanh.class.getResource("/digits-tanh/" + name)).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
