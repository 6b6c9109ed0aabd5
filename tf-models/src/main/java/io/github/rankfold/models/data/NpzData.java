package io.github.rankfold.models.data;

import io.github.rankfold.models.InvalidInputException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Labelled data in NumPy's {@code .npz}: features [N, ...] of any real type and integer labels.
 *
 * <p>float32 and bytes keep their storage, everything else becomes float64. There are as many
 * classes as the greatest label says.
 */
public final class NpzData {
  private NpzData() {}

  /** Reads train and, if there is one, test part. */
  public static DataSplit load(Path file, NpzOptions options) {
    NpzFile npz = NpzFile.open(file);
    Optional<NpzOptions.Keys> testKeys =
        options
            .test()
            .or(() -> Optional.of(NpzOptions.Keys.TEST).filter(keys -> hasBoth(npz, keys)));
    int[] trainLabels = labels(file, npz, options.labels());
    int[] testLabels = testKeys.map(keys -> labels(file, npz, keys.labels())).orElse(new int[0]);
    String name = "npz:" + file;
    List<String> classes = ClassNames.covering(name, 1, trainLabels, testLabels);
    LabeledData train = part(file, npz, options.train(), options, trainLabels, classes);
    Optional<LabeledData> test =
        testKeys.map(keys -> part(file, npz, keys, options, testLabels, classes));
    return new DataSplit(train, test).named(name);
  }

  private static boolean hasBoth(NpzFile npz, NpzOptions.Keys keys) {
    return npz.has(keys.features()) && npz.has(keys.labels());
  }

  private static LabeledData part(
      Path file,
      NpzFile npz,
      NpzOptions.Keys keys,
      NpzOptions options,
      int[] labels,
      List<String> classes) {
    String where = file + ": array " + keys.features();
    NpyArray array = npz.array(keys.features());
    List<Integer> shape = array.shape();
    if (shape.size() < 2 || array.size() == 0) {
      throw new InvalidInputException(
          "%s: expected features of shape [samples, ...], found shape %s".formatted(where, shape));
    }
    if (shape.get(0) != labels.length) {
      throw new InvalidInputException(
          "%s: expected as many samples as the %d labels of %s, found shape %s"
              .formatted(where, labels.length, keys.labels(), shape));
    }
    Features features = features(where, array, options.divide());
    return new LabeledData(
        "npz:" + file, features, shape.subList(1, shape.size()), labels, classes);
  }

  private static Features features(String where, NpyArray array, double divide) {
    int width = array.size() / array.shape().get(0);
    if (array.dtype().equals("u1")) {
      return Features.ofBytes(array.unsignedBytes(), width, 1 / divide);
    }
    if (array.dtype().equals("f4")) {
      float[] floats = array.toFloats();
      FiniteValues.require(where, floats, width);
      for (int i = 0; i < floats.length; i++) {
        floats[i] = (float) (floats[i] / divide);
      }
      return new FloatFeatures(floats, width);
    }
    double[] doubles = array.toDoubles();
    FiniteValues.require(where, doubles, width);
    for (int i = 0; i < doubles.length; i++) {
      doubles[i] /= divide;
    }
    return new DoubleFeatures(doubles, width);
  }

  private static int[] labels(Path file, NpzFile npz, String key) {
    NpyArray array = npz.array(key);
    List<Integer> shape = array.shape();
    boolean column = shape.size() == 2 && shape.get(1) == 1;
    if (shape.size() != 1 && !column) {
      throw new InvalidInputException(
          "%s: array %s: expected one label a sample, shape [samples], found shape %s"
              .formatted(file, key, shape));
    }
    int[] labels = array.toInts();
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] < 0) {
        throw new InvalidInputException(
            "%s: array %s: sample %d: expected a label from 0, found %d"
                .formatted(file, key, i, labels[i]));
      }
    }
    return labels;
  }
}
