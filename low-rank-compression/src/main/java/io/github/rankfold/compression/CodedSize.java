package io.github.rankfold.compression;

import io.github.rankfold.compression.factors.WeightFormat;
import io.github.rankfold.compression.rewriting.StoredKernel;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.live.ModelSize;
import io.github.rankfold.models.live.VariableValues;
import io.github.rankfold.models.savedmodel.TensorRef;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.Deflater;
import org.tensorflow.Result;
import org.tensorflow.Tensor;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.NodeDef;

/**
 * The bytes of a model's weights, and those that a coder of sources makes of them: what quantized
 * weights take in a file or on a wire, as few of their values are frequent (source coding of
 * quantized weights, arXiv 2108.12704). A SavedModel holds them uncoded.
 *
 * @param bytes uncoded
 * @param deflated each weight's values, row-major, by DEFLATE (LZ77 and Huffman codes, RFC 1951) at
 *     its highest level
 * @param entropy the same with each tensor's 8-bit integers coded one by one at their empirical
 *     entropy {@code -sum p log2 p}, the least that such a code can reach without its table; other
 *     weights as {@code deflated} has them
 */
public record CodedSize(long bytes, long deflated, long entropy) {
  private static final CodedSize NOTHING = new CodedSize(0, 0, 0);

  /** Of all variables and constant weights that a model reaches. */
  public static CodedSize of(LiveModel model) {
    try (VariableValues variables = model.variables()) {
      return constants(model, Set.of()).plus(of(variables.byName()));
    }
  }

  /** Of a model with all its kernels whole, stored in this format where that can be. */
  public static CodedSize ofWhole(LiveModel model, WeightFormat format) {
    Map<String, StoredKernel> stored = new LinkedHashMap<>();
    for (Layer layer : model.layers()) {
      StoredKernel.of(model.flatGraph(), layer, format)
          .ifPresent(kernel -> stored.putIfAbsent(layer.variable(), kernel));
    }
    Map<String, Tensor> values = StoredKernel.values(model, stored.values());
    CodedSize size;
    try {
      size = of(values);
    } finally {
      values.values().forEach(Tensor::close);
    }
    try (VariableValues variables = model.variables()) {
      Map<String, Tensor> others = new HashMap<>(variables.byName());
      others.keySet().removeAll(stored.keySet());
      return size.plus(constants(model, stored.keySet())).plus(of(others));
    }
  }

  private static CodedSize of(Map<String, Tensor> values) {
    CodedSize size = NOTHING;
    for (Tensor tensor : values.values()) {
      DataType type = tensor.dataType();
      boolean integers = type == DataType.DT_UINT8;
      if (integers || ModelSize.widthOf(type) > 0) {
        size = size.plus(of(bytes(tensor), integers));
      }
    }
    return size;
  }

  /** By their values, not by their nodes: a node holds one value that is repeated only once. */
  private static CodedSize constants(LiveModel model, Set<String> without) {
    List<TensorRef> constants =
        model.flatGraph().nodes().stream()
            .filter(node -> ModelSize.constantWeights(node) > 0)
            .map(NodeDef::getName)
            .filter(name -> !without.contains(name))
            .map(name -> new TensorRef(name, 0))
            .toList();
    if (constants.isEmpty()) {
      return NOTHING;
    }
    CodedSize size = NOTHING;
    try (Result values = model.fetch(constants)) {
      for (int i = 0; i < constants.size(); i++) {
        size = size.plus(of(bytes(values.get(i)), false));
      }
    }
    return size;
  }

  private static byte[] bytes(Tensor tensor) {
    byte[] bytes = new byte[Math.toIntExact(tensor.numBytes())];
    tensor.asRawTensor().data().read(bytes);
    return bytes;
  }

  private static CodedSize of(byte[] bytes, boolean integers) {
    long deflated = Math.min(bytes.length, deflated(bytes));
    return new CodedSize(bytes.length, deflated, integers ? entropyBytes(bytes) : deflated);
  }

  private static long deflated(byte[] bytes) {
    Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION, true);
    try {
      deflater.setInput(bytes);
      deflater.finish();
      byte[] out = new byte[1 << 16];
      while (!deflater.finished()) {
        deflater.deflate(out);
      }
      return deflater.getBytesWritten();
    } finally {
      deflater.end();
    }
  }

  /** {@code N H / 8}, rounded up. */
  static long entropyBytes(byte[] symbols) {
    long[] counts = new long[256];
    for (byte symbol : symbols) {
      counts[symbol & 0xff]++;
    }
    double bits = 0;
    for (long count : counts) {
      if (count > 0) {
        bits -= count * Math.log((double) count / symbols.length) / Math.log(2);
      }
    }
    return (long) Math.ceil(bits / 8);
  }

  private CodedSize plus(CodedSize other) {
    return new CodedSize(bytes + other.bytes, deflated + other.deflated, entropy + other.entropy);
  }
}
