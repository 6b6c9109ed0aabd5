package io.github.rankfold.models.data;

import io.github.rankfold.models.InvalidInputException;
import java.util.Optional;

/**
 * Data to work on, and data held out from it where the source has some.
 *
 * <p>Every command works on {@link #primary()}. That is the training part, unless a user chose the
 * other by {@code split=test}; a chosen part comes alone, with nothing held out. Both parts have
 * the same feature shape and the same classes.
 */
public record DataSplit(LabeledData train, Optional<LabeledData> test) {
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

  private static void requireSameKind(LabeledData train, LabeledData test) {
    if (!train.featureShape().equals(test.featureShape())) {
      throw new InvalidInputException(
          "%s: expected test samples of the training samples' shape %s, found %s"
              .formatted(train.name(), train.featureShape(), test.featureShape()));
    }
    if (!train.classNames().equals(test.classNames())) {
      throw new InvalidInputException(
          "%s: expected the training part's classes %s in the test part, found %s"
              .formatted(train.name(), train.classNames(), test.classNames()));
    }
  }
}
