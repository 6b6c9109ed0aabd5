package io.github.rankfold.models.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class FileFailureTest {
  @TempDir Path folder;

  @Test
  void whatHappensIsSaidInWords() throws IOException {
    Path missing = folder.resolve("missing");
    Path full = Files.createDirectory(folder.resolve("full"));
    Files.writeString(full.resolve("file"), "x");
    assertEquals(missing + ": no such file or folder", failing(() -> Files.size(missing)));
    assertEquals(full + ": a file of that name exists", failing(() -> Files.createFile(full)));
    assertEquals(full + ": the folder is not empty", failing(() -> Files.delete(full)));
    assertEquals(
        missing + ": no such file or folder",
        failing(() -> Files.copy(missing, missing.resolve("a"))));
  }

  @Test
  void whatOnlySomeSystemsDo() {
    assertEquals("a: permission denied", FileFailure.message(new AccessDeniedException("a")));
    assertEquals("a: not a folder", FileFailure.message(new NotDirectoryException("a")));
    assertEquals(
        "b: read-only file system",
        FileFailure.message(new FileSystemException("a", "b", "Read-only file system")));
    assertEquals(
        "No space left on device", FileFailure.message(new IOException("No space left on device")));
    assertEquals("reading or writing failed", FileFailure.message(new IOException()));
  }

  private static String failing(Executable action) {
    return FileFailure.message(assertThrows(IOException.class, action));
  }
}
