package io.github.rankfold.models.savedmodel;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.NodeDef;

/**
 * Finds the operations of a model that touch more than its own weights and assets when it runs.
 *
 * <p>A graph is a program: it can read and write files, reach the network and call back into its
 * host. What loading and calling runs is checked: the signatures, the init operation and the
 * restore operation, with the functions that they name.
 */
final class UnsafeOperations {
  /** Reading and writing checkpoints, which only the restore operation may do. */
  private static final Pattern CHECKPOINTS =
      Pattern.compile("Save|SaveV2|SaveSlices|Restore|RestoreV2|RestoreSlice|MergeV2Checkpoints");

  private static final Set<String> RESTORING = Set.of("Restore", "RestoreV2", "RestoreSlice");

  private static final Pattern UNSAFE =
      Pattern.compile(
          String.join(
              "|",
              // files
              "ReadFile|WriteFile|MatchingFiles|LoadAndRemapMatrix|FileSystemSetConfiguration",
              ".*Reader(V2)?|Reader(Read|Restore|Reset).*|RecordInput|DecodeProto.*|EncodeProto",
              // data pipelines, which read files and services
              ".*Dataset.*|.*Iterator.*|.*DataService.*",
              // summaries and debugging, which write files and URLs
              ".*SummaryWriter|.*SummaryFileWriter|.*SummaryDbWriter|Write.*Summary|ImportEvent",
              "Debug.*|PrintV2|Abort",
              // host code
              ".*PyFunc.*|.*XlaHostCompute.*|RemoteFusedGraphExecute",
              // network
              "_?Send|_?Recv|_Host(Send|Recv)|RemoteCall|Rpc.*|TryRpc|GrpcService.*|Collective.*",
              "BigQuery.*|Gcs.*|.*ConfigureDistributedTPU|ConfigureDistributed.*"));

  private static final Pattern TABLE_FROM_FILE = Pattern.compile("InitializeTableFromTextFile.*");

  private UnsafeOperations() {}

  /**
   * What would run, as {@code operation (node)}; empty for a model that keeps to its own files.
   *
   * @param flat what signatures and the init operation need
   */
  static List<String> find(SavedModelFolder model, FlatGraph flat) {
    MetaGraphDef metaGraph = model.metaGraph();
    List<String> found = new ArrayList<>();
    Set<String> assets = SavedModelFolder.assetNodes(metaGraph);
    for (NodeDef node : flat.nodes()) {
      boolean foreignFile =
          TABLE_FROM_FILE.matcher(node.getOp()).matches() && !readsAsset(node, flat, assets);
      if (isUnsafe(node) || CHECKPOINTS.matcher(node.getOp()).matches() || foreignFile) {
        found.add(described(node));
      }
    }
    flat.library()
        .getFunctionList()
        .forEach(
            function ->
                function.getNodeDefList().stream()
                    .filter(
                        node ->
                            isUnsafe(node)
                                || CHECKPOINTS.matcher(node.getOp()).matches()
                                || TABLE_FROM_FILE.matcher(node.getOp()).matches())
                    .forEach(node -> found.add(described(node))));
    for (NodeDef node : restoreNodes(metaGraph)) {
      boolean writes =
          CHECKPOINTS.matcher(node.getOp()).matches() && !RESTORING.contains(node.getOp());
      if (isUnsafe(node) || writes) {
        found.add(described(node));
      }
    }
    return found;
  }

  private static boolean isUnsafe(NodeDef node) {
    return UNSAFE.matcher(node.getOp()).matches();
  }

  private static String described(NodeDef node) {
    return node.getOp() + " (" + node.getName() + ")";
  }

  private static boolean readsAsset(NodeDef table, FlatGraph flat, Set<String> assets) {
    List<TensorRef> inputs = NodeReader.dataInputs(table);
    if (inputs.size() < 2) {
      return false;
    }
    NodeDef file = flat.node(inputs.get(1).node());
    while (file.getOp().equals("Identity")) {
      file = flat.node(NodeReader.dataInputs(file).get(0).node());
    }
    return assets.contains(file.getName());
  }

  /** The restore operation with all that it needs, and the functions that those name. */
  private static Collection<NodeDef> restoreNodes(MetaGraphDef metaGraph) {
    GraphDef graph = metaGraph.getGraphDef();
    Map<String, NodeDef> nodes = new TreeMap<>();
    graph.getNodeList().forEach(node -> nodes.put(node.getName(), node));
    Set<NodeDef> needed = new HashSet<>();
    List<String> open = new ArrayList<>();
    open.add(metaGraph.getSaverDef().getRestoreOpName().replaceFirst(":0$", ""));
    while (!open.isEmpty()) {
      NodeDef node = nodes.get(open.remove(open.size() - 1));
      if (node != null && needed.add(node)) {
        node.getInputList().forEach(input -> open.add(TensorRef.nodeOf(input)));
      }
    }
    List<NodeDef> all = new ArrayList<>(needed);
    FunctionLibrary.neededBy(needed, graph.getLibrary())
        .getFunctionList()
        .forEach(function -> all.addAll(function.getNodeDefList()));
    return all;
  }
}
