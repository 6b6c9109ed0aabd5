package io.github.rankfold.models.live;

import io.github.rankfold.models.Device;
import io.github.rankfold.models.savedmodel.SavedModelFolder;
import java.util.Optional;
import java.util.Set;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.proto.OptimizerOptions;

/**
 * How a model is opened.
 *
 * @param signature the signature to call
 * @param only the signatures that the model is taken to have; empty for all
 * @param tags which meta graph; empty for the one tagged {@code serve}, or the only one
 * @param threads how many threads an operation may use; 0 for as many as there are cores
 * @param device where it computes
 * @param trusted whether a graph may be run that touches more than its own files
 * @param optimized whether TensorFlow prepares graphs to run fast, which takes seconds in a large
 *     one, again for each set of fetches
 * @param output the key of the output that counts; without it the only one, or {@code logits}
 */
public record ModelOptions(
    String signature,
    Set<String> only,
    Set<String> tags,
    int threads,
    Device device,
    boolean trusted,
    boolean optimized,
    Optional<String> output) {
  public ModelOptions {
    only = Set.copyOf(only);
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
        SavedModelFolder.SERVING_DEFAULT,
        Set.of(),
        Set.of(),
        0,
        Device.AUTO,
        false,
        true,
        Optional.empty());
  }

  public ModelOptions withSignature(String key) {
    return new ModelOptions(key, only, tags, threads, device, trusted, optimized, output);
  }

  /** For models of which some signatures are of no use, such as those that train. */
  public ModelOptions withOnly(Set<String> signatures) {
    return new ModelOptions(
        signature, signatures, tags, threads, device, trusted, optimized, output);
  }

  public ModelOptions withThreads(int count) {
    return new ModelOptions(signature, only, tags, count, device, trusted, optimized, output);
  }

  public ModelOptions withDevice(Device where) {
    return new ModelOptions(signature, only, tags, threads, where, trusted, optimized, output);
  }

  /** For models of which it is known where they come from. */
  public ModelOptions withTrust() {
    return new ModelOptions(signature, only, tags, threads, device, true, optimized, output);
  }

  /** For models that are read, or run once or twice. */
  public ModelOptions withoutOptimizing() {
    return new ModelOptions(signature, only, tags, threads, device, trusted, false, output);
  }

  public ModelOptions withOutput(String key) {
    return new ModelOptions(
        signature, only, tags, threads, device, trusted, optimized, Optional.of(key));
  }

  ConfigProto config() {
    ConfigProto.Builder config = ConfigProto.newBuilder().setAllowSoftPlacement(true);
    device.configure(config);
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
