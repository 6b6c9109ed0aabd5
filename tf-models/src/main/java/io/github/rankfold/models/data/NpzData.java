package io.github.rankfold.models.data;

import io.github.rankfold.models.InvalidInputException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Labelled data in NumPy's {@code .npz}: features [N, ...] of any real type and integer labels, or
 * none where the file has no array of them.
 *
 * <p>float32 and bytes keep their storage, everything else becomes float64. There are as many
 * classes as the greatest label says.
 */
public final class NpzData {
  private NpzData() {}

  /** Reads train and, if there is one, test part. */
  public static DataSplit load(Path file, NpzOptions options) {
    NpzFile npz = NpzFile.open(file);
    Optional<int[]> trainLabels = labels(file, npz, options.labels());
    Optional<NpzOptions.Keys> testKeys =
        options
            .test()
            .or(
                () ->
                    Optional.of(NpzOptions.Keys.TEST)
                        .filter(keys -> hasPart(npz, keys, trainLabels.isPresent())));
    Optional<int[]> testLabels = testKeys.flatMap(keys -> labels(file, npz, keys.labels()));
    String name = "npz:" + file;
    List<String> classes =
        ClassNames.covering(name, 1, trainLabels.orElse(new int[0]), testLabels.orElse(new int[0]));
    LabeledData train = part(file, npz, options.train(), options, trainLabels, classes);
    Optional<LabeledData> test =
        testKeys.map(keys -> part(file, npz, keys, options, testLabels, classes));
    return new DataSplit(train, test).named(name);
  }

  /** Test samples without labels are taken only where there are no labels to train with. */
  private static boolean hasPart(NpzFile npz, NpzOptions.Keys keys, boolean labelled) {
    return npz.has(keys.features()) && (npz.has(keys.labels()) || !labelled);
  }

  private static LabeledData part(
      Path file,
      NpzFile npz,
      NpzOptions.Keys keys,
      NpzOptions options,
      Optional<int[]> labels,
      List<String> classes) {
    String name = "npz:" + file;
    String where = file + ": array " + keys.features();
    NpyArray array = npz.array(keys.features());
    List<Integer> shape = array.shape();
    if (shape.size() < 2 || array.size() == 0) {
      throw new InvalidInputException(
          "%s: expected features of shape [samples, ...], found shape %s".formatted(where, shape));
    }
    List<Integer> sample = shape.subList(1, shape.size());
    Features features = features(where, array, options.divide());
    if (labels.isEmpty()) {
      return LabeledData.unlabeled(name, features, sample, missing(keys));
    }
    if (shape.get(0) != labels.get().length) {
      throw new InvalidInputException(
          "%s: expected as many samples as the %d labels of %s, found shape %s"
              .formatted(where, labels.get().length, keys.labels(), shape));
    }
    return new LabeledData(name, features, sample, labels.get(), classes);
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

  /** Those of a key that a user named must be there. */
  private static Optional<int[]> labels(Path file, NpzFile npz, String key) {
    boolean named = !NpzOptions.DEFAULT_LABELS.contains(key);
    return !key.isEmpty() && (named || npz.has(key))
        ? Optional.of(read(file, npz, key))
        : Optional.empty();
  }

  private static String missing(NpzOptions.Keys keys) {
    return keys.labels().isEmpty()
        ? "labels= names no array"
        : "no array \"%s\"".formatted(keys.labels());
  }

  private static int[] read(Path file, NpzFile npz, String key) {
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
