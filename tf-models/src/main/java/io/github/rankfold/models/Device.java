package io.github.rankfold.models;

import org.tensorflow.proto.ConfigProto;

/** Where TensorFlow computes. */
public enum Device {
  /** On a GPU where there is one and something is gained by it. */
  AUTO,

  /** On the processor. */
  CPU,

  /** On a GPU. */
  GPU;

  /**
   * Has a session compute here. Memory of a GPU is taken as it is needed: the first session of a
   * process that sees one decides that for all, and TensorFlow's default is all memory at once.
   *
   * @throws InvalidInputException for {@link #GPU}, where there is none that TensorFlow can use
   */
  public void configure(ConfigProto.Builder session) {
    if (this == GPU) {
      Gpu.require("device gpu");
    }
    session.getGpuOptionsBuilder().setAllowGrowth(true);
    if (this == CPU) {
      session.putDeviceCount("GPU", 0);
    }
  }
}
