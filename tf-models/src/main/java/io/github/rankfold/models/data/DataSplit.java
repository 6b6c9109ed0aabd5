package io.github.rankfold.models.data;

import io.github.rankfold.models.InvalidInputException;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Data to work on, and data held out from it where the source has some.
 *
 * <p>Every command works on {@link #primary()}. That is the training part, unless a user chose the
 * other by {@code split=test}; a chosen part comes alone, with nothing held out. Both parts have
 * the same feature shape and the same classes.
 */
public record DataSplit(LabeledData train, Optional<LabeledData> test) {
  /** What {@code split=} can say, in lower case. */
  enum Part {
    TRAIN,
    TEST
  }

  public DataSplit {
    test.ifPresent(part -> requireSameKind(train, part));
  }

  /** One part, with nothing held out from it. */
  public static DataSplit only(LabeledData part) {
    return new DataSplit(part, Optional.empty());
  }

  /** The part that a command works on when it works on one. */
  public LabeledData primary() {
    return train;
  }

  /** The part that {@code split=NAME} asks for, alone. */
  DataSplit choose(Part part) {
    if (part == Part.TRAIN) {
      return only(train);
    }
    return only(
        test.orElseThrow(
            () ->
                new InvalidInputException(
                    train.name() + ": expected a test part for split=test, found none")));
  }

  /** Names both parts after what a user writes to get them. */
  DataSplit named(String uri) {
    String testUri = uri + (uri.contains("?") ? "&" : "?") + "split=test";
    return new DataSplit(train.named(uri), test.map(part -> part.named(testUri)));
  }

  /** Both parts with the classes of a model, see {@link LabeledData#withClasses}. */
  public DataSplit withClasses(List<String> names, String of) {
    return new DataSplit(
        train.withClasses(names, of), test.map(part -> part.withClasses(names, of)));
  }

  /** Both parts for a model that does not name its classes, see {@link LabeledData#forOutputs}. */
  public DataSplit forOutputs(int outputs, String of) {
    return new DataSplit(
        train.forOutputs(outputs, of), test.map(part -> part.forOutputs(outputs, of)));
  }

  private static void requireSameKind(LabeledData train, LabeledData test) {
    List<SampleArray> arrays = train.arrays();
    List<SampleArray> others = test.arrays();
    boolean alike =
        arrays.size() == others.size()
            && IntStream.range(0, arrays.size()).allMatch(i -> arrays.get(i).isLike(others.get(i)));
    if (!alike) {
      throw new InvalidInputException(
          "%s: expected test samples of the training samples' shape %s, found %s"
              .formatted(train.name(), train.arraysText(), test.arraysText()));
    }
    boolean labelled = train.hasLabels() && test.hasLabels();
    if (labelled && !train.classNames().equals(test.classNames())) {
      throw new InvalidInputException(
          "%s: expected the training part's classes %s in the test part, found %s"
              .formatted(train.name(), train.classNames(), test.classNames()));
    }
  }
}
