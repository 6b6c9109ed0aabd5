package io.github.rankfold.compression;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.github.rankfold.collapse.linalg.Spectrum;
import io.github.rankfold.collapse.probe.KernelSpectra;
import io.github.rankfold.compression.factors.ConvolutionForm;
import io.github.rankfold.compression.factors.Factorization;
import io.github.rankfold.compression.factors.LayerDecision;
import io.github.rankfold.compression.factors.Truncation;
import io.github.rankfold.compression.factors.TuckerDecomposition;
import io.github.rankfold.compression.rewriting.GraphRewriter;
import io.github.rankfold.compression.rewriting.InterpolativeLayers;
import io.github.rankfold.models.layers.KernelUse;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.live.StoredOutputs;
import io.github.rankfold.models.savedmodel.FlatGraph;
import io.github.rankfold.models.savedmodel.NodeWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.NodeDef;

/** Factors of full rank are the kernel, so that every output must stay what it was. */
class FullRankTest {
  /** Models with a kernel of fewer rows than columns whose product they may be part of. */
  private static final Set<String> WITH_WIDE_KERNELS =
      Set.of(
          "binary",
          "branches",
          "channels_first",
          "cnn",
          "computed_kernels",
          "ein",
          "frozen",
          "language_model",
          "other_types",
          "tf1_ref",
          "tf1_res",
          "trf",
          "twosig");

  /** Variables that something else than their layer needs, in factors or not. */
  private static final Set<String> SHARED = Set.of("mask/weight");

  @TempDir Path temporary;

  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("io.github.rankfold.models.live.StoredOutputs#signatures")
  void rewrittenAtFullRankTheModelGivesTheStoredOutputs(String name, String signature)
      throws IOException {
    assertFullRankKeepsOutputs(name, signature, ConvolutionForm.CHANNEL);
  }

  @ParameterizedTest(name = "{0}, {1}")
  @CsvSource({"cnn, serving_default", "cnn, serve", "frozen, serving_default"})
  void convolutionsSplitInSpaceGiveTheStoredOutputs(String name, String signature)
      throws IOException {
    assertFullRankKeepsOutputs(name, signature, ConvolutionForm.SPATIAL);
  }

  @ParameterizedTest(name = "{0}, {1}")
  @CsvSource({"cnn, serving_default", "cnn, serve", "channels_first, serving_default"})
  void convolutionsSplitByTuckerGiveTheStoredOutputs(String name, String signature)
      throws IOException {
    assertFullRankKeepsOutputs(name, signature, ConvolutionForm.TUCKER);
  }

  private void assertFullRankKeepsOutputs(String name, String signature, ConvolutionForm form)
      throws IOException {
    Path out = temporary.resolve("out");
    Path original = StoredOutputs.MODELS.resolve(name);
    assertRewritten(original, out, name, signature, form);
    try (LiveModel model = LiveModel.open(original, StoredOutputs.options(signature))) {
      try (LiveModel rewritten = LiveModel.open(out)) {
        for (Layer layer : model.layers()) {
          assertEquals(
              name.equals("language_model") && SHARED.contains(layer.variable()),
              GraphRewriter.needs(rewritten.flatGraph(), layer.variable()),
              () -> layer.variable() + " is reachable");
        }
      }
    }
  }

  /** What was written is a model as any other: names that were given once are not given again. */
  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("io.github.rankfold.models.live.StoredOutputs#signatures")
  void rewrittenTwiceTheModelGivesTheStoredOutputs(String name, String signature)
      throws IOException {
    Path once = temporary.resolve("once");
    Path twice = temporary.resolve("twice");
    assertRewritten(
        StoredOutputs.MODELS.resolve(name), once, name, signature, ConvolutionForm.CHANNEL);
    assertRewritten(once, twice, name, signature, ConvolutionForm.CHANNEL);
  }

  private static void assertRewritten(
      Path from, Path to, String name, String signature, ConvolutionForm form) throws IOException {
    try (LiveModel model = LiveModel.open(from, StoredOutputs.options(signature))) {
      List<LayerDecision> decisions =
          model.layers().stream().map(layer -> atFullRank(model, layer, form)).toList();
      SavedModelCompressor.apply(model, new CompressionPlan("fraction:1", decisions), to);
    }
    StoredOutputs.assertReproducedBy(to, name, signature);
  }

  /** A kernel with fewer rows than columns is a product with an identity in it at full rank. */
  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("io.github.rankfold.models.live.StoredOutputs#signatures")
  void interpolativeFactorsGiveTheStoredOutputs(String name, String signature) throws IOException {
    Path original = StoredOutputs.MODELS.resolve(name);
    try (LiveModel model = LiveModel.open(original, StoredOutputs.options(signature))) {
      InterpolativeLayers layers = new InterpolativeLayers(model);
      boolean found = false;
      // By the first columns where they will do, and by others, behind which all are put in order.
      for (double largest : List.of(20.0, 0.0)) {
        Path out = temporary.resolve("out" + largest);
        List<LayerDecision> decisions = new ArrayList<>();
        for (Layer layer : model.layers()) {
          LayerDecision plain = atFullRank(model, layer, ConvolutionForm.CHANNEL);
          boolean wide = layer.rows() < layer.cols() && layers.include(layer);
          decisions.add(wide ? interpolative(plain, largest) : plain);
          found |= wide;
        }
        SavedModelCompressor.apply(model, new CompressionPlan("fraction:1", decisions), out);
        StoredOutputs.assertReproducedBy(out, name, signature);
      }
      assertEquals(WITH_WIDE_KERNELS.contains(name), found);
    }
  }

  /** What is added must not take the place of what a model calls so itself. */
  @Test
  void namesThatAModelHasAreNotGivenAgain() {
    try (LiveModel model = LiveModel.open(StoredOutputs.MODELS.resolve("mlp"))) {
      KernelUse use = model.layers().get(0).uses().get(0);
      FlatGraph graph = model.flatGraph();
      String free = GraphRewriter.innerName(graph, use);
      NodeDef taker =
          graph.node(
              Objects.requireNonNull(graph.consumers().get(use.operation())).iterator().next());
      for (String taken : List.of("", "/others", "/others/axis", "/others/places", "/core")) {
        NodeDef own =
            NodeWriter.node(free + taken, "Identity")
                .input(use.preActivation())
                .type("T", DataType.DT_FLOAT)
                .build();
        NodeDef behind = taker.toBuilder().setInput(0, own.getName()).build();
        String name = GraphRewriter.innerName(graph.with(List.of(own, behind)), use);
        assertNotEquals(free, name);
      }
    }
  }

  private static LayerDecision interpolative(LayerDecision plain, double largest) {
    Factorization pair = plain.factors().orElseThrow();
    return plain.factoredAs(pair.interpolative(largest, KernelSpectra.precision(plain.layer())));
  }

  private static LayerDecision atFullRank(LiveModel model, Layer layer, ConvolutionForm wanted) {
    ConvolutionForm form = wanted.candidates(layer).get(0);
    if (form == ConvolutionForm.TUCKER) {
      TuckerDecomposition tucker =
          new TuckerDecomposition(
              layer, KernelSpectra.kernel(model, layer), KernelSpectra.precision(layer));
      Factorization all =
          tucker.factors(tucker.inputSpectrum().size(), tucker.outputSpectrum().size());
      return LayerDecision.factored(layer, tucker.outputSpectrum(), all);
    }
    Truncation truncation =
        Truncation.of(
            form.rows(layer, KernelSpectra.rows(model, layer)), KernelSpectra.precision(layer));
    Spectrum spectrum = truncation.spectrum();
    Factorization factors = truncation.factors(spectrum.size()).in(form);
    return LayerDecision.factored(layer, spectrum, factors);
  }
}
