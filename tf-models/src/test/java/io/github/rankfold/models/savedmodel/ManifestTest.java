package io.github.rankfold.models.savedmodel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rankfold.models.InvalidInputException;
import io.github.rankfold.models.data.Digits;
import io.github.rankfold.models.files.Json;
import io.github.rankfold.models.network.NetworkExport;
import io.github.rankfold.models.network.NetworkSpec;
import io.github.rankfold.models.network.NetworkWeights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ManifestTest {
  @TempDir Path folder;

  @BeforeEach
  void model() throws IOException {
    NetworkSpec spec = NetworkSpec.mlp(2, 2);
    NetworkExport.write(spec, NetworkWeights.initial(spec, 1), folder.resolve("saved_model"));
  }

  private Optional<Map<String, Double>> penalties() {
    return Manifest.penalties(SavedModelFolder.open(folder));
  }

  @Test
  void penaltiesComeBackAsTheyWereWritten() throws IOException {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("z", 1);
    settings.put("a", List.of("b"));
    Map<String, Double> penalized = Map.of("classifier/kernel", 1e-3);
    new Manifest("training", Instant.EPOCH, Optional.of("abc"), settings, penalized).write(folder);
    assertEquals(Optional.of(penalized), penalties());
    JsonNode json = Json.read(folder.resolve(Manifest.FILE));
    assertEquals("rankfold", json.get("tool").asText());
    assertEquals("1970-01-01T00:00:00Z", json.get("created").asText());
    assertEquals("abc", json.get("parent_sha256").asText());
    assertEquals("b", json.at("/a/0").asText());
  }

  @Test
  void aModelWithoutAManifestHasNoKnownPenalties() {
    assertEquals(Optional.empty(), penalties());
  }

  @Test
  void aPenaltyThatIsNoNumberIsRefused() throws IOException {
    Path file = folder.resolve(Manifest.FILE);
    Files.writeString(file, "{\"tool\": \"rankfold\", \"penalized\": {\"k\": \"much\"}}");
    assertEquals(
        file.toAbsolutePath() + ": penalized: k: expected a number, found \"much\"",
        assertThrows(InvalidInputException.class, this::penalties).getMessage());
  }

  @Test
  void aManifestOfAnotherToolSaysNothing() throws IOException {
    Files.writeString(
        folder.resolve(Manifest.FILE),
        "{\"penalized\": {\"k\": \"much\"}, \"classNames\": [\"a\"], \"data\": {\"sha256\": \"b\"}}");
    SavedModelFolder model = SavedModelFolder.open(folder);
    assertEquals(Optional.empty(), Manifest.penalties(model));
    assertEquals(Optional.empty(), Manifest.classNames(model));
    assertEquals(Optional.empty(), Manifest.otherTrainingData(model, Digits.load().train()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"tool\": \"rankfold\", \"classNames\": [\"a\"]}", "{broken"})
  void aManifestIsOfTheFolderSavedModelOnly(String text) throws IOException {
    Path moved = Files.move(folder.resolve("saved_model"), folder.resolve("1"));
    Files.writeString(folder.resolve(Manifest.FILE), text);
    assertEquals(Optional.empty(), Manifest.classNames(SavedModelFolder.open(moved)));
  }

  @Test
  void aManifestIsFoundWhateverLeadsToTheModel() throws IOException {
    new Manifest(
            "compression",
            Instant.EPOCH,
            Optional.empty(),
            Map.of(Manifest.CLASS_NAMES, List.of("a", "b")),
            Map.of())
        .write(folder);
    Path model = folder.resolve("saved_model").resolve("..").resolve("saved_model").resolve(".");
    assertEquals(Optional.of(List.of("a", "b")), Manifest.classNames(SavedModelFolder.open(model)));
  }

  @Test
  void theHashIsOfTheModelAlone() throws IOException {
    String before = SavedModelFolder.open(folder).sha256();
    Files.writeString(folder.resolve("beside"), "x");
    assertEquals(before, SavedModelFolder.open(folder).sha256());
    Files.writeString(folder.resolve("saved_model/more"), "x");
    assertNotEquals(before, SavedModelFolder.open(folder).sha256());
  }
}
