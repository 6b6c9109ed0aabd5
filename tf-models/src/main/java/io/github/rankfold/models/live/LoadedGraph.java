package io.github.rankfold.models.live;

import io.github.rankfold.models.InvalidInputException;
import io.github.rankfold.models.savedmodel.FlatGraph;
import io.github.rankfold.models.savedmodel.LoadableFolder;
import io.github.rankfold.models.savedmodel.NodeReader;
import io.github.rankfold.models.savedmodel.NodeWriter;
import io.github.rankfold.models.savedmodel.RawValues;
import io.github.rankfold.models.savedmodel.SavedModelFolder;
import io.github.rankfold.models.savedmodel.VariableRestore;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tensorflow.Graph;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Session;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.SaverDef;
import org.tensorflow.types.TString;

/**
 * A model's flat graph, under a prefix, with a session that holds its variables. Closed by the live
 * model that opened it.
 *
 * <p>Where loading is nothing but restoring variables, only the flat graph and the variables that
 * it needs are loaded. Where it is more (tables, values that the graph computes itself), TensorFlow
 * loads the whole model, and the flat graph is put beside it and shares its variables.
 */
final class LoadedGraph implements AutoCloseable {
  /** The prefix of the flat graph's nodes. */
  static final String FLAT = "rankfold_flat";

  /** The prefix of the nodes that give the values of variables and placeholders. */
  static final String VALUE = "rankfold_value_";

  /** The prefix of those that give values which can be fetched as bytes only. */
  private static final String TYPED_VALUE = "rankfold_typed_value_";

  private final Graph graph;
  private final Session session;
  private final Optional<SavedModelBundle> bundle;

  private LoadedGraph(Graph graph, Session session, Optional<SavedModelBundle> bundle) {
    this.graph = graph;
    this.session = session;
    this.bundle = bundle;
  }

  /**
   * Loads a model; one that TensorFlow refuses is an input error.
   *
   * @param saved the shapes of the saved values, by key
   */
  static LoadedGraph of(
      SavedModelFolder files, FlatGraph flat, Map<String, List<Long>> saved, ModelOptions options) {
    requireTypes(flat, files);
    Optional<VariableRestore> restore = flat.plainRestore();
    restore.ifPresent(keys -> keys.check(flat, saved));
    return restore.isPresent()
        ? restored(files, flat, restore.get(), options)
        : bundled(files, flat, options);
  }

  private static void requireTypes(FlatGraph flat, SavedModelFolder files) {
    for (NodeDef node : flat.nodes()) {
      boolean typed = isPlaceholder(node) || NodeReader.isVariable(node);
      if (typed && !node.containsAttr("dtype")) {
        throw new InvalidInputException(
            "%s: node %s: expected the attribute dtype, found none"
                .formatted(files.folder(), node.getName()));
      }
    }
  }

  private static LoadedGraph restored(
      SavedModelFolder files, FlatGraph flat, VariableRestore restore, ModelOptions options) {
    GraphDef.Builder definition = withValues(flat);
    boolean variables = !flat.variables().isEmpty();
    if (variables) {
      definition.addAllNode(restore.nodes(flat, checkpoint(files)));
    }
    Graph graph = new Graph();
    try {
      add(definition.build(), graph, files);
      return new LoadedGraph(graph, session(graph, variables, files, options), Optional.empty());
    } catch (RuntimeException e) {
      graph.close();
      throw e;
    }
  }

  private static Session session(
      Graph graph, boolean restores, SavedModelFolder files, ModelOptions options) {
    Session session = new Session(graph, options.config());
    try {
      if (restores) {
        session.runner().addTarget(FLAT + "/" + VariableRestore.RUN).run().close();
      }
      return session;
    } catch (TensorFlowException | IllegalArgumentException | UnsupportedOperationException e) {
      session.close();
      throw unloadable(files, e);
    }
  }

  private static LoadedGraph bundled(SavedModelFolder files, FlatGraph flat, ModelOptions options) {
    SavedModelBundle bundle = bundle(files, options);
    try {
      add(withValues(flat).build(), bundle.graph(), files);
    } catch (RuntimeException e) {
      bundle.close();
      throw e;
    }
    return new LoadedGraph(bundle.graph(), bundle.session(), Optional.of(bundle));
  }

  /** A model as TensorFlow's loader loads it; one that it refuses is an input error. */
  static SavedModelBundle bundle(SavedModelFolder files, ModelOptions options) {
    try (LoadableFolder folder = LoadableFolder.of(files)) {
      return SavedModelBundle.loader(folder.path().toString())
          .withTags(files.tags().toArray(String[]::new))
          .withConfigProto(options.config())
          .load();
    } catch (TensorFlowException | IllegalArgumentException | UnsupportedOperationException e) {
      throw unloadable(files, e);
    }
  }

  private static InvalidInputException unloadable(SavedModelFolder files, RuntimeException e) {
    return new InvalidInputException(
        files.folder() + ": expected a model that TensorFlow loads, found " + e.getMessage(), e);
  }

  private static void add(GraphDef definition, Graph graph, SavedModelFolder files) {
    try {
      graph.importGraphDef(definition, FLAT);
    } catch (TensorFlowException | IllegalArgumentException | UnsupportedOperationException e) {
      throw new InvalidInputException(
          files.folder() + ": expected a graph that TensorFlow accepts, found " + e.getMessage(),
          e);
    }
  }

  /**
   * The flat graph with one node more for each variable, to fetch its value from, and for each
   * placeholder, as TensorFlow refuses to fetch what is fed.
   */
  private static GraphDef.Builder withValues(FlatGraph flat) {
    GraphDef.Builder graph = flat.toGraphDef().toBuilder();
    for (NodeDef node : flat.nodes()) {
      boolean variable = NodeReader.isVariable(node);
      if (variable || isPlaceholder(node)) {
        DataType type = node.getAttrOrThrow("dtype").getType();
        boolean raw = variable && RawValues.areOf(type);
        String name = (raw ? TYPED_VALUE : VALUE) + node.getName();
        graph.addNode(
            variable && NodeReader.isResource(node)
                ? NodeWriter.read(name, node.getName(), type)
                : NodeWriter.node(name, "Identity").input(node.getName()).type("T", type).build());
        if (raw) {
          graph.addNode(RawValues.toBytes(VALUE + node.getName(), name, type));
        }
      }
    }
    return graph;
  }

  /** Gives all variables the values that the files have. */
  void restoreVariables(SavedModelFolder files) {
    if (bundle.isPresent()) {
      restoreVariables(bundle.get(), files);
    } else if (graph.operation(FLAT + "/" + VariableRestore.RUN) != null) {
      session.runner().addTarget(FLAT + "/" + VariableRestore.RUN).run().close();
    }
  }

  /** The same of a model that TensorFlow's loader loaded. */
  static void restoreVariables(SavedModelBundle bundle, SavedModelFolder files) {
    SaverDef saver = files.metaGraph().getSaverDef();
    if (!saver.getRestoreOpName().isEmpty()) {
      try (TString path = TString.scalarOf(checkpoint(files))) {
        bundle
            .session()
            .runner()
            .feed(saver.getFilenameTensorName(), path)
            .addTarget(saver.getRestoreOpName())
            .run()
            .close();
      }
    }
  }

  private static String checkpoint(SavedModelFolder files) {
    return files.folder().resolve("variables").resolve("variables").toString();
  }

  static boolean isPlaceholder(NodeDef node) {
    return node.getOp().equals("Placeholder");
  }

  Graph graph() {
    return graph;
  }

  Session session() {
    return session;
  }

  @Override
  public void close() {
    if (bundle.isPresent()) {
      bundle.get().close();
    } else {
      session.close();
      graph.close();
    }
  }
}
