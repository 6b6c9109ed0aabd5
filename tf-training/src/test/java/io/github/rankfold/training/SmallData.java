package io.github.rankfold.training;

import io.github.rankfold.models.data.Features;
import io.github.rankfold.models.data.LabeledData;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Random labelled data of a few samples. */
final class SmallData {
  private SmallData() {}

  static LabeledData floats(int samples, int width, int classes) {
    Random random = new Random(5);
    float[] values = new float[samples * width];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return labeled(Features.ofFloats(values, width), classes, random);
  }

  static LabeledData bytes(int samples, int width, int classes) {
    Random random = new Random(6);
    byte[] values = new byte[samples * width];
    random.nextBytes(values);
    return labeled(Features.ofBytes(ByteBuffer.wrap(values), width, 1.0 / 128), classes, random);
  }

  private static LabeledData labeled(Features features, int classes, Random random) {
    int[] labels = new int[features.samples()];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = random.nextInt(classes);
    }
    return labeled(features, labels, classes);
  }

  static LabeledData labeled(Features features, int[] labels, int classes) {
    List<String> names = new ArrayList<>();
    for (int k = 0; k < classes; k++) {
      names.add("c" + k);
    }
    return new LabeledData("small", features, List.of(features.width()), labels, names);
  }
}
