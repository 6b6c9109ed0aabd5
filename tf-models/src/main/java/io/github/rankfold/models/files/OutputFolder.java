package io.github.rankfold.models.files;

import io.github.rankfold.models.InvalidInputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
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
  private final Path shown;
  private final Path target;
  private final boolean overwrite;
  private final Path staging;
  private final ParentFolders parents;
  private final Thread atExit = new Thread(this::removeInterrupted, "remove partial output");
  private boolean committed;

  private OutputFolder(
      Path shown, Path target, boolean overwrite, Path staging, ParentFolders parents) {
    this.shown = shown;
    this.target = target;
    this.overwrite = overwrite;
    this.staging = staging;
    this.parents = parents;
  }

  /**
   * Prepares to write {@code folder}. Refuses one that exists and is not empty, unless {@code
   * overwrite} and all that lies in it is what commands write; a path that cannot be written is an
   * input error. A link to a folder stays one: what it leads to is written.
   */
  public static OutputFolder create(Path folder, boolean overwrite) {
    Path target = target(folder);
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
      OutputFolder created = new OutputFolder(folder, target, overwrite, staging, parents);
      Runtime.getRuntime().addShutdownHook(created.atExit);
      return created;
    } catch (IOException e) {
      throw new InvalidInputException(folder + ": cannot be written: " + FileFailure.reason(e), e);
    }
  }

  /** Where a path leads: of a link, as what is moved onto a link takes its place. */
  private static Path target(Path folder) {
    Path target = folder.toAbsolutePath().normalize();
    if (!Files.isSymbolicLink(target)) {
      return target;
    }
    try {
      return target.toRealPath();
    } catch (IOException e) {
      throw new InvalidInputException(
          folder + ": expected a folder to write to, found a link that leads nowhere", e);
    }
  }

  private static void refuseUnusable(Path shown, Path target, boolean overwrite) {
    if (!Files.exists(target)) {
      return;
    }
    if (!Files.isDirectory(target)) {
      throw new InvalidInputException(shown + ": expected a folder to write to, found a file");
    }
    try {
      refuseWorkingFolder(shown, target.toRealPath());
      if (overwrite) {
        refuseForeign(shown, target);
      } else if (!isEmpty(target)) {
        throw new InvalidInputException(
            shown
                + ": expected a new or empty folder, found one with files (--overwrite replaces it)");
      }
    } catch (IOException e) {
      throw new InvalidInputException(shown + ": cannot be read: " + FileFailure.reason(e), e);
    }
  }

  private static void refuseWorkingFolder(Path shown, Path real) throws IOException {
    Path working = Path.of("").toRealPath();
    if (working.startsWith(real)) {
      throw new InvalidInputException(
          "%s: expected a folder apart from the working folder, found %s"
              .formatted(shown, working.equals(real) ? "the same" : "one above it"));
    }
  }

  private static void refuseForeign(Path shown, Path target) throws IOException {
    Optional<Path> foreign = WrittenNames.foreignIn(target);
    if (foreign.isPresent()) {
      throw new InvalidInputException(
          "%s: expected to overwrite what rankfold wrote and nothing else, found %s in it"
              .formatted(shown, foreign.get().getFileName()));
    }
  }

  private static boolean isEmpty(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.findAny().isEmpty();
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

  /**
   * Moves everything into place, replacing what was there where that is wanted. What somebody else
   * wrote there meanwhile is left, as an input error.
   */
  public void commit() throws IOException {
    Optional<Path> replaced = overwrite ? movedAside() : Optional.empty();
    try {
      // Atomic, as then nothing but an empty folder is replaced.
      Files.move(staging, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      boolean taken = Files.exists(target);
      if (replaced.isPresent() && taken) {
        deleteTree(replaced.get());
      } else if (replaced.isPresent()) {
        Files.move(replaced.get(), target);
      }
      if (taken) {
        throw new InvalidInputException(
            "%s: expected to be the only one that writes there, found that it was written to"
                    .formatted(shown)
                + " meanwhile; that was left as it is",
            e);
      }
      throw e;
    }
    committed = true;
    forget();
    if (replaced.isPresent()) {
      deleteTree(replaced.get());
    }
  }

  private Optional<Path> movedAside() throws IOException {
    if (!Files.exists(target)) {
      return Optional.empty();
    }
    refuseUnusable(shown, target, true); // it may have changed meanwhile
    Path aside =
        target.resolveSibling("." + target.getFileName() + ".replaced-" + System.nanoTime());
    Files.move(target, aside);
    return Optional.of(aside);
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
