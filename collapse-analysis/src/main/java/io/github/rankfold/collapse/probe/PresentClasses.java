package io.github.rankfold.collapse.probe;

import io.github.rankfold.models.data.LabeledData;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TInt32;

/**
 * The classes that data has samples of, numbered 0..K'-1 in their order: a class without samples
 * has no mean, so that class statistics are those of the others.
 */
final class PresentClasses {
  /** How many absent classes are named. */
  private static final int NAMED = 10;

  private final List<String> allNames;
  private final List<String> absent;
  private final int[] numbers;
  private final int[] positions;

  private PresentClasses(LabeledData data, int[] numbers) {
    this.allNames = data.classNames();
    this.absent = data.absentClasses();
    this.numbers = numbers;
    this.positions = new int[allNames.size()];
    Arrays.fill(positions, numbers.length); // which no class has
    for (int k = 0; k < numbers.length; k++) {
      positions[numbers[k]] = k;
    }
  }

  /** Of labelled data; fewer than two classes are an input error. */
  static PresentClasses of(LabeledData data) {
    data.requireTwoClasses();
    int[] counts = data.classCounts();
    return new PresentClasses(
        data, IntStream.range(0, counts.length).filter(k -> counts[k] > 0).toArray());
  }

  /** K'. */
  int count() {
    return numbers.length;
  }

  boolean areAll() {
    return numbers.length == positions.length;
  }

  /** K' names. */
  List<String> names() {
    return Arrays.stream(numbers).mapToObj(allNames::get).toList();
  }

  /** The classes of samples {@code from} (inclusive) to {@code to} (exclusive), in 0..K'-1. */
  int[] labels(LabeledData data, int from, int to) {
    return IntStream.range(from, to).map(i -> positions[data.label(i)]).toArray();
  }

  /** The numbers that classes have among a model's outputs, by their numbers here. */
  Operand<TInt32> toOutputs(Ops tf, Operand<TInt32> labels) {
    return areAll() ? labels : tf.gather(tf.constant(numbers), labels, tf.constant(0));
  }

  /** The reverse; K' for outputs of no class that there are samples of. */
  Operand<TInt32> ofOutputs(Ops tf, Operand<TInt32> numbersOfOutputs, int outputs) {
    if (areAll()) {
      return numbersOfOutputs; // one beyond the classes is none of them either way
    }
    int[] ofEach = new int[outputs];
    Arrays.setAll(ofEach, k -> k < positions.length ? positions[k] : numbers.length);
    return tf.gather(tf.constant(ofEach), numbersOfOutputs, tf.constant(0));
  }

  /** What is said of the classes without samples, if there are some. */
  Optional<AnalysisNote> note() {
    if (areAll()) {
      return Optional.empty();
    }
    String more = absent.size() > NAMED ? " and %d more".formatted(absent.size() - NAMED) : "";
    return Optional.of(
        new AnalysisNote(
            "",
            "class " + String.join(", ", absent.subList(0, Math.min(NAMED, absent.size()))) + more,
            "no samples: all that is measured is of the other %d classes".formatted(count())));
  }
}
