package io.github.rankfold.models.data;

import io.github.rankfold.models.InvalidInputException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Labelled data in NumPy's {@code .npz}: features [N, ...] of any real type or text, one array or
 * one for each input of a model, and {@link NpzLabels}, or none where the file has no array of
 * them.
 *
 * <p>float32 and bytes keep their storage, everything else becomes float64. There are as many
 * classes as the greatest label says, or as one-hot rows have columns; text gives its sorted
 * values.
 */
public final class NpzData {
  private NpzData() {}

  /** Reads train and, if there is one, test part. */
  public static DataSplit load(Path file, NpzOptions wanted) {
    NpzFile npz = NpzFile.open(file);
    NpzOptions options = wanted.of(npz);
    Optional<NpzLabels> train = labels(file, npz, options.labels());
    Optional<NpzOptions.Keys> testKeys =
        Optional.of(options.testKeys(npz))
            .filter(keys -> options.namesTest() || hasPart(npz, keys, train.isPresent()));
    Optional<NpzLabels> test = testKeys.flatMap(keys -> labels(file, npz, keys.labels()));
    String name = "npz:" + file;
    ClassesOfParts classes = new ClassesOfParts(name, train, test, options.classes());
    DataSplit split =
        new DataSplit(
            classes.apply(part(file, npz, options.train(), options, train), train),
            testKeys.map(keys -> classes.apply(part(file, npz, keys, options, test), test)));
    return split.named(name);
  }

  /** Test samples without labels are taken only where there are no labels to train with. */
  private static boolean hasPart(NpzFile npz, NpzOptions.Keys keys, boolean labelled) {
    return keys.arrays().stream().allMatch(npz::has) && (npz.has(keys.labels()) || !labelled);
  }

  private static LabeledData part(
      Path file,
      NpzFile npz,
      NpzOptions.Keys keys,
      NpzOptions options,
      Optional<NpzLabels> labels) {
    String name = "npz:" + file;
    List<String> arrays = keys.arrays();
    List<String> names = options.train().arrays();
    if (arrays.size() != names.size()) {
      throw new InvalidInputException(
          "%s: expected as many arrays of test samples as %s, found %s"
              .formatted(name, options.features(), keys.features()));
    }
    boolean several = arrays.size() > 1;
    if (several && options.divide() != 1) {
      throw new InvalidInputException(
          "%s: expected divide= with one array of features, found %s"
              .formatted(name, keys.features()));
    }
    List<Stored> stored = new ArrayList<>();
    for (String key : arrays) {
      NpyArray array = array(file, npz, key, several);
      int found = array.shape().get(0);
      int expected =
          labels
              .map(NpzLabels::samples)
              .orElse(stored.isEmpty() ? found : stored.get(0).features().samples());
      if (found != expected) {
        throw new InvalidInputException(
            "%s: expected as many samples as the %d %s, found shape %s"
                .formatted(
                    where(file, key),
                    expected,
                    labels.isPresent() ? "labels of " + keys.labels() : "of " + arrays.get(0),
                    array.shape()));
      }
      // Of the test part too they are named after the inputs.
      String input = several ? names.get(stored.size()) : "";
      stored.add(new Stored(input, array, features(where(file, key), array, options.divide())));
    }
    Features features = Features.beside(stored.stream().map(Stored::features).toList());
    List<Integer> row = List.of(features.width());
    Labels.None none =
        labels.isPresent() ? Labels.None.because("") : none(file, npz, keys.labels());
    // The names of arrays say which input each is for; one alone is for the only one.
    return LabeledData.unlabeled(name, features, row, none)
        .withArrays(arrays(stored, options.divide()));
  }

  private static String where(Path file, String key) {
    return file + ": array " + key;
  }

  /** An array of features, whose first axis is the samples. */
  private static NpyArray array(Path file, NpzFile npz, String key, boolean several) {
    NpyArray array = npz.array(key);
    int axes = several && !array.isText() ? 1 : 2; // text has one of characters
    if (array.shape().size() < axes || array.size() == 0) {
      throw new InvalidInputException(
          "%s: expected features of shape [samples, ...], found shape %s"
              .formatted(where(file, key), array.shape()));
    }
    return array;
  }

  private record Stored(String name, NpyArray array, Features features) {}

  private static List<SampleArray> arrays(List<Stored> stored, double divide) {
    List<SampleArray> arrays = new ArrayList<>();
    int from = 0;
    for (Stored one : stored) {
      List<Integer> shape = one.array().shape();
      List<Integer> sample = shape.subList(1, shape.size() - (one.array().isText() ? 1 : 0));
      int width = one.features().width();
      arrays.add(new SampleArray(one.name(), sample, from, width, kind(one.array(), divide)));
      from += width;
    }
    return arrays;
  }

  private static SampleArray.Kind kind(NpyArray array, double divide) {
    if (array.isText()) {
      return SampleArray.Kind.TEXT;
    }
    return (array.isInteger() || array.holdsBytes()) && divide == 1
        ? SampleArray.Kind.WHOLE_NUMBERS
        : SampleArray.Kind.NUMBERS;
  }

  private static Features features(String where, NpyArray array, double divide) {
    int width = array.size() / array.shape().get(0);
    if (array.dtype().equals("u1")) {
      return Features.ofBytes(array.unsignedBytes(), width, 1 / divide);
    }
    if (array.isText()) {
      return new FloatFeatures(array.toFloats(), width); // code points are below 2^24
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

  /** Those of a key that a user named must be there, and be labels. */
  private static Optional<NpzLabels> labels(Path file, NpzFile npz, String key) {
    boolean named = !NpzOptions.DEFAULT_LABELS.contains(key);
    if (key.isEmpty() || (!named && !npz.has(key))) {
      return Optional.empty();
    }
    NpzLabels labels = new NpzLabels(npz.array(key));
    Optional<String> problem = labels.problem();
    if (named && problem.isPresent()) {
      throw new InvalidInputException(where(file, key) + ": " + problem.get());
    }
    return problem.isPresent() ? Optional.empty() : Optional.of(labels);
  }

  /** Why there are no labels: an array y may be what a regression was trained on. */
  private static Labels.None none(Path file, NpzFile npz, String key) {
    if (key.isEmpty()) {
      return Labels.None.because("labels= names no array");
    }
    if (!npz.has(key)) {
      return Labels.None.because(
          "no array \"%s\" among %s; labels=KEY names another"
              .formatted(key, String.join(", ", npz.keys())));
    }
    String problem = new NpzLabels(npz.array(key)).problem().orElse("");
    return new Labels.None("none (%s: %s)".formatted(where(file, key), problem), true);
  }
}
