package io.github.rankfold.compression.broken;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.GradientDef;
import org.tensorflow.proto.NameAttrList;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.OpDef;

/** Ways to damage the library of functions: recursion, depth, doubling, wrong signatures. */
final class LibraryDamage {
  private LibraryDamage() {}

  static Map<String, Consumer<Nodes>> all() {
    Map<String, Consumer<Nodes>> ways = new LinkedHashMap<>();
    ways.put("no library", n -> n.library().clear());
    ways.put(
        "drop function",
        n -> {
          if (n.library().getFunctionCount() > 0) {
            n.library().removeFunction(n.random().nextInt(n.library().getFunctionCount()));
          }
        });
    ways.put("duplicate function", n -> n.library().addFunction(any(n).build()));
    ways.put(
        "two functions of one name",
        n -> any(n).getSignatureBuilder().setName(any(n).getSignature().getName()));
    ways.put("function named as an operation", n -> any(n).getSignatureBuilder().setName("MatMul"));
    ways.put("function without name", n -> any(n).getSignatureBuilder().setName(""));
    ways.put(
        "recursive function",
        n -> {
          FunctionDef.Builder function = any(n);
          function.addNodeDef(call("again", function.getSignature().getName(), "x"));
        });
    ways.put("functions that call each other", n -> calls(n, 2, 1, true));
    ways.put("functions nested 500 deep", n -> calls(n, 500, 1, false));
    ways.put("functions nested 150 deep", n -> calls(n, 150, 1, false));
    ways.put("calls that double 40 times", n -> calls(n, 40, 2, false));
    ways.put("calls that double 12 times", n -> calls(n, 12, 2, false));
    ways.put("calls of TensorFlow 1 nested 5000 deep", n -> directCalls(n, 5000));
    ways.put("more arguments", n -> any(n).getSignatureBuilder().addInputArg(argument("more")));
    ways.put("fewer arguments", n -> any(n).getSignatureBuilder().clearInputArg());
    ways.put("more results", n -> any(n).getSignatureBuilder().addOutputArg(argument("more")));
    ways.put("fewer results", n -> any(n).getSignatureBuilder().clearOutputArg());
    ways.put("no returns", n -> any(n).clearRet());
    ways.put("odd return", n -> odd(any(n), n));
    ways.put("odd control return", n -> any(n).putControlRet("x", "no_such_node"));
    ways.put("odd control output", n -> any(n).getSignatureBuilder().addControlOutput("nothing"));
    ways.put("empty body", n -> any(n).clearNodeDef());
    ways.put(
        "arguments of one name",
        n -> {
          OpDef.Builder signature = any(n).getSignatureBuilder();
          signature.getInputArgBuilderList().forEach(arg -> arg.setName("same"));
        });
    ways.put(
        "argument lists of odd length",
        n -> {
          OpDef.Builder signature = any(n).getSignatureBuilder();
          signature
              .getInputArgBuilderList()
              .forEach(arg -> arg.setNumberAttr(n.pick(List.of("N", "T", "no_such_attribute"))));
        });
    ways.put(
        "argument of odd type",
        n ->
            any(n)
                .getSignatureBuilder()
                .getInputArgBuilderList()
                .forEach(arg -> arg.setTypeValue(n.pick(List.of(0, -1, 20, 99)))));
    ways.put(
        "argument typed by a missing attribute",
        n ->
            any(n)
                .getSignatureBuilder()
                .getInputArgBuilderList()
                .forEach(arg -> arg.setTypeAttr("no_such_attribute")));
    ways.put(
        "loop body that is its own condition",
        n -> {
          NodeDef.Builder loop = n.any(node -> node.containsAttr("body"));
          if (loop.containsAttr("cond")) {
            loop.putAttr("cond", loop.getAttrOrThrow("body"));
          }
        });
    ways.put(
        "loop in a loop without end",
        n -> {
          NodeDef.Builder loop = n.any(node -> node.containsAttr("body"));
          NodeDef copy = loop.build();
          any(n).addNodeDef(copy);
        });
    ways.put(
        "odd gradient",
        n ->
            n.library()
                .addGradient(
                    GradientDef.newBuilder()
                        .setFunctionName(any(n).getSignature().getName())
                        .setGradientFunc("no_such_function")));
    ways.put(
        "attributes of arguments that there are not",
        n -> any(n).putArgAttr(77, FunctionDef.ArgAttrs.getDefaultInstance()));
    ways.put(
        "function attributes",
        n -> any(n).putAttr("_XlaMustCompile", AttrValue.newBuilder().setB(true).build()));
    return ways;
  }

  private static FunctionDef.Builder any(Nodes n) {
    int count = n.library().getFunctionCount();
    if (count == 0) {
      FunctionDef.Builder made = n.library().addFunctionBuilder();
      made.getSignatureBuilder().setName("made_up").addInputArg(argument("x"));
      return made;
    }
    return n.library().getFunctionBuilder(n.random().nextInt(count));
  }

  private static void odd(FunctionDef.Builder function, Nodes n) {
    for (String key : function.getRetMap().keySet().stream().sorted().toList()) {
      function.putRet(
          key, n.pick(List.of("", "x", "x:y", "x:y:z", ":::", "no:output:0", "x:output:-1")));
    }
  }

  private static OpDef.ArgDef argument(String name) {
    return OpDef.ArgDef.newBuilder().setName(name).setType(DataType.DT_FLOAT).build();
  }

  private static NodeDef.Builder call(String name, String function, String input) {
    AttrValue types =
        AttrValue.newBuilder()
            .setList(AttrValue.ListValue.newBuilder().addType(DataType.DT_FLOAT))
            .build();
    return NodeDef.newBuilder()
        .setName(name)
        .setOp("PartitionedCall")
        .addInput(input)
        .putAttr("Tin", types)
        .putAttr("Tout", types)
        .putAttr(
            "f",
            AttrValue.newBuilder().setFunc(NameAttrList.newBuilder().setName(function)).build());
  }

  /** Functions each of which calls the next {@code width} times, called from the graph. */
  private static void calls(Nodes n, int depth, int width, boolean closed) {
    for (int level = 0; level < depth; level++) {
      FunctionDef.Builder function = n.library().addFunctionBuilder();
      function
          .getSignatureBuilder()
          .setName("level_" + level)
          .addInputArg(argument("x"))
          .addOutputArg(argument("y"));
      int next = level + 1 < depth ? level + 1 : closed ? 0 : -1;
      String previous = "x";
      for (int i = 0; i < width; i++) {
        NodeDef.Builder node =
            next < 0
                ? NodeDef.newBuilder()
                    .setName("end_" + i)
                    .setOp("Identity")
                    .addInput(previous)
                    .putAttr("T", GraphDamage.type(DataType.DT_FLOAT))
                : call("call_" + i, "level_" + next, previous);
        function.addNodeDef(node);
        previous = node.getName() + ":output:0";
      }
      function.putRet("y", previous);
    }
    callFromGraph(n, call("deep_call", "level_0", "deep_input").build());
  }

  /** Puts the call between a node and its input, so that pruning keeps it. */
  private static void callFromGraph(Nodes n, NodeDef call) {
    n.graph()
        .addNode(
            NodeDef.newBuilder()
                .setName("deep_input")
                .setOp("Placeholder")
                .putAttr("dtype", GraphDamage.type(DataType.DT_FLOAT)));
    n.graph().addNode(call);
    n.withInput().addInput("^" + call.getName());
  }

  private static void directCalls(Nodes n, int depth) {
    for (int level = 0; level < depth; level++) {
      FunctionDef.Builder function = n.library().addFunctionBuilder();
      function
          .getSignatureBuilder()
          .setName("Level" + level)
          .addInputArg(argument("x"))
          .addOutputArg(argument("y"));
      function.addNodeDef(
          NodeDef.newBuilder()
              .setName("next")
              .setOp(level + 1 < depth ? "Level" + (level + 1) : "Relu")
              .addInput("x")
              .putAttr("T", GraphDamage.type(DataType.DT_FLOAT)));
      function.putRet("y", level + 1 < depth ? "next:y:0" : "next:activations:0");
    }
    callFromGraph(
        n,
        NodeDef.newBuilder().setName("deep_call").setOp("Level0").addInput("deep_input").build());
  }
}
