package io.github.rankfold.cli.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FindingsTest {
  @TempDir
  @SuppressWarnings("NullAway.Init") // JUnit sets it
  Path folder;

  @Test
  void sentencesQuoteTheNumbersOfTheFiles() {
    List<String> findings = findings(SampleRun.inputs());
    assertTrue(
        findings.contains(
            "On 360 samples, accuracy went from 97.78% to 97.22%; the 95% intervals overlap."));
    assertTrue(
        findings.contains(
            "4 of 5 kernels were replaced by two thinner ones: 13,120 kernel parameters became"
                + " 4,800."));
    // dense_4 is the farthest of them: 0.02049 of a norm of 4.723.
    assertTrue(
        findings.stream()
            .anyMatch(
                sentence ->
                    sentence.startsWith(
                        "From layer dense_2 on, every kernel lies within 0.43% of its norm of a"
                            + " matrix of rank 10 (the number of classes); farthest is dense_1,")),
        findings::toString);
    assertTrue(findings.size() <= 6, findings::toString);
  }

  @Test
  void brokenBoundIsSaid() throws IOException {
    Path run = SampleRun.copy(SampleRun.run(), folder.resolve("run"));
    SampleRun.replaceIn(run.resolve("certificates.csv"), "2.3675657", "0.5");
    List<String> findings = findings(ReportInputs.read(run, Optional.empty()));
    assertTrue(
        findings.stream()
            .anyMatch(s -> s.startsWith("The measured distance exceeds a bound in dense_1:")),
        findings::toString);
  }

  /** Of held-out data where there is some: its rows come last. */
  @Test
  void smallClassesAreSaid() throws IOException {
    Path run = SampleRun.copy(SampleRun.run(), folder.resolve("run"));
    Files.writeString(
        run.resolve("imbalance.csv"),
        """
        split,layer,features,minority_classes,majority_classes,ratio,minority_mean_norm,\
        majority_mean_norm,minority_cosine,majority_cosine,minority_accuracy,majority_accuracy
        train,output,vector,3,7,20,1,2,0.8,-0.1,0.5,0.99
        test,dense_1,vector,3,7,20,1,2,0.8,-0.1,,
        test,output,vector,3,7,20,1,2,0.8,-0.1,0.25,0.97
        """);
    ReportInputs inputs = ReportInputs.read(run, Optional.empty());
    assertTrue(ReportPage.of(inputs).html().contains("3 small classes beside the other 7;"));
    List<String> findings = findings(inputs);
    assertTrue(
        findings.contains(
            "3 of the 10 classes have less than half of the largest one's samples: 25% of these are"
                + " predicted right in held-out data, 97% of the others."),
        findings::toString);
  }

  @Test
  void nothingIsSaidWithoutFiles() throws IOException {
    Path spectra = folder.resolve("spectra.csv");
    Files.writeString(spectra, "layer,index,singular_value\na,1,2\n");
    assertEquals(List.of(), findings(ReportInputs.read(folder, Optional.empty())));
  }

  private static List<String> findings(ReportInputs inputs) {
    return Findings.of(inputs, LayerSpectra.of(inputs));
  }
}
