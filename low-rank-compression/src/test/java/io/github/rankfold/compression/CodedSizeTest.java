package io.github.rankfold.compression;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.compression.factors.WeightFormat;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.live.StoredOutputs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class CodedSizeTest {
  @TempDir Path temporary;

  @Test
  void entropyIsThatOfTheSymbols() {
    byte[] all = new byte[512];
    byte[] two = new byte[512];
    for (int i = 0; i < all.length; i++) {
      all[i] = (byte) i;
      two[i] = (byte) (i % 2);
    }
    assertEquals(512, CodedSize.entropyBytes(all)); // 8 bits each
    assertEquals(64, CodedSize.entropyBytes(two)); // 1 bit each
    assertEquals(0, CodedSize.entropyBytes(new byte[100]));
    assertEquals(0, CodedSize.entropyBytes(new byte[0]));
  }

  @ParameterizedTest
  @ValueSource(strings = {"mlp", "cnn", "lstm", "half", "frozen"})
  void countsTheBytesOfAllWeightsAndCodesThemInNoMore(String name) {
    try (LiveModel model = LiveModel.open(StoredOutputs.MODELS.resolve(name))) {
      CodedSize size = CodedSize.of(model);
      long apart = Math.abs(model.size().bytes() - size.bytes());
      assertTrue(apart <= 256, "single numbers are no weights there");
      assertTrue(size.deflated() <= size.bytes());
      assertTrue(size.deflated() > size.bytes() / 4, "random weights do not code well");
    }
  }

  @ParameterizedTest
  @EnumSource(WeightFormat.class)
  void aWholeModelInAFormatIsAsLargeAsIfItWereWritten(WeightFormat format) throws IOException {
    try (LiveModel model = LiveModel.open(StoredOutputs.MODELS.resolve("mlp"))) {
      CompressionPlan whole = CompressionPlanner.plan(model, new RankRule.Fraction(1));
      WeightStorage storage = new WeightStorage(Optional.empty(), Optional.of(format));
      SavedModelCompressor.apply(model, storage.appliedTo(model, whole), temporary.resolve("out"));
      try (LiveModel written = LiveModel.open(temporary.resolve("out"))) {
        assertEquals(CodedSize.of(written), CodedSize.ofWhole(model, format));
      }
    }
  }
}
