package io.github.rankfold.models.live;

import io.github.rankfold.models.savedmodel.SavedModelFolder;
import java.util.Optional;
import java.util.Set;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.proto.OptimizerOptions;

/**
 * How a model is opened.
 *
 * @param signature the signature to call
 * @param tags which meta graph; empty for the one tagged {@code serve}, or the only one
 * @param threads how many threads an operation may use; 0 for as many as there are cores
 * @param useGpu whether a GPU may be used where there is one
 * @param trusted whether a graph may be run that touches more than its own files
 * @param optimized whether TensorFlow prepares graphs to run fast, which takes seconds in a large
 *     one, again for each set of fetches
 * @param output the key of the output that counts; without it the only one, or {@code logits}
 */
public record ModelOptions(
    String signature,
    Set<String> tags,
    int threads,
    boolean useGpu,
    boolean trusted,
    boolean optimized,
    Optional<String> output) {
  public ModelOptions {
    tags = Set.copyOf(tags);
    if (threads < 0) {
      throw new IllegalArgumentException("threads must be >= 0, was " + threads);
    }
  }

  /**
   * {@code serving_default} of the graph tagged {@code serve}, all cores, a GPU if there is one.
   */
  public static ModelOptions defaults() {
    return new ModelOptions(
        SavedModelFolder.SERVING_DEFAULT, Set.of(), 0, true, false, true, Optional.empty());
  }

  public ModelOptions withSignature(String key) {
    return new ModelOptions(key, tags, threads, useGpu, trusted, optimized, output);
  }

  public ModelOptions withThreads(int count) {
    return new ModelOptions(signature, tags, count, useGpu, trusted, optimized, output);
  }

  public ModelOptions withGpu(boolean use) {
    return new ModelOptions(signature, tags, threads, use, trusted, optimized, output);
  }

  /** For models of which it is known where they come from. */
  public ModelOptions withTrust() {
    return new ModelOptions(signature, tags, threads, useGpu, true, optimized, output);
  }

  /** For models that are read, or run once or twice. */
  public ModelOptions withoutOptimizing() {
    return new ModelOptions(signature, tags, threads, useGpu, trusted, false, output);
  }

  public ModelOptions withOutput(String key) {
    return new ModelOptions(signature, tags, threads, useGpu, trusted, optimized, Optional.of(key));
  }

  ConfigProto config() {
    ConfigProto.Builder config = ConfigProto.newBuilder().setAllowSoftPlacement(true);
    config.getGpuOptionsBuilder().setAllowGrowth(true);
    if (!useGpu) {
      config.putDeviceCount("GPU", 0);
    }
    if (threads > 0) {
      config.setIntraOpParallelismThreads(threads).setInterOpParallelismThreads(1);
    }
    if (!optimized) {
      config.getGraphOptionsBuilder().setPlacePrunedGraph(true);
      config.getGraphOptionsBuilder().getRewriteOptionsBuilder().setDisableMetaOptimizer(true);
      config
          .getGraphOptionsBuilder()
          .getOptimizerOptionsBuilder()
          .setOptLevel(OptimizerOptions.Level.L0);
    }
    return config.build();
  }
}
