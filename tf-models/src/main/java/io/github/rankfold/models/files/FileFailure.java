package io.github.rankfold.models.files;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import org.jspecify.annotations.Nullable;

/**
 * What a failure of a file system means, in words; Java has many of them in a class's name only.
 */
public final class FileFailure {
  private FileFailure() {}

  /** Why, without naming the file: {@code permission denied}. */
  public static String reason(IOException failure) {
    if (failure instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (failure instanceof NoSuchFileException) {
      return "no such file or folder";
    }
    if (failure instanceof FileAlreadyExistsException) {
      return "a file of that name exists";
    }
    if (failure instanceof DirectoryNotEmptyException) {
      return "the folder is not empty";
    }
    if (failure instanceof NotDirectoryException) {
      return "not a folder";
    }
    if (failure instanceof FileSystemLoopException) {
      return "links lead round in a circle";
    }
    @Nullable String said =
        failure instanceof FileSystemException named ? named.getReason() : failure.getMessage();
    if (said == null || said.isBlank()) {
      return "reading or writing failed";
    }
    // The system's own words, which begin as a sentence.
    return failure instanceof FileSystemException
        ? Character.toLowerCase(said.charAt(0)) + said.substring(1)
        : said;
  }

  /** The file, where the failure names one, and why. */
  public static String message(IOException failure) {
    if (failure instanceof FileSystemException named && named.getFile() != null) {
      // Of two, the second is the one that was to be made.
      String file = named.getOtherFile() == null ? named.getFile() : named.getOtherFile();
      return file + ": " + reason(failure);
    }
    return reason(failure);
  }
}
