package io.github.rankfold.models.live;

import io.github.rankfold.models.BackgroundTask;
import io.github.rankfold.models.InvalidInputException;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.data.SampleArray;
import io.github.rankfold.models.layers.KernelUse;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.layers.LayerFinder;
import io.github.rankfold.models.layers.LayerKind;
import io.github.rankfold.models.layers.SkippedKernel;
import io.github.rankfold.models.savedmodel.FlatGraph;
import io.github.rankfold.models.savedmodel.NodeReader;
import io.github.rankfold.models.savedmodel.OperationRegistry;
import io.github.rankfold.models.savedmodel.SavedModelFolder;
import io.github.rankfold.models.savedmodel.TensorRef;
import io.github.rankfold.models.savedmodel.VariableIndex;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Graph;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.types.TFloat32;

/**
 * A SavedModel that is loaded, with its functions inlined and its layers found, so that any tensor
 * can be fetched and any weight read.
 *
 * <p>Whoever opens a live model closes it; the tensors that it hands out are closed by their taker.
 * Not thread-safe to close, safe to run from several threads.
 */
public final class LiveModel implements AutoCloseable {
  private final SavedModelFolder files;
  private final FlatGraph flat;
  private final boolean changesVariables;
  private final LoadedGraph loaded;
  private final ModelOptions options;
  private final CalledSignature signature;
  private final AtomicInteger graphsBeside = new AtomicInteger();
  private final LayerFinder.Found found;

  /** Null until a layer is asked whether it is called: every layer asks. */
  private volatile @Nullable Set<String> called;

  /** Null until a kernel is asked for. */
  private @Nullable Result kernels;

  private LiveModel(
      SavedModelFolder files, FlatGraph flat, LoadedGraph loaded, ModelOptions options) {
    this.files = files;
    this.options = options;
    this.flat = flat;
    this.signature = new CalledSignature(files, flat, options);
    this.changesVariables = flat.changesVariables();
    this.loaded = loaded;
    this.found = LayerFinder.find(flat, tensor -> tensor(tensor).shape(), this::values);
  }

  /** Opens a model with {@link ModelOptions#defaults()}. */
  public static LiveModel open(Path model) {
    return open(model, ModelOptions.defaults());
  }

  /**
   * Opens a model; one that cannot be read, flattened or loaded is an input error.
   *
   * @param model a SavedModel folder, or a run folder that holds one
   */
  public static LiveModel open(Path model, ModelOptions options) {
    Path folder = SavedModelFolder.locate(model); // one that is not there is told at once
    try (BackgroundTask<?> runtime = // half a second on first use
        BackgroundTask.start("TensorFlow", OperationRegistry::ofRuntime)) {
      SavedModelFolder files =
          SavedModelFolder.open(folder, options.tags()).onlySignatures(options.only());
      FutureTask<Map<String, List<Long>>> saved =
          new FutureTask<>(() -> VariableIndex.check(files));
      saved.run(); // while the runtime is loaded; what is wrong is told after what is wrong there
      runtime.result();
      if (!files.leavesSignatureOpen(options.signature())) {
        files.signatureKey(options.signature()); // one that is not there is told before all else
      }
      FlatGraph flat = new CalledSignature(files, FlatGraph.of(files), options).withLogits();
      requireTrust(files, flat, options);
      requireVariables(files, flat);
      return of(files, flat, BackgroundTask.resultOf(saved), options);
    }
  }

  private static LiveModel of(
      SavedModelFolder files, FlatGraph flat, Map<String, List<Long>> saved, ModelOptions options) {
    LoadedGraph loaded = LoadedGraph.of(files, flat, saved, options);
    try {
      return new LiveModel(files, flat, loaded, options);
    } catch (RuntimeException e) {
      loaded.close();
      throw e;
    }
  }

  /** Loading already runs a part of the graph, so that this is asked before. */
  private static void requireTrust(SavedModelFolder files, FlatGraph flat, ModelOptions options) {
    List<String> unsafe = flat.unsafeOperations(files);
    if (!options.trusted() && !unsafe.isEmpty()) {
      String more = unsafe.size() > 5 ? " and %d more".formatted(unsafe.size() - 5) : "";
      throw new InvalidInputException(
          "%s: expected a graph that touches nothing but its own files, found %s%s (--trust runs it)"
              .formatted(
                  files.folder(), String.join(", ", unsafe.stream().limit(5).toList()), more));
    }
  }

  /** TensorFlow loads a model without its variables, too, and fails when one is read. */
  private static void requireVariables(SavedModelFolder files, FlatGraph flat) {
    Path index = files.folder().resolve("variables").resolve("variables.index");
    boolean restores = !files.metaGraph().getSaverDef().getRestoreOpName().isEmpty();
    if (restores && !flat.variables().isEmpty() && !Files.isRegularFile(index)) {
      throw new InvalidInputException(
          "%s: expected the values of %d variables, found no such file"
              .formatted(index, flat.variables().size()));
    }
  }

  /** Loads another model as this one was opened: what was written from it, for instance. */
  public ServedModel serve(Path other) {
    return ServedModel.open(SavedModelFolder.open(other, options.tags()), options);
  }

  /** The files that the model was loaded from. */
  public SavedModelFolder files() {
    return files;
  }

  /** The model's graph without function calls; it names the tensors of this live model. */
  public FlatGraph flatGraph() {
    return flat;
  }

  /** The signature that is called; see {@link #signatureKey()}. */
  public SignatureDef signature() {
    return signature.definition();
  }

  /**
   * The key of the signature that is called. That none was named, of several without a default, is
   * an input error only where one is called: layers are those of all signatures.
   */
  public String signatureKey() {
    return signature.key();
  }

  /** The layers of all signatures, in the order in which data meets them. */
  public List<Layer> layers() {
    return found.layers();
  }

  /** The kernels that are left alone, with the reason. */
  public List<SkippedKernel> skipped() {
    return found.skipped();
  }

  /**
   * The layers that the called signature runs through, each with the use of that signature. Left
   * out are those whose input is no feature: lookups, and products inside loops, which cannot be
   * fetched.
   */
  public Map<Layer, KernelUse> calledLayers() {
    Set<String> needed = called();
    Map<Layer, KernelUse> called = new LinkedHashMap<>();
    for (Layer layer : layers()) {
      layer.uses().stream()
          .filter(use -> layer.kind() != LayerKind.EMBEDDING && use.loop().isEmpty())
          .filter(this::samplesAreRows)
          .filter(use -> needed.contains(use.operation()))
          .findFirst()
          .ifPresent(use -> called.put(layer, use));
    }
    return called;
  }

  /**
   * The uses of a layer that the called signature runs through and whose tensors can be fetched:
   * those outside loops, with samples as rows.
   */
  public List<KernelUse> calledUses(Layer layer) {
    Set<String> needed = called();
    return layer.uses().stream()
        .filter(use -> use.loop().isEmpty() && needed.contains(use.operation()))
        .filter(this::samplesAreRows)
        .toList();
  }

  /** The nodes that the called signature's logits need. */
  private Set<String> called() {
    Set<String> known = called;
    if (known == null) {
      known = Collections.unmodifiableSet(flat.ancestors(List.of(logits().node())));
      called = known;
    }
    return known;
  }

  /** A weight on the left multiplies samples that are columns, unlike all other layers. */
  private boolean samplesAreRows(KernelUse use) {
    NodeDef node = flat.node(use.operation());
    return !node.getOp().equals("MatMul")
        || !TensorRef.parse(node.getInput(0)).equals(use.kernel());
  }

  /** The graph that sessions of this model run; new nodes may be added to it. */
  public Graph graph() {
    return loaded.graph();
  }

  /**
   * Adds another graph beside this model's; variables of the same shared name are the same.
   *
   * @return the prefix that its nodes' names got
   */
  public String addBeside(GraphDef other) {
    String prefix = "rankfold_beside_" + graphsBeside.incrementAndGet();
    loaded.graph().importGraphDef(other, prefix);
    return prefix;
  }

  /** The session that holds the variables. It is closed with this model. */
  public Session session() {
    return loaded.session();
  }

  /** A tensor of the flat graph, to be fetched or differentiated. */
  public Output<?> tensor(TensorRef tensor) {
    return loaded
        .graph()
        .operationOrThrow(LoadedGraph.FLAT + "/" + tensor.node())
        .output(tensor.index());
  }

  /**
   * As {@link #tensor}, for the inputs of the model too, which cannot be both fed and fetched, and
   * for the handles of variables, whose value it gives.
   */
  public Output<?> fetchable(TensorRef tensor) {
    NodeDef node = flat.node(tensor.node());
    return LoadedGraph.isPlaceholder(node) || NodeReader.isVariable(node)
        ? tensor(new TensorRef(LoadedGraph.VALUE + tensor.node(), 0))
        : tensor(tensor);
  }

  /** The inputs of the called signature by their keys; none is an input error. */
  public Map<String, TensorRef> inputs() {
    return signature.inputs();
  }

  /** The one input of the called signature; several are an input error that lists them. */
  public TensorRef input() {
    return signature.input();
  }

  /** The values of a sample that the only input is fed. */
  public SampleArray arrayOfInput(LabeledData data) {
    input();
    Set<String> keys = inputs().keySet();
    return InputBatch.arrayOf(this, keys, keys.iterator().next(), data);
  }

  /** The output that counts: the one that the options name, {@code logits}, or the only one. */
  public TensorRef output() {
    return signature.output();
  }

  /**
   * What a final softmax is taken of, [N x K]; {@code [0, z]} where the output is the sigmoid of
   * one value z, as of a classifier of two classes; and else the output itself.
   */
  public TensorRef logits() {
    return signature.logits();
  }

  /**
   * Samples {@code from} (inclusive) to {@code to} (exclusive) as the model's inputs want them; the
   * caller closes them.
   */
  public InputBatch inputOf(LabeledData data, int from, int to) {
    return InputBatch.of(this, data, from, to);
  }

  /** A runner with these samples fed; the caller closes {@code input} after the run. */
  public Session.Runner feeding(InputBatch input) {
    return input.feed(session().runner(), this::tensor);
  }

  /** The values of tensors that need no data, such as kernels, in one run; the caller closes it. */
  public Result fetch(Collection<TensorRef> tensors) {
    Session.Runner runner = session().runner();
    tensors.forEach(tensor -> runner.fetch(tensor(tensor)));
    return run(runner);
  }

  /** What needs no data fails only where the model is broken: variables that nothing restores. */
  private Result run(Session.Runner runner) {
    try {
      return runner.run();
    } catch (TensorFlowException | IllegalArgumentException | UnsupportedOperationException e) {
      throw new InvalidInputException(
          files.folder() + ": expected weights that can be read, found " + e.getMessage(), e);
    }
  }

  /** The kernel of a layer as the matrix {@code W}, row-major [rows x cols]. */
  public double[] kernel(Layer layer) {
    KernelUse use = layer.uses().get(0);
    int index = layers().indexOf(layer);
    double[] values =
        index < 0 ? values(use.kernel()) : TensorValues.toDoubles(allKernels().get(index));
    return use.view().matrix(values);
  }

  /**
   * Rows of a layer's kernel, one after the other, to the front of {@code target}: a large one is
   * read so without a copy of all of it in doubles.
   *
   * @param from the first row
   * @param to the row after the last
   */
  public void readKernel(Layer layer, int from, int to, double[] target) {
    int index = layers().indexOf(layer);
    boolean asStored = layer.uses().get(0).view().isInOrder();
    if (index >= 0 && asStored && allKernels().get(index) instanceof TFloat32 values) {
      TensorValues.read(values, (long) from * layer.cols(), (to - from) * layer.cols(), target);
    } else {
      double[] all = kernel(layer);
      System.arraycopy(all, from * layer.cols(), target, 0, (to - from) * layer.cols());
    }
  }

  /**
   * The kernels of all layers, fetched in one run: TensorFlow prepares the whole graph anew for
   * every other set of fetches, which takes longer than the SVDs. Kept until this model is closed;
   * a fetched variable is no copy, so that this costs little memory.
   */
  private synchronized Result allKernels() {
    if (kernels == null) {
      Session.Runner runner = session().runner();
      layers().forEach(layer -> runner.fetch(fetchable(layer.uses().get(0).kernel())));
      kernels = run(runner);
    }
    return kernels;
  }

  /** The values of a tensor that needs no data; of a variable's handle, the variable's. */
  private double[] values(TensorRef tensor) {
    try (Result result = run(session().runner().fetch(fetchable(tensor)))) {
      return TensorValues.toDoubles(result.get(0));
    }
  }

  /** The values of all variables; the caller closes them. */
  public VariableValues variables() {
    return new VariableValues(this);
  }

  /** See {@link FlatGraph#changesVariables}. */
  public boolean changesVariables() {
    return changesVariables;
  }

  /**
   * Gives variables the values that the files have, where calling a signature may have changed
   * some; elsewhere there is nothing to do.
   */
  public void restoreVariables() {
    if (changesVariables) {
      loaded.restoreVariables(files);
    }
  }

  /** Where the value of each variable of the flat graph is fetched from, by shared name. */
  Map<String, TensorRef> variableValues() {
    Map<String, TensorRef> values = new LinkedHashMap<>();
    flat.variables()
        .forEach(
            (name, node) -> values.put(name, new TensorRef(LoadedGraph.VALUE + node.getName(), 0)));
    return values;
  }

  /** How many weights the model has, and their bytes: see {@link ModelSize}. */
  public ModelSize size() {
    return sizeOf(flat);
  }

  /** The same of a graph that was made from this model's, with variables of its own or without. */
  public ModelSize sizeOf(FlatGraph graph) {
    return ModelSize.of(this, graph);
  }

  /**
   * How many values the output has for a sample, one a class as a rule; empty where that is open.
   */
  public OptionalInt outputWidth() {
    Shape shape = tensor(logits()).shape();
    if (shape.isUnknown() || shape.numDimensions() == 0) {
      return OptionalInt.empty();
    }
    long last = shape.get(shape.numDimensions() - 1);
    return last == Shape.UNKNOWN_SIZE ? OptionalInt.empty() : OptionalInt.of((int) last);
  }

  /** Labels that the model's classes cannot hold are an input error. */
  public void requireClasses(LabeledData data) {
    OptionalInt found = outputWidth();
    if (data.hasLabels() && found.isPresent() && found.getAsInt() < data.classes()) {
      throw new InvalidInputException(
          "%s: expected an output for each of the %d classes of %s, found %d%s"
              .formatted(
                  files.folder(),
                  data.classes(),
                  data.name(),
                  found.getAsInt(),
                  found.getAsInt() == 1
                      ? " (which stands for two classes only if it is a sigmoid)"
                      : ""));
    }
  }

  @Override
  public synchronized void close() {
    if (kernels != null) {
      kernels.close();
      kernels = null;
    }
    loaded.close();
  }
}
