package io.github.rankfold.models.live;

import io.github.rankfold.models.savedmodel.SavedModelFolder;
import io.github.rankfold.models.savedmodel.TensorRef;
import java.nio.file.Path;
import org.tensorflow.Output;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Session;
import org.tensorflow.proto.SignatureDef;

/**
 * A SavedModel as whoever serves it has it: loaded by TensorFlow's own loader, with no part left
 * out and nothing added. Whoever opens it closes it.
 *
 * <p>{@link LiveModel} is for looking inside.
 */
public final class ServedModel implements AutoCloseable {
  private final SavedModelFolder files;
  private final SavedModelBundle bundle;

  private ServedModel(SavedModelFolder files, SavedModelBundle bundle) {
    this.files = files;
    this.bundle = bundle;
  }

  /**
   * Loads a model; one that TensorFlow refuses is an input error. Nothing is asked about what its
   * graph does: for models that were checked, or made, before.
   */
  public static ServedModel open(Path model) {
    return open(SavedModelFolder.open(model), ModelOptions.defaults());
  }

  static ServedModel open(SavedModelFolder files, ModelOptions options) {
    return new ServedModel(files, LoadedGraph.bundle(files, options));
  }

  /** The signature with this key; a key that the model does not have is an input error. */
  public SignatureDef signature(String key) {
    return files.signature(key);
  }

  public Session session() {
    return bundle.session();
  }

  /** Gives variables the values that the files have: calling a signature may change some. */
  public void restoreVariables() {
    LoadedGraph.restoreVariables(bundle, files);
  }

  /** A tensor that a signature names. */
  public Output<?> tensor(TensorRef tensor) {
    return bundle.graph().operationOrThrow(tensor.node()).output(tensor.index());
  }

  @Override
  public void close() {
    bundle.close();
  }
}
