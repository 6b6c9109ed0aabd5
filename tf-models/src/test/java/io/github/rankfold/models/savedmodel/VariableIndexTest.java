package io.github.rankfold.models.savedmodel;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.models.InvalidInputException;
import io.github.rankfold.models.live.StoredOutputs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VariableIndexTest {
  @TempDir Path folder;

  private Path index = Path.of("");
  private Path data = Path.of("");

  @BeforeEach
  void copy() throws IOException {
    Path source = StoredOutputs.MODELS.resolve("ein");
    Files.copy(source.resolve("saved_model.pb"), folder.resolve("saved_model.pb"));
    Path variables = Files.createDirectory(folder.resolve("variables"));
    index = variables.resolve("variables.index");
    data = variables.resolve("variables.data-00000-of-00001");
    for (Path file : new Path[] {index, data}) {
      Files.copy(source.resolve("variables").resolve(file.getFileName()), file);
    }
  }

  private void check() {
    VariableIndex.check(SavedModelFolder.open(folder));
  }

  private String refusal() {
    return String.valueOf(assertThrows(InvalidInputException.class, this::check).getMessage());
  }

  @Test
  void wholeFilesPassAndSoDoesAModelWithoutVariables() throws IOException {
    assertDoesNotThrow(this::check);
    Files.delete(index);
    assertDoesNotThrow(this::check);
  }

  /** Their digits are others, the names of files are not. */
  @ParameterizedTest
  @ValueSource(strings = {"ar-EG", "fa-IR"})
  void filesAreFoundWhereverTheUserIs(String language) {
    Locale before = Locale.getDefault(Locale.Category.FORMAT);
    Locale.setDefault(Locale.Category.FORMAT, Locale.forLanguageTag(language));
    try {
      assertDoesNotThrow(this::check);
    } finally {
      Locale.setDefault(Locale.Category.FORMAT, before);
    }
  }

  @Test
  void dataFilesThatAreCutOffOrMissing() throws IOException {
    byte[] bytes = Files.readAllBytes(data);
    Files.write(data, Arrays.copyOf(bytes, bytes.length - 1));
    String message = refusal();
    assertTrue(message.startsWith(data + ": expected the "), message);
    assertTrue(message.endsWith("found a file of %d bytes".formatted(bytes.length - 1)), message);
    Files.delete(data);
    assertTrue(refusal().endsWith("found no such file"), this::refusal);
  }

  @Test
  void indexWithoutItsFooter() throws IOException {
    byte[] bytes = Files.readAllBytes(index);
    for (int length : new int[] {0, 10, bytes.length - 1}) {
      Files.write(index, Arrays.copyOf(bytes, length));
      assertEquals(
          index + ": expected an index of variables, found a damaged one: no footer", refusal());
    }
  }

  /** Whatever byte of a block is changed, its checksum tells. */
  @ParameterizedTest
  @ValueSource(doubles = {0, 0.1, 0.3, 0.5})
  void changedByteOfABlock(double place) throws IOException {
    byte[] bytes = Files.readAllBytes(index);
    bytes[(int) (place * bytes.length)] ^= 4;
    Files.write(index, bytes);
    String message = refusal();
    assertTrue(message.startsWith(index + ": expected an index of variables, found"), message);
    assertTrue(message.endsWith("a block with a wrong checksum"), message);
  }

  @Test
  void placeOfABlockBeyondTheFile() throws IOException {
    byte[] bytes = Files.readAllBytes(index);
    byte[] beyond = {(byte) 0xff, (byte) 0xff, 0x7f, 1}; // from 2097151 on, as varints
    System.arraycopy(beyond, 0, bytes, bytes.length - 48, beyond.length);
    Files.write(index, bytes);
    assertEquals(
        index + ": expected an index of variables, found a damaged one: a block beyond its end",
        refusal());
  }
}
