package io.github.rankfold.models.data;

import io.github.rankfold.models.InvalidInputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The classes that the labels of a training and a test part have in common. */
final class ClassesOfParts {
  private final String data;
  private final List<String> names;

  /** Whether labels are looked up among the names, and not numbers of them. */
  private final boolean areWords;

  private final boolean areSorted;

  /**
   * @param data what the parts are of, for messages
   * @param named all classes in their order, or empty where the labels say
   */
  ClassesOfParts(
      String data, Optional<NpzLabels> train, Optional<NpzLabels> test, List<String> named) {
    List<NpzLabels> parts = Stream.of(train, test).flatMap(Optional::stream).toList();
    boolean text = parts.stream().anyMatch(NpzLabels::isText);
    this.data = data;
    this.areWords = text || !named.isEmpty();
    this.areSorted = text && named.isEmpty();
    if (areSorted) {
      List<String> all = new ArrayList<>();
      parts.forEach(part -> all.addAll(part.words()));
      this.names = LabelValues.sorted(all);
    } else if (areWords) {
      this.names = named;
    } else {
      int least = parts.stream().mapToInt(NpzLabels::columns).max().orElse(1);
      int[][] numbers = parts.stream().map(NpzLabels::numbers).toArray(int[][]::new);
      this.names = ClassNames.covering(data, least, numbers);
    }
  }

  /** The samples with their labels, or as they are where there are none. */
  LabeledData apply(LabeledData samples, Optional<NpzLabels> labels) {
    if (labels.isEmpty()) {
      return samples;
    }
    LabeledData labelled = samples.withLabels(numbers(labels.get()), names);
    return areSorted ? labelled.withSortedClasses() : labelled;
  }

  private int[] numbers(NpzLabels labels) {
    if (!areWords) {
      return labels.numbers();
    }
    List<String> words = labels.words();
    for (int i = 0; i < words.size(); i++) {
      if (!names.contains(words.get(i))) {
        throw new InvalidInputException(
            "%s: sample %d: expected one of the classes %s, found \"%s\""
                .formatted(data, i, String.join(", ", names), words.get(i)));
      }
    }
    return LabelValues.indices(words, names);
  }
}
