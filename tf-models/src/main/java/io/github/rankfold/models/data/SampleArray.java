package io.github.rankfold.models.data;

import java.util.List;

/**
 * One of the arrays that a sample consists of, as a range of the sample's row of values: for a
 * model of several inputs there is one for each.
 *
 * @param name of the input that it is for; empty where a sample is one array without a name
 * @param shape of one sample's, of text the number of texts
 * @param from the first of its values in the row
 * @param width how many values: all sizes of the shape multiplied, for text by the characters of
 *     the longest
 * @param kind what the values are
 */
public record SampleArray(String name, List<Integer> shape, int from, int width, Kind kind) {
  /** What the values of an array are. */
  public enum Kind {
    NUMBERS,

    /**
     * Stored as integers or booleans, or floats that hold bytes (0 to 255 and not only 0 and 1),
     * and not divided.
     */
    WHOLE_NUMBERS,

    /** Unicode code points, 0 after the end of each text. */
    TEXT
  }

  public SampleArray {
    shape = List.copyOf(shape);
  }

  /** A sample that is one array of numbers. */
  static SampleArray only(List<Integer> shape) {
    return new SampleArray("", shape, 0, elements(shape), Kind.NUMBERS);
  }

  public boolean isText() {
    return kind == Kind.TEXT;
  }

  /** How many numbers, or texts, one sample has here. */
  public int elements() {
    return elements(shape);
  }

  /** How many characters a text has at most. */
  public int characters() {
    return isText() ? width / Math.max(1, elements()) : 0;
  }

  /** Whether a model that takes one takes the other: texts may be of any length. */
  boolean isLike(SampleArray other) {
    return name.equals(other.name) && shape.equals(other.shape) && isText() == other.isText();
  }

  static int elements(List<Integer> shape) {
    return shape.stream().reduce(1, Math::multiplyExact);
  }

  /** For messages and digests. */
  @Override
  public String toString() {
    return (name.isEmpty() ? "" : name + " ") + shape + (isText() ? " of text" : "");
  }
}
