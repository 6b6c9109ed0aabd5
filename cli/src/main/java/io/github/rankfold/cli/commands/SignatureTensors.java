package io.github.rankfold.cli.commands;

import io.github.rankfold.cli.console.TextTable;
import io.github.rankfold.models.savedmodel.SavedModelFolder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.proto.TensorShapeProto;

/**
 * The inputs and outputs of a model's signatures by their names, which are those of the arrays of
 * {@code npz} data and of {@code --output-key}.
 */
final class SignatureTensors {
  /** In place of a size, or of a whole shape, that only a call knows. */
  private static final String UNKNOWN = "?";

  private final Map<String, SignatureDef> signatures = new LinkedHashMap<>();

  private SignatureTensors() {}

  /** Of all signatures that can be called, sorted by their keys. */
  static SignatureTensors of(SavedModelFolder files) {
    SignatureTensors all = new SignatureTensors();
    files.signatureKeys().forEach(key -> all.signatures.put(key, files.signature(key)));
    return all;
  }

  String text() {
    TextTable table = TextTable.headed("signature", "", "name", "type", "shape");
    signatures.forEach(
        (key, signature) -> {
          addTo(table, key, "input", signature.getInputsMap());
          addTo(table, key, "output", signature.getOutputsMap());
        });
    return table.text();
  }

  private static void addTo(
      TextTable table, String key, String side, Map<String, TensorInfo> tensors) {
    new TreeMap<>(tensors)
        .forEach(
            (name, tensor) ->
                table.row(key, side, name, type(tensor.getDtype()), shape(tensor).toString()));
  }

  /** One map a signature: its key, inputs and outputs. */
  List<Map<String, Object>> document() {
    List<Map<String, Object>> document = new ArrayList<>();
    signatures.forEach(
        (key, signature) -> {
          Map<String, Object> one = new LinkedHashMap<>();
          one.put("signature", key);
          one.put("inputs", document(signature.getInputsMap()));
          one.put("outputs", document(signature.getOutputsMap()));
          document.add(one);
        });
    return document;
  }

  private static List<Map<String, Object>> document(Map<String, TensorInfo> tensors) {
    List<Map<String, Object>> document = new ArrayList<>();
    new TreeMap<>(tensors)
        .forEach(
            (name, tensor) -> {
              Map<String, Object> one = new LinkedHashMap<>();
              one.put("name", name);
              one.put("dtype", type(tensor.getDtype()));
              one.put("shape", shape(tensor));
              document.add(one);
            });
    return document;
  }

  /** As NumPy and Python's TensorFlow name it. */
  private static String type(DataType type) {
    return switch (type) {
      case DT_HALF -> "float16";
      case DT_FLOAT -> "float32";
      case DT_DOUBLE -> "float64";
      default -> type.name().replace("DT_", "").toLowerCase(Locale.ROOT);
    };
  }

  /** A list of sizes, or a mark in place of all. */
  private static Object shape(TensorInfo tensor) {
    TensorShapeProto shape = tensor.getTensorShape();
    return shape.getUnknownRank()
        ? UNKNOWN
        : shape.getDimList().stream()
            .map(axis -> axis.getSize() < 0 ? UNKNOWN : (Object) axis.getSize())
            .collect(Collectors.toList());
  }
}
