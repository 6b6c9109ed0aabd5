package io.github.rankfold.models.savedmodel;

import com.google.protobuf.Any;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import io.github.rankfold.models.InvalidInputException;
import io.github.rankfold.models.files.FileFailure;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.tensorflow.proto.AssetFileDef;
import org.tensorflow.proto.CollectionDef;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.proto.SignatureDef;

/**
 * A SavedModel as it lies on the disk: its folder and the one meta graph that was chosen.
 * Immutable; nothing is executed by opening it.
 */
public final class SavedModelFolder {
  /** The tag that serving looks for. */
  public static final String SERVE = "serve";

  /** The signature that is used where none is named. */
  public static final String SERVING_DEFAULT = "serving_default";

  static final String INIT_OP_SIGNATURE = "__saved_model_init_op";

  /** The collections of TensorFlow 1 that name the assets, and what fills the tables. */
  static final String ASSETS = "saved_model_assets";

  static final String TABLE_INITIALIZERS = "table_initializer";

  private final Path folder;
  private final MetaGraphDef metaGraph;

  private SavedModelFolder(Path folder, MetaGraphDef metaGraph) {
    this.folder = folder;
    this.metaGraph = metaGraph;
  }

  /** Opens the meta graph tagged {@code serve}, or the only one there is. */
  public static SavedModelFolder open(Path model) {
    return open(model, Set.of());
  }

  /**
   * Opens the meta graph with exactly these tags; with no tags as {@link #open(Path)}.
   *
   * @param model a SavedModel folder, or a run folder that holds one as {@code saved_model}
   */
  public static SavedModelFolder open(Path model, Set<String> tags) {
    Path folder = locate(model);
    SavedModel parsed = parse(folder.resolve("saved_model.pb"));
    return new SavedModelFolder(folder, choose(folder, parsed.getMetaGraphsList(), tags));
  }

  /**
   * The folder that holds saved_model.pb; none is an input error.
   *
   * @param model a SavedModel folder, or a run folder that holds one as {@code saved_model}
   */
  public static Path locate(Path model) {
    if (!Files.isDirectory(model)) {
      throw new InvalidInputException(
          model
              + ": expected a SavedModel folder, found "
              + (Files.exists(model) ? "a file" : "nothing"));
    }
    for (Path candidate : List.of(model, model.resolve("saved_model"))) {
      if (Files.isRegularFile(candidate.resolve("saved_model.pb"))) {
        return candidate;
      }
    }
    throw new InvalidInputException(
        model + ": expected a SavedModel folder, found one without saved_model.pb");
  }

  private static SavedModel parse(Path file) {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      CodedInputStream coded = CodedInputStream.newInstance(in);
      coded.setSizeLimit(Integer.MAX_VALUE);
      SavedModel model = SavedModel.parseFrom(coded);
      if (model.getMetaGraphsCount() == 0) {
        throw new InvalidInputException(
            file + ": expected a SavedModel, found no meta graph in it");
      }
      return model;
    } catch (IOException e) {
      throw new InvalidInputException(
          file + ": expected a SavedModel, found an unreadable file: " + FileFailure.reason(e), e);
    } catch (IllegalStateException e) {
      // What Protobuf's reader throws where a length in the file overflows its own.
      throw new InvalidInputException(
          file + ": expected a SavedModel, found a length beyond the end of the file", e);
    }
  }

  private static MetaGraphDef choose(Path folder, List<MetaGraphDef> graphs, Set<String> tags) {
    for (MetaGraphDef graph : graphs) {
      Set<String> found = Set.copyOf(graph.getMetaInfoDef().getTagsList());
      if (found.equals(tags.isEmpty() ? Set.of(SERVE) : tags)) {
        return graph;
      }
    }
    if (tags.isEmpty() && graphs.size() == 1) {
      return graphs.get(0);
    }
    throw new InvalidInputException(
        "%s: expected a graph tagged %s, found %s"
            .formatted(
                folder,
                tags.isEmpty() ? SERVE : new TreeSet<>(tags),
                graphs.stream()
                    .map(graph -> graph.getMetaInfoDef().getTagsList().toString())
                    .collect(Collectors.joining(", "))));
  }

  /** The folder that holds saved_model.pb. */
  public Path folder() {
    return folder;
  }

  /** The chosen meta graph. */
  public MetaGraphDef metaGraph() {
    return metaGraph;
  }

  /** The tags of the chosen meta graph. */
  public List<String> tags() {
    return List.copyOf(metaGraph.getMetaInfoDef().getTagsList());
  }

  /** The keys of the signatures that can be called, sorted. */
  public Set<String> signatureKeys() {
    Set<String> keys = new TreeSet<>(metaGraph.getSignatureDefMap().keySet());
    keys.remove(INIT_OP_SIGNATURE);
    return keys;
  }

  /**
   * The key to use: {@code wanted} where given, else {@code serving_default}, else the only one.
   *
   * @throws InvalidInputException that lists the keys there are
   */
  public String signatureKey(String wanted) {
    Set<String> keys = signatureKeys();
    if (keys.contains(wanted)) {
      return wanted;
    }
    if (wanted.equals(SERVING_DEFAULT) && keys.size() == 1) {
      return keys.iterator().next();
    }
    throw new InvalidInputException(
        "%s: expected a signature named %s, found %s".formatted(folder, wanted, keys));
  }

  /** Whether {@code wanted} is only the default, and there are several others to choose from. */
  public boolean leavesSignatureOpen(String wanted) {
    Set<String> keys = signatureKeys();
    return wanted.equals(SERVING_DEFAULT) && !keys.contains(wanted) && keys.size() > 1;
  }

  /**
   * This model as if it had no other signatures: what only others need is not read, and not written
   * again.
   *
   * @param keys of signatures that it has; none for all
   * @throws InvalidInputException that lists the keys there are
   */
  public SavedModelFolder onlySignatures(Set<String> keys) {
    if (keys.isEmpty()) {
      return this;
    }
    MetaGraphDef.Builder fewer = metaGraph.toBuilder();
    keys.forEach(this::signatureKey);
    signatureKeys().stream().filter(key -> !keys.contains(key)).forEach(fewer::removeSignatureDef);
    return new SavedModelFolder(folder, fewer.build());
  }

  /** The signature with this key. */
  public SignatureDef signature(String key) {
    return metaGraph.getSignatureDefOrThrow(signatureKey(key));
  }

  /** The files beside the graph, and the tensors that are fed their paths when it is loaded. */
  public List<AssetFileDef> assets() {
    return assets(metaGraph);
  }

  /** As {@link #assets()}; models of TensorFlow 1 list them in a collection. */
  static List<AssetFileDef> assets(MetaGraphDef metaGraph) {
    if (metaGraph.getAssetFileDefCount() > 0) {
      return metaGraph.getAssetFileDefList();
    }
    List<AssetFileDef> assets = new ArrayList<>();
    CollectionDef listed =
        metaGraph.getCollectionDefOrDefault(ASSETS, CollectionDef.getDefaultInstance());
    for (Any asset : listed.getAnyList().getValueList()) {
      try {
        assets.add(asset.unpack(AssetFileDef.class));
      } catch (InvalidProtocolBufferException e) {
        throw new InvalidInputException(
            "collection %s: expected assets, found %s".formatted(ASSETS, asset.getTypeUrl()), e);
      }
    }
    return assets;
  }

  /** The nodes that are fed the paths of assets. */
  static Set<String> assetNodes(MetaGraphDef metaGraph) {
    return assets(metaGraph).stream()
        .map(asset -> TensorRef.parse(asset.getTensorInfo().getName()).node())
        .collect(Collectors.toSet());
  }

  /** The file of an asset; a name that leads out of the assets folder is an input error. */
  Path asset(AssetFileDef asset) {
    Path assets = folder.resolve("assets").normalize();
    try {
      Path file = assets.resolve(asset.getFilename()).normalize();
      if (file.startsWith(assets) && Files.isRegularFile(file)) {
        return file;
      }
    } catch (InvalidPathException e) {
      // No file has such a name.
    }
    throw new InvalidInputException(
        "%s: expected the asset %s, found no such file"
            .formatted(folder, asset.getFilename().replace('\0', '?')));
  }

  /** A hash of all the folder's files and their names, as hexadecimal text: which model this is. */
  public String sha256() {
    return sha256(folder);
  }

  /** The same of a folder whose graph need not be readable. */
  public static String sha256(Path folder) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (Path file : files(folder)) {
        digest.update(folder.relativize(file).toString().getBytes(StandardCharsets.UTF_8));
        try (InputStream in =
            new DigestInputStream(new BufferedInputStream(Files.newInputStream(file)), digest)) {
          in.transferTo(OutputStream.nullOutputStream());
        }
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java runtime has SHA-256", e);
    }
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }

  /** All bytes of the folder's files. */
  public long bytesOnDisk() {
    try {
      long total = 0;
      for (Path file : files(folder)) {
        total += Files.size(file);
      }
      return total;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
