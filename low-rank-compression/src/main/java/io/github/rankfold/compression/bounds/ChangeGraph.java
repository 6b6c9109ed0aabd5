package io.github.rankfold.compression.bounds;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.compression.bounds.PathStep.Product;
import io.github.rankfold.models.live.InputBatch;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.live.TensorValues;
import io.github.rankfold.models.savedmodel.NodeReader;
import io.github.rankfold.models.savedmodel.NodeWriter;
import io.github.rankfold.models.savedmodel.TensorRef;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.NodeDef;

/**
 * Runs a model, and each of its changed products a second time with {@code W' - W} in place of the
 * kernel: {@code z (W' - W)} on the original's own features, whatever the operation.
 *
 * <p>Holds tensors; whoever makes it closes it.
 */
final class ChangeGraph implements AutoCloseable {
  private static final String KERNEL = "kernel_";

  private final LiveModel model;
  private final List<Product> products;
  private final List<Integer> changed;
  private final List<Optional<Matrix>> shifts;
  private final List<Tensor> kernels = new ArrayList<>();
  private final List<TensorRef> fetched;
  private final String prefix;

  /**
   * @param changed the products whose kernel changes
   * @param differences W' - W of these, in the layout of their kernels
   * @param shifts what is added to their output besides [1 x n]
   */
  ChangeGraph(
      LiveModel model,
      NetworkPath path,
      List<Integer> changed,
      List<double[]> differences,
      List<Optional<Matrix>> shifts) {
    this.model = model;
    this.products = path.products();
    this.changed = List.copyOf(changed);
    this.shifts = List.copyOf(shifts);
    Set<TensorRef> wanted = new LinkedHashSet<>(Set.of(path.logits()));
    GraphDef.Builder graph = GraphDef.newBuilder();
    products.forEach(product -> wanted.add(product.input()));
    for (int i = 0; i < changed.size(); i++) {
      TensorRef kernel = products.get(changed.get(i)).kernel();
      NodeDef node = model.flatGraph().node(products.get(changed.get(i)).node());
      graph.addAllNode(withOtherKernel(node, i));
      NodeReader.dataInputs(node).stream()
          .filter(input -> !input.equals(kernel))
          .forEach(wanted::add);
    }
    this.fetched = List.copyOf(wanted);
    this.prefix = graph.getNodeCount() == 0 ? "" : model.addBeside(graph.build());
    for (int i = 0; i < changed.size(); i++) {
      Product product = products.get(changed.get(i));
      long[] sizes = product.shape().stream().mapToLong(Integer::longValue).toArray();
      DataType type = model.fetchable(product.kernel()).dataType();
      kernels.add(TensorValues.of(type, Shape.of(sizes), differences.get(i)));
    }
  }

  private List<NodeDef> withOtherKernel(NodeDef node, int index) {
    TensorRef kernel = products.get(changed.get(index)).kernel();
    List<NodeDef> nodes = new ArrayList<>();
    NodeDef.Builder copy =
        node.toBuilder()
            .setName("product_" + index)
            .clearInput()
            .clearDevice()
            .removeAttr("_class");
    List<TensorRef> inputs = NodeReader.dataInputs(node);
    for (int position = 0; position < inputs.size(); position++) {
      TensorRef input = inputs.get(position);
      String name = input.equals(kernel) ? KERNEL + index : operand(index, position);
      copy.addInput(name);
      nodes.add(
          NodeWriter.node(name, "Placeholder")
              .type("dtype", model.fetchable(input).dataType())
              .build());
    }
    nodes.add(copy.build());
    return nodes;
  }

  private static String operand(int index, int position) {
    return String.format(Locale.ROOT, "operand_%d_%d", index, position);
  }

  /** Runs a batch, which the caller closes: one entry for each of its samples. */
  List<SampleFeatures> run(InputBatch input) {
    Session.Runner runner = model.feeding(input);
    fetched.forEach(tensor -> runner.fetch(model.fetchable(tensor)));
    try (Result result = runner.run()) {
      List<double[]> changes = new ArrayList<>();
      products.forEach(product -> changes.add(new double[0]));
      if (!changed.isEmpty()) {
        runChanges(result, changes);
      }
      List<double[]> features = new ArrayList<>();
      for (Product product : products) {
        features.add(TensorValues.toDoubles(result.get(fetched.indexOf(product.input()))));
      }
      int samples = Math.toIntExact(input.samples());
      double[] logits = TensorValues.toDoubles(result.get(0));
      return IntStream.range(0, samples)
          .mapToObj(i -> new SampleFeatures(logits, features, changes, i, samples))
          .toList();
    }
  }

  private void runChanges(Result features, List<double[]> changes) {
    Session.Runner runner = model.session().runner();
    for (int i = 0; i < changed.size(); i++) {
      Product product = products.get(changed.get(i));
      List<TensorRef> inputs = NodeReader.dataInputs(model.flatGraph().node(product.node()));
      for (int position = 0; position < inputs.size(); position++) {
        TensorRef input = inputs.get(position);
        if (input.equals(product.kernel())) {
          runner.feed(prefix + "/" + KERNEL + i, kernels.get(i));
        } else {
          runner.feed(prefix + "/" + operand(i, position), features.get(fetched.indexOf(input)));
        }
      }
      runner.fetch(prefix + "/product_" + i);
    }
    try (Result result = runner.run()) {
      for (int i = 0; i < changed.size(); i++) {
        double[] values = TensorValues.toDoubles(result.get(i));
        if (shifts.get(i).isPresent()) {
          shift(values, shifts.get(i).get(), result.get(i).shape().asArray(), changed.get(i));
        }
        changes.set(changed.get(i), values);
      }
    }
  }

  /** Adds a vector along the channels: the last axis, or the second where they come first. */
  private void shift(double[] values, Matrix shift, long[] shape, int product) {
    NodeDef node = model.flatGraph().node(products.get(product).node());
    int inner = 1;
    if (Windows.spatialAxis(node) == 2) {
      for (int axis = 2; axis < shape.length; axis++) {
        inner *= Math.toIntExact(shape[axis]);
      }
    }
    for (int i = 0; i < values.length; i++) {
      values[i] += shift.get(0, i / inner % shift.cols());
    }
  }

  @Override
  public void close() {
    kernels.forEach(Tensor::close);
  }
}
