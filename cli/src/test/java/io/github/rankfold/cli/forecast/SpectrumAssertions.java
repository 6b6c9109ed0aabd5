package io.github.rankfold.cli.forecast;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.rankfold.collapse.linalg.Spectrum;
import java.util.Map;
import java.util.Optional;

/** Compares the spectra of whole networks. */
final class SpectrumAssertions {
  private SpectrumAssertions() {}

  /**
   * The same layers with the same singular values.
   *
   * @param tolerance relative to the largest expected value of a layer
   */
  static void assertSameSpectra(
      Map<String, Spectrum> expected, Map<String, Spectrum> found, double tolerance) {
    assertEquals(expected.keySet(), found.keySet());
    expected.forEach(
        (layer, spectrum) ->
            assertArrayEquals(
                spectrum.toArray(),
                Optional.ofNullable(found.get(layer)).orElseThrow().toArray(),
                tolerance * spectrum.largest(),
                layer));
  }
}
