package io.github.rankfold.models.files;

import io.github.rankfold.models.InvalidInputException;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** The folders above a result that had to be made for it, so that a failure can take them away. */
public final class ParentFolders {
  /** The deepest first. */
  private final Deque<Path> created;

  private ParentFolders(Deque<Path> created) {
    this.created = created;
  }

  /**
   * Makes {@code folder} and what is missing above it; where that is impossible it is an input
   * error.
   *
   * @param shown the result as the user named it, for messages
   */
  public static ParentFolders create(Path folder, Path shown) {
    Deque<Path> missing = new ArrayDeque<>();
    @Nullable Path existing = folder;
    while (existing != null && !Files.exists(existing)) {
      missing.addLast(existing);
      existing = existing.getParent();
    }
    if (existing != null && !Files.isDirectory(existing)) {
      throw new InvalidInputException(shown + ": cannot be written: " + existing + " is a file");
    }
    try {
      Files.createDirectories(folder);
      return new ParentFolders(missing);
    } catch (IOException e) {
      throw new InvalidInputException(
          "%s: cannot be written: %s".formatted(shown, FileFailure.message(e)), e);
    }
  }

  /** Removes what was made, as far as nothing else was put there since. */
  public void remove() throws IOException {
    for (Path folder : created) {
      try {
        Files.deleteIfExists(folder);
      } catch (DirectoryNotEmptyException e) {
        return; // somebody else's files are in it by now
      }
    }
  }
}
