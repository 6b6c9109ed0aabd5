package io.github.rankfold.models.savedmodel;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.tensorflow.proto.AssetFileDef;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.SavedModel;

/**
 * The folder from which TensorFlow Java loads a model: the model's own, or a temporary one in which
 * the graph names the files of the assets itself.
 *
 * <p>The latter is for models of TensorFlow 1 with tables from files. After the native loader,
 * which feeds the paths, TensorFlow Java 1.1.0 runs the collection {@code table_initializer} once
 * more and does not feed them, so that the path on the machine of whoever made the model is looked
 * for. Whoever opens it closes it once the model is loaded; the model's own folder stays as it is.
 */
public final class LoadableFolder implements AutoCloseable {
  private static final String GRAPH = "saved_model.pb";
  private static final String VARIABLES = "variables";

  private final Path path;
  private final boolean temporary;

  private LoadableFolder(Path path, boolean temporary) {
    this.path = path;
    this.temporary = temporary;
  }

  /** The folder to load this model from. */
  public static LoadableFolder of(SavedModelFolder model) {
    List<AssetFileDef> assets = model.assets();
    if (assets.isEmpty()
        || !model.metaGraph().containsCollectionDef(SavedModelFolder.TABLE_INITIALIZERS)) {
      return new LoadableFolder(model.folder(), false);
    }
    try {
      LoadableFolder folder = new LoadableFolder(Files.createTempDirectory("rankfold-model"), true);
      try {
        folder.write(model, assets);
        return folder;
      } catch (IOException | RuntimeException e) {
        folder.close();
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void write(SavedModelFolder model, List<AssetFileDef> assets) throws IOException {
    Map<String, NodeDef> paths = new HashMap<>();
    for (AssetFileDef asset : assets) {
      String node = TensorRef.parse(asset.getTensorInfo().getName()).node();
      String file = model.asset(asset).toAbsolutePath().toString();
      paths.put(node, NodeWriter.strings(node, List.of(file), true));
    }
    MetaGraphDef.Builder graph = model.metaGraph().toBuilder();
    graph.clearAssetFileDef().removeCollectionDef(SavedModelFolder.ASSETS);
    graph.getGraphDefBuilder().clearNode();
    for (NodeDef node : model.metaGraph().getGraphDef().getNodeList()) {
      graph.getGraphDefBuilder().addNode(paths.getOrDefault(node.getName(), node));
    }
    try (OutputStream out = Files.newOutputStream(path.resolve(GRAPH))) {
      SavedModel.newBuilder()
          .setSavedModelSchemaVersion(1)
          .addMetaGraphs(graph)
          .build()
          .writeTo(out);
    }
    Path variables = model.folder().resolve(VARIABLES).toAbsolutePath();
    if (Files.isDirectory(variables)) {
      Files.createSymbolicLink(path.resolve(VARIABLES), variables);
    }
  }

  public Path path() {
    return path;
  }

  @Override
  public void close() {
    if (temporary) {
      try {
        Files.deleteIfExists(path.resolve(GRAPH));
        Files.deleteIfExists(path.resolve(VARIABLES)); // the link, not what it leads to
        Files.delete(path);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
