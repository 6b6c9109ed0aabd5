package io.github.rankfold.collapse.linalg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.rankfold.models.InvalidInputException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WorkersTest {
  private static Matrix gaussian(int rows, int cols, long seed) {
    Random random = new Random(seed);
    double[] values = random.doubles((long) rows * cols, -1, 1).toArray();
    return Matrix.owning(rows, cols, values);
  }

  @Test
  void spectraAreThoseOfOneMatrixAfterTheOtherInTheItemsOrder() {
    List<Matrix> matrices =
        IntStream.range(0, 40)
            .mapToObj(i -> gaussian(5 + 7 * (i % 9), 3 + 5 * (i % 7), i))
            .toList();
    List<Spectrum> beside =
        Workers.map(
            matrices,
            matrix -> Math.min(matrix.rows(), matrix.cols()),
            matrix -> Spectrum.of(matrix, Precision.FLOAT32));
    for (int i = 0; i < matrices.size(); i++) {
      assertArrayEquals(
          Spectrum.of(matrices.get(i), Precision.FLOAT32).toArray(), beside.get(i).toArray());
    }
  }

  /** So one that is worth all threads is alone, before the others. */
  @Test
  void whatIsWorthAllThreadsRunsFirstAndInTheCallersThread() {
    List<Integer> sides = List.of(3, Lapack.LARGE + 1, 900, Lapack.LARGE + 5);
    List<String> order = Collections.synchronizedList(new ArrayList<>());
    Thread caller = Thread.currentThread();
    Workers.map(
        sides,
        side -> side,
        side -> order.add(side + (Thread.currentThread() == caller ? "!" : "")));
    assertEquals(List.of(Lapack.LARGE + 5 + "!", Lapack.LARGE + 1 + "!"), order.subList(0, 2));
  }

  @Test
  void aFailureIsTheOneOfTheWorkItself() {
    Matrix broken = Matrix.of(2, 2, 1, Double.NaN, 0, 1);
    String message =
        assertThrows(
                InvalidInputException.class,
                () ->
                    Workers.map(
                        List.of(gaussian(4, 4, 1), broken, gaussian(3, 3, 2)),
                        Matrix::rows,
                        matrix -> Spectrum.of(matrix, Precision.FLOAT32)))
            .getMessage();
    assertEquals("no singular values: a 2 x 2 matrix holds NaN at row 0, column 1", message);
  }

  @Test
  void ofNothingIsNothing() {
    assertEquals(List.of(), Workers.map(List.<Matrix>of(), Matrix::rows, Matrix::rows));
  }
}
