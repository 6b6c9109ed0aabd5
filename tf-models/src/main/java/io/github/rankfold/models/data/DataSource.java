package io.github.rankfold.models.data;

import io.github.rankfold.models.InvalidInputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Opens data by a small URI:
 *
 * <ul>
 *   <li>{@code digits}: the bundled {@link Digits};
 *   <li>{@code idx:FOLDER}: the four files of MNIST and alike, {@link IdxFiles};
 *   <li>{@code
 *       csv:FILE?label=COLUMN&classes=NAME,NAME&features=COLUMN,COLUMN&drop=COLUMN,COLUMN&header=false&delimiter=;&standardize=true&test=0.2&seed=1}:
 *       {@link CsvData};
 *   <li>{@code
 *       npz:FILE?features=KEY,KEY&labels=KEY&features_test=KEY,KEY&labels_test=KEY&divide=255&classes=NAME,NAME}:
 *       {@link NpzData};
 *   <li>{@code cifar10:FOLDER}: {@link CifarFiles}.
 * </ul>
 *
 * <p>{@code label=} and {@code labels=} with nothing after read no labels. Each takes {@code
 * split=train} or {@code split=test}, which leaves that part alone. All parameters may be left out.
 */
public final class DataSource {
  private static final List<DataSource> SOURCES =
      List.of(
          new DataSource("digits", "", List.of(), (uri, notes) -> digits(uri)),
          new DataSource("idx", ":FOLDER", List.of(), (uri, notes) -> IdxFiles.load(uri.path())),
          new DataSource(
              "csv",
              ":FILE",
              List.of(
                  "label",
                  "classes",
                  "features",
                  "drop",
                  "header",
                  "delimiter",
                  "standardize",
                  "test",
                  "seed"),
              DataSource::csv),
          new DataSource(
              "npz",
              ":FILE",
              List.of("features", "labels", "features_test", "labels_test", "divide", "classes"),
              (uri, notes) -> npz(uri)),
          new DataSource(
              "cifar10", ":FOLDER", List.of(), (uri, notes) -> CifarFiles.load(uri.path())));

  private final String scheme;
  private final String form;
  private final List<String> parameters;
  private final BiFunction<DataUri, Consumer<String>, DataSplit> load;

  private DataSource(
      String scheme,
      String location,
      List<String> parameters,
      BiFunction<DataUri, Consumer<String>, DataSplit> load) {
    this.scheme = scheme;
    this.form = scheme + location;
    this.parameters = new ArrayList<>(parameters);
    this.parameters.add("split");
    this.load = load;
  }

  /** Reads the data that the URI names; what can't be read is an input error. */
  public static DataSplit open(String uri) {
    return open(uri, note -> {});
  }

  /**
   * As {@link #open(String)}.
   *
   * @param notes takes lines about how the data was understood, for a user to check
   */
  public static DataSplit open(String uri, Consumer<String> notes) {
    DataUri parsed = DataUri.parse(uri);
    DataSource source =
        SOURCES.stream()
            .filter(candidate -> candidate.scheme.equals(parsed.scheme()))
            .findFirst()
            .orElseThrow(() -> unknown(uri));
    parsed.requireOnly(source.parameters);
    Optional<DataSplit.Part> part = parsed.part("split");
    DataSplit both = source.load.apply(parsed, notes).named(uri);
    return part.map(chosen -> both.choose(chosen).named(uri)).orElse(both);
  }

  /** Whether a URI that was opened chooses the test part of its data. */
  public static boolean choosesTestPart(String uri) {
    return DataUri.parse(uri).part("split").filter(DataSplit.Part.TEST::equals).isPresent();
  }

  private static InvalidInputException unknown(String uri) {
    return new InvalidInputException(
        "data \"%s\": expected %s"
            .formatted(
                uri,
                SOURCES.stream().map(source -> source.form).collect(Collectors.joining(", "))));
  }

  private static DataSplit digits(DataUri uri) {
    uri.requireNoLocation();
    return Digits.load();
  }

  private static DataSplit csv(DataUri uri, Consumer<String> notes) {
    Optional<Double> fraction = uri.between("test", 0, 1);
    long seed = uri.integer("seed", 0);
    return CsvData.load(
        uri.path(),
        new CsvOptions(
            uri.text("label"),
            uri.flag("header", true),
            uri.character("delimiter", ','),
            uri.flag("standardize", false),
            fraction.map(part -> new CsvOptions.HeldOut(part, seed)),
            uri.names("classes"),
            uri.names("features"),
            uri.names("drop")),
        notes);
  }

  private static DataSplit npz(DataUri uri) {
    NpzOptions defaults = NpzOptions.defaults();
    return NpzData.load(
        uri.path(),
        new NpzOptions(
            uri.text("features").orElse(defaults.features()),
            uri.text("labels").orElse(defaults.labels()),
            uri.text("features_test"),
            uri.text("labels_test"),
            uri.between("divide", 0, Double.POSITIVE_INFINITY).orElse(defaults.divide()),
            uri.names("classes")));
  }
}
