package io.github.rankfold.models.files;

import io.github.rankfold.models.InvalidInputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A folder of results that appears whole or not at all.
 *
 * <p>Results are written to {@link #staging()}, a hidden folder beside the target; {@link
 * #commit()} moves it into place, and {@link #close()} without a commit removes it and the folders
 * made above it. Whoever creates it closes it.
 */
public final class OutputFolder implements AutoCloseable {
  private final Path target;
  private final Path staging;
  private final ParentFolders parents;
  private final Thread atExit = new Thread(this::removeInterrupted, "remove partial output");
  private boolean committed;

  private OutputFolder(Path target, Path staging, ParentFolders parents) {
    this.target = target;
    this.staging = staging;
    this.parents = parents;
  }

  /**
   * Prepares to write {@code folder}. Refuses one that exists and is not empty, unless {@code
   * overwrite}; a path that cannot be written is an input error.
   */
  public static OutputFolder create(Path folder, boolean overwrite) {
    Path target = folder.toAbsolutePath().normalize();
    refuseUnusable(folder, target, overwrite);
    Path parent = target.getParent();
    if (parent == null) {
      throw new InvalidInputException(folder + ": the root of the file system is no output folder");
    }
    ParentFolders parents = ParentFolders.create(parent, folder);
    try {
      // Not createTempDirectory, whose folders only their owner can read.
      Path staging = parent.resolve("." + target.getFileName() + ".partial-" + UUID.randomUUID());
      Files.createDirectory(staging);
      OutputFolder created = new OutputFolder(target, staging, parents);
      Runtime.getRuntime().addShutdownHook(created.atExit);
      return created;
    } catch (AccessDeniedException e) {
      throw new InvalidInputException(folder + ": cannot be written: permission denied", e);
    } catch (IOException e) {
      throw new InvalidInputException(folder + ": cannot be written: " + e, e);
    }
  }

  private static void refuseUnusable(Path shown, Path target, boolean overwrite) {
    if (!Files.exists(target)) {
      return;
    }
    if (!Files.isDirectory(target)) {
      throw new InvalidInputException(shown + ": expected a folder to write to, found a file");
    }
    try (Stream<Path> entries = Files.list(target)) {
      if (!overwrite && entries.findAny().isPresent()) {
        throw new InvalidInputException(
            shown
                + ": expected a new or empty folder, found one with files (--overwrite replaces it)");
      }
    } catch (IOException e) {
      throw new InvalidInputException(shown + ": cannot be read: " + e.getMessage(), e);
    }
  }

  /** Where to write before the commit. */
  public Path staging() {
    return staging;
  }

  /** Where the results will be after the commit. */
  public Path target() {
    return target;
  }

  /** Moves everything into place, replacing what was there. */
  public void commit() throws IOException {
    Path replaced = null;
    if (Files.exists(target)) {
      replaced =
          target.resolveSibling("." + target.getFileName() + ".replaced-" + System.nanoTime());
      Files.move(target, replaced);
    }
    try {
      Files.move(staging, target);
    } catch (IOException e) {
      if (replaced != null) {
        Files.move(replaced, target);
      }
      throw e;
    }
    committed = true;
    forget();
    if (replaced != null) {
      deleteTree(replaced);
    }
  }

  private void forget() {
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException e) {
      // The process is ending.
    }
  }

  /**
   * When the process is interrupted; whoever writes into the folder may still do so for a while.
   */
  private void removeInterrupted() {
    for (int attempt = 0; attempt < 20 && Files.exists(staging); attempt++) {
      try {
        deleteTree(staging);
        Thread.sleep(10);
      } catch (IOException e) {
        // Something was written into it meanwhile.
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  /** Removes what was staged, unless it was committed. */
  @Override
  public void close() {
    forget();
    if (!committed && Files.exists(staging)) {
      try {
        deleteTree(staging);
        parents.remove();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Puts a file or folder that was staged in the place of another. */
  public static void replace(Path staged, Path by) throws IOException {
    remove(staged);
    Files.move(by, staged);
  }

  /** Removes a file or folder that was staged, with all that is in it. */
  public static void remove(Path staged) throws IOException {
    if (Files.exists(staged)) {
      deleteTree(staged);
    }
  }

  private static void deleteTree(Path folder) throws IOException {
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path dir, @Nullable IOException error)
              throws IOException {
            Files.delete(dir);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
