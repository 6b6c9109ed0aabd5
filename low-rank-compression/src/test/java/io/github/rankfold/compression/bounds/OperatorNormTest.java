package io.github.rankfold.compression.bounds;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.collapse.linalg.Matrix;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Norms of convolutions beside those of the matrices that they are, written out. */
class OperatorNormTest {

  @ParameterizedTest(name = "{0} inputs, window {1}, stride {2}, dilation {3}, {4} before")
  @CsvSource({
    "9, 3, 1, 1, 1", // SAME
    "9, 3, 1, 1, 0", // VALID
    "12, 5, 1, 1, 2",
    "12, 3, 2, 1, 0",
    "12, 3, 3, 1, 0", // windows that don't overlap
    "12, 4, 2, 1, 1",
    "15, 3, 1, 2, 2",
    "15, 3, 2, 2, 2",
    "10, 1, 1, 1, 0",
    "3, 7, 1, 1, 3", // a window larger than the image
  })
  void aConvolutionHasAtMostThatNorm(int in, int size, int stride, int dilation, int before) {
    int out = (in + 2 * before - (size - 1) * dilation - 1) / stride + 1;
    int channels = 3;
    int filters = 4;
    double[] kernel =
        new SplittableRandom(size).doubles((long) size * channels * filters, -1, 1).toArray();
    Matrix whole = writtenOut(kernel, in, out, size, stride, dilation, before, channels, filters);
    Windows windows =
        new Windows(List.of(new Windows.Axis(in, out, size, stride, dilation, before)));
    double bound =
        OperatorNorm.ofConvolution(kernel, List.of(size, channels, filters), windows.overlap());
    double exact = OperatorNorm.ofMatrix(whole);
    assertTrue(exact <= bound * (1 + 1e-12), exact + " > " + bound);
    // Strides leave values of the symbol away, and small images its sup; otherwise it is close.
    double looseness = stride == 1 && in > 8 ? 1.25 : 1.8;
    assertTrue(bound <= looseness * exact, bound + " is far above " + exact);
    if (windows.overlap() == 1) {
      assertEquals(exact, bound, 1e-9 * exact);
    }
  }

  /** The matrix [in channels x out filters] of a one-dimensional convolution. */
  private static Matrix writtenOut(
      double[] kernel,
      int in,
      int out,
      int size,
      int stride,
      int dilation,
      int before,
      int channels,
      int filters) {
    double[] values = new double[in * channels * out * filters];
    for (int window = 0; window < out; window++) {
      for (int tap = 0; tap < size; tap++) {
        int position = window * stride - before + tap * dilation;
        for (int c = 0; c < channels && position >= 0 && position < in; c++) {
          for (int f = 0; f < filters; f++) {
            values[((position * channels + c) * out + window) * filters + f] =
                kernel[(tap * channels + c) * filters + f];
          }
        }
      }
    }
    return Matrix.owning(in * channels, out * filters, values);
  }

  @Test
  void longMatricesHaveTheNormOfTheirGramMatrix() {
    double[] values = new SplittableRandom(3).doubles(40 * 7, -1, 1).toArray();
    Matrix tall = Matrix.of(40, 7, values);
    double norm = OperatorNorm.ofMatrix(Matrix.of(7, 40, tall.transpose().toDoubles()));
    assertEquals(OperatorNorm.ofMatrix(tall), norm, 1e-12 * norm);
  }

  @ParameterizedTest(name = "{0} inputs in windows of {1}, stride {2}, {3} before")
  @CsvSource({"8, 2, 2, 0", "9, 3, 2, 1", "7, 3, 1, 1", "10, 4, 3, 0"})
  void averagesHaveAtMostThatNorm(int in, int size, int stride, int before) {
    int out = (in + 2 * before - size) / stride + 1;
    double[] values = new double[in * out];
    for (int window = 0; window < out; window++) {
      int first = Math.max(0, window * stride - before);
      int last = Math.min(in, window * stride - before + size);
      for (int i = first; i < last; i++) {
        values[i * out + window] = 1.0 / (last - first);
      }
    }
    Windows windows = new Windows(List.of(new Windows.Axis(in, out, size, stride, 1, before)));
    double exact = OperatorNorm.ofMatrix(Matrix.owning(in, out, values));
    double bound = Math.sqrt(windows.averaging());
    assertTrue(exact <= bound * (1 + 1e-12), exact + " > " + bound);
    assertTrue(bound <= 1.3 * exact, bound + " is far above " + exact);
  }
}
