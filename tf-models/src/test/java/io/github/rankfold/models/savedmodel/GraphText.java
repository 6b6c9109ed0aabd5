package io.github.rankfold.models.savedmodel;

import com.google.protobuf.TextFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;

/** Small graphs, written as protobuf's text format with the most common attributes in short. */
public final class GraphText {
  private GraphText() {}

  /**
   * Reads a graph; {@code T:FLOAT} stands for {@code attr { key: "T" value { type: DT_FLOAT } }}.
   */
  public static GraphDef parse(String text) {
    String attr = "attr { key: \"$1\" value { type: DT_$2 } }";
    String call = "attr { key: \"f\" value { func { name: \"$1\" } } }";
    String expanded =
        text.replaceAll("\\b(T|dtype):(FLOAT|INT32|RESOURCE)\\b", attr)
            .replaceAll("\\bf:(\\w+)\\b", call);
    GraphDef.Builder graph = GraphDef.newBuilder();
    try {
      TextFormat.merge(expanded, graph);
    } catch (TextFormat.ParseException e) {
      throw new IllegalArgumentException(expanded, e);
    }
    return graph.build();
  }

  /** A flat graph of which {@code outputs} are needed. */
  public static FlatGraph flat(String text, String... outputs) {
    return flat(text, Map.of("serving_default", List.of(outputs)));
  }

  /**
   * A flat graph of several signatures.
   *
   * @param outputs of each signature, by its key
   */
  public static FlatGraph flat(String text, Map<String, List<String>> outputs) {
    Map<String, SignatureDef> signatures = new TreeMap<>();
    outputs.forEach(
        (key, names) -> {
          SignatureDef.Builder signature = SignatureDef.newBuilder();
          names.forEach(
              o -> signature.putOutputs(o, TensorInfo.newBuilder().setName(o + ":0").build()));
          signatures.put(key, signature.build());
        });
    return FlatGraph.of(parse(text), signatures);
  }

  /** Each node as {@code name=Op(inputs)}. */
  static List<String> lines(GraphDef graph) {
    return graph.getNodeList().stream()
        .map(n -> n.getName() + "=" + n.getOp() + n.getInputList())
        .toList();
  }
}
