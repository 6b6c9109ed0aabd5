package io.github.rankfold.compression.rewriting;

import com.google.protobuf.ByteString;
import io.github.rankfold.compression.factors.ConvolutionForm;
import io.github.rankfold.compression.factors.Factorization;
import io.github.rankfold.models.layers.EinsumEquation;
import io.github.rankfold.models.layers.KernelUse;
import io.github.rankfold.models.savedmodel.NodeReader;
import io.github.rankfold.models.savedmodel.NodeWriter;
import io.github.rankfold.models.savedmodel.TensorRef;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.NodeDef;

/**
 * One product by a kernel as two products by its factors: {@code z W} becomes {@code (z left)
 * right}, never {@code z (left right)}, which would be as slow as before.
 *
 * <p>The second node keeps the replaced one's name, so that neither its consumers nor a signature
 * need an edit.
 */
final class ProductRewriter {
  private static final String CORE = "/core";
  private static final String STORED = "/stored";
  private static final String OTHERS = "/others";
  private static final String AXIS = "/others/axis";
  private static final String JOINED = "/others/joined";
  private static final String PLACES = "/others/places";

  private final NodeDef product;
  private final String inner;
  private final TensorRef left;
  private final Optional<TensorRef> core;
  private final TensorRef right;
  private final ConvolutionForm form;
  private final Interpolated interpolated;

  /**
   * Whether the first product is part of what the layer gives.
   *
   * @param places where each column is among those that are made, if they are in another order
   */
  record Interpolated(boolean is, Optional<int[]> places) {
    static Interpolated not() {
      return new Interpolated(false, Optional.empty());
    }

    static Interpolated of(Factorization factors) {
      return new Interpolated(factors.isInterpolative(), factors.placesOfColumns());
    }
  }

  /**
   * @param product the node to replace
   * @param inner a name for the first product
   * @param left the tensor of the left factor
   * @param core the tensor of what is between the two, if anything is
   * @param right the tensor of the right factor
   * @param form how a convolution's kernel was split
   * @param interpolated whether the first product is part of what the layer gives, and where
   */
  ProductRewriter(
      NodeDef product,
      String inner,
      TensorRef left,
      Optional<TensorRef> core,
      TensorRef right,
      ConvolutionForm form,
      Interpolated interpolated) {
    this.product = product;
    this.inner = inner;
    this.left = left;
    this.core = core;
    this.right = right;
    this.form = form;
    this.interpolated = interpolated;
  }

  /** What else may be named after the first product. */
  static List<String> namesBeside(String inner) {
    return Stream.of(CORE, STORED, OTHERS, AXIS, JOINED, PLACES).map(inner::concat).toList();
  }

  /** The nodes, in the order of the data. */
  List<NodeDef> nodes(KernelUse use, FactorNodes factors) {
    return interpolated.is() ? joined(use, factors) : products(use, factors);
  }

  /** The first product, what else is made of it, and one beside the other in the kernel's order. */
  private List<NodeDef> joined(KernelUse use, FactorNodes factors) {
    String others = inner + OTHERS;
    NodeDef renamed = product.toBuilder().setName(others).build();
    List<NodeDef> nodes =
        new ArrayList<>(
            new ProductRewriter(renamed, inner, left, core, right, form, Interpolated.not())
                .products(use, factors));
    String axis = inner + AXIS;
    String both = interpolated.places().isPresent() ? inner + JOINED : product.getName();
    AttrValue type = product.getAttrOrThrow(product.containsAttr("T") ? "T" : "Tout");
    nodes.add(NodeWriter.integers(axis, List.of(), NodeReader.hasChannelsFirst(product) ? 1 : -1));
    nodes.add(
        NodeWriter.node(both, "ConcatV2")
            .device(product.getDevice())
            .input(new TensorRef(inner, 0))
            .input(new TensorRef(others, 0))
            .input(axis)
            .attr("N", AttrValue.newBuilder().setI(2).build())
            .attr("T", type)
            .type("Tidx", DataType.DT_INT32)
            .build());
    if (interpolated.places().isPresent()) {
      int[] places = interpolated.places().get();
      nodes.add(NodeWriter.integers(inner + PLACES, List.of(places.length), places));
      nodes.add(
          NodeWriter.node(product.getName(), "GatherV2")
              .device(product.getDevice())
              .input(both)
              .input(inner + PLACES)
              .input(axis)
              .attr("batch_dims", AttrValue.newBuilder().setI(0).build())
              .attr("Tparams", type)
              .type("Tindices", DataType.DT_INT32)
              .type("Taxis", DataType.DT_INT32)
              .build());
    }
    return nodes;
  }

  private List<NodeDef> products(KernelUse use, FactorNodes factors) {
    return switch (product.getOp()) {
      case "MatMul", "BatchMatMul", "BatchMatMulV2", "BatchMatMulV3" -> matrixProducts(use);
      case "Einsum" -> einsums(use);
      case "Conv2D", "Conv3D" ->
          form == ConvolutionForm.SPATIAL ? spatialConvolutions() : convolutions();
      case "Conv2DBackpropInput" -> transposedConvolutions("Conv2D");
      case "Conv3DBackpropInputV2" -> transposedConvolutions("Conv3D");
      case "GatherV2" ->
          lookups(
              use,
              factors.table().map(StoredWeight::stored).orElse(left).asInput(),
              factors.table());
      case "ResourceGather" -> lookups(use, factors.leftHandle(), factors.table());
      default ->
          throw new IllegalStateException(
              "no way to rewrite %s (%s)".formatted(product.getName(), product.getOp()));
    };
  }

  /** {@code W^T = right^T left^T}: where the product is by the transpose, so are its factors. */
  private List<NodeDef> matrixProducts(KernelUse use) {
    TensorRef first = use.transposed() ? right : left;
    TensorRef second = use.transposed() ? left : right;
    if (TensorRef.parse(product.getInput(0)).equals(use.kernel()) && use.loop().isEmpty()) {
      // a^T = W^T z^T = right^T (left^T z^T)
      return List.of(
          like(inner)
              .input(first)
              .input(use.input())
              .flag("transpose_a", !use.transposed())
              .build(),
          like(product.getName())
              .input(second)
              .input(new TensorRef(inner, 0))
              .flag("transpose_a", !use.transposed())
              .flag("transpose_b", false)
              .build());
    }
    return List.of(
        matrixProduct(inner, use.input(), first, use.transposed()),
        matrixProduct(product.getName(), new TensorRef(inner, 0), second, use.transposed()));
  }

  private NodeDef matrixProduct(
      String name, TensorRef input, TensorRef factor, boolean transposed) {
    String flag = product.getOp().equals("MatMul") ? "transpose_b" : "adj_y";
    return like(name).input(input).input(factor).flag(flag, transposed).build();
  }

  private List<NodeDef> einsums(KernelUse use) {
    boolean weightFirst = TensorRef.parse(product.getInput(0)).equals(use.kernel());
    EinsumEquation equation = EinsumEquation.of(product, weightFirst);
    String r = String.valueOf(equation.freeLabel());
    String between = equation.dataKept() + r;
    String rows = equation.contracted();
    String columns = equation.kept();
    // By the transpose, the right factor [r x n] is summed over n, and the left one [m x r] ends.
    String first = use.transposed() ? r + rows : rows + r;
    String second = use.transposed() ? columns + r : r + columns;
    return List.of(
        einsum(
            inner,
            equation.data() + "," + first + "->" + between,
            use.input(),
            use.transposed() ? right : left),
        einsum(
            product.getName(),
            between + "," + second + "->" + equation.output(),
            new TensorRef(inner, 0),
            use.transposed() ? left : right));
  }

  private NodeDef einsum(String name, String equation, TensorRef data, TensorRef factor) {
    AttrValue text = AttrValue.newBuilder().setS(ByteString.copyFromUtf8(equation)).build();
    return like(name).input(data).input(factor).attr("equation", text).build();
  }

  /**
   * The kernel's own convolution to r channels, then one of size 1 to the channels it gave; with a
   * core one of size 1 before it too. The strides and paddings are the kernel's own convolution's.
   */
  private List<NodeDef> convolutions() {
    TensorRef data = TensorRef.parse(product.getInput(0));
    String last = product.getName();
    String operation = product.getOp();
    if (core.isPresent()) {
      String middle = inner + CORE;
      return List.of(
          pointwise(inner, operation, data, left),
          like(middle).input(new TensorRef(inner, 0)).input(core.get()).build(),
          pointwise(last, operation, new TensorRef(middle, 0), right));
    }
    return List.of(
        like(inner).input(data).input(left).build(),
        pointwise(last, operation, new TensorRef(inner, 0), right));
  }

  /** {@code kh x 1} with the strides and paddings of the height, then {@code 1 x kw}. */
  private List<NodeDef> spatialConvolutions() {
    TensorRef data = TensorRef.parse(product.getInput(0));
    int height = NodeReader.hasChannelsFirst(product) ? 2 : 1;
    return List.of(
        along(height, like(inner).input(data).input(left)).build(),
        along(height + 1, like(product.getName()).input(new TensorRef(inner, 0)).input(right))
            .build());
  }

  /** Keeps what the convolution does along one axis, and does nothing along the others. */
  private NodeWriter along(int axis, NodeWriter node) {
    for (String attribute : List.of("strides", "dilations")) {
      if (product.containsAttr(attribute)) {
        AttrValue.ListValue.Builder list = AttrValue.ListValue.newBuilder();
        List<Long> all = product.getAttrOrThrow(attribute).getList().getIList();
        for (int i = 0; i < all.size(); i++) {
          list.addI(i == axis ? all.get(i) : 1);
        }
        node.attr(attribute, AttrValue.newBuilder().setList(list).build());
      }
    }
    if (product.containsAttr("explicit_paddings")) {
      AttrValue.ListValue.Builder list = AttrValue.ListValue.newBuilder();
      List<Long> all = product.getAttrOrThrow("explicit_paddings").getList().getIList();
      for (int i = 0; i < all.size(); i++) {
        list.addI(i / 2 == axis ? all.get(i) : 0);
      }
      node.attr("explicit_paddings", AttrValue.newBuilder().setList(list).build());
    }
    return node;
  }

  /** A convolution of size 1 to r channels, then the kernel's own transposed one. */
  private List<NodeDef> transposedConvolutions(String forward) {
    TensorRef data = TensorRef.parse(product.getInput(2));
    return List.of(
        pointwise(inner, forward, data, right),
        like(product.getName())
            .input(product.getInput(0))
            .input(left)
            .input(new TensorRef(inner, 0))
            .build());
  }

  private NodeDef pointwise(String name, String operation, TensorRef data, TensorRef factor) {
    int axes = product.getAttrOrThrow("strides").getList().getICount();
    AttrValue.ListValue.Builder ones =
        AttrValue.ListValue.newBuilder().addAllI(Collections.nCopies(axes, 1L));
    AttrValue one = AttrValue.newBuilder().setList(ones).build();
    NodeWriter node =
        NodeWriter.node(name, operation)
            .device(product.getDevice())
            .input(data)
            .input(factor)
            .attr("T", product.getAttrOrThrow("T"))
            .attr("strides", one)
            .attr("dilations", one)
            .attr("padding", AttrValue.newBuilder().setS(ByteString.copyFromUtf8("VALID")).build());
    if (product.containsAttr("data_format")) {
      node.attr("data_format", product.getAttrOrThrow("data_format"));
    }
    return waiting(node).build();
  }

  /**
   * Looks up rows of the left factor, and multiplies those by the right one.
   *
   * @param stored the table where it is stored in fewer bits: only the rows that are looked up are
   *     made wider
   */
  private List<NodeDef> lookups(KernelUse use, String table, Optional<StoredWeight> stored) {
    String rows = stored.isPresent() ? inner + STORED : inner;
    String typeName = product.containsAttr("Tparams") ? "Tparams" : "dtype";
    AttrValue type = product.getAttrOrThrow(typeName);
    NodeWriter lookup = like(rows).input(table).input(use.input());
    NodeReader.dataInputs(product).stream().skip(2).forEach(lookup::input);
    stored.ifPresent(weight -> lookup.type(typeName, weight.format().type()));
    List<NodeDef> nodes = new ArrayList<>(List.of(lookup.build()));
    stored.ifPresent(weight -> nodes.addAll(weight.decoded(new TensorRef(rows, 0), inner)));
    NodeWriter multiply =
        NodeWriter.node(product.getName(), "BatchMatMulV2")
            .device(product.getDevice())
            .input(new TensorRef(inner, 0))
            .input(right)
            .attr("T", type);
    nodes.add(waiting(multiply).build());
    return nodes;
  }

  /** A node of the same kind on the same device, that waits for the same nodes. */
  private NodeWriter like(String name) {
    NodeWriter node = NodeWriter.node(name, product.getOp()).device(product.getDevice());
    product.getAttrMap().forEach(node::attr);
    return waiting(node);
  }

  private NodeWriter waiting(NodeWriter node) {
    product.getInputList().stream().filter(input -> input.startsWith("^")).forEach(node::waitFor);
    return node;
  }
}
