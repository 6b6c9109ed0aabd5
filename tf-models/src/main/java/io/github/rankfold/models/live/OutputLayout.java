package io.github.rankfold.models.live;

import io.github.rankfold.models.InvalidInputException;
import org.tensorflow.ndarray.Shape;

/**
 * How the outputs of a batch lie one after the other.
 *
 * @param samples N
 * @param positions of each sample that have outputs of their own: the tokens of a text, the pixels
 *     of a map; 1 where the output is one row a sample
 * @param classes the values of one position, K
 */
public record OutputLayout(int samples, int positions, int classes) {
  /**
   * Of an output of shape [N, K], [N, ..., K] or [N]; another one, or one without values, is an
   * input error.
   *
   * @param samples how many were fed
   */
  public static OutputLayout of(LiveModel model, Shape output, int samples) {
    int axes = output.numDimensions();
    if (axes < 1 || output.get(0) != samples || output.size() == 0) {
      throw new InvalidInputException(
          "%s: expected outputs of shape [%d, ...], found %s"
              .formatted(model.files().folder(), samples, output));
    }
    int classes = axes == 1 ? 1 : Math.toIntExact(output.get(axes - 1));
    return new OutputLayout(samples, Math.toIntExact(output.size() / samples / classes), classes);
  }

  /** All values of one sample. */
  public int width() {
    return Math.multiplyExact(positions, classes);
  }
}
