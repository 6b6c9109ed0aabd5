package io.github.rankfold.models.data;

import io.github.rankfold.models.InvalidInputException;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/** Opens files of data; what is missing, empty or damaged becomes an input error. */
final class InputFiles {
  /** What one buffer holds. */
  private static final long MAX_BYTES = Integer.MAX_VALUE - 8;

  private InputFiles() {}

  static void requireFile(Path file) {
    if (Files.isDirectory(file)) {
      throw new InvalidInputException(file + ": expected a file, found a folder");
    }
    if (!Files.exists(file)) {
      throw new InvalidInputException(file + ": no such file");
    }
    if (!Files.isReadable(file)) {
      throw new InvalidInputException(file + ": cannot be read: permission denied");
    }
  }

  static void requireFolder(Path folder) {
    if (!Files.exists(folder)) {
      throw new InvalidInputException(folder + ": no such folder");
    }
    if (!Files.isDirectory(folder)) {
      throw new InvalidInputException(folder + ": expected a folder, found a file");
    }
  }

  /** All bytes: a plain file is mapped, one that ends in {@code .gz} is inflated into memory. */
  static ByteBuffer bytes(Path file) {
    requireFile(file);
    try {
      if (isGzip(file)) {
        try (InputStream in = stream(file)) {
          return ByteBuffer.wrap(in.readAllBytes()).asReadOnlyBuffer();
        }
      }
      try (FileChannel channel = FileChannel.open(file)) {
        if (channel.size() > MAX_BYTES) {
          throw new InvalidInputException(
              "%s: expected a file below 2 GiB, found %d bytes".formatted(file, channel.size()));
        }
        return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
      }
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  /** The content of a plain or gzipped file; whoever calls closes it. */
  static InputStream stream(Path file) throws IOException {
    requireFile(file);
    InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
    if (!isGzip(file)) {
      return in;
    }
    try {
      return new GZIPInputStream(in, 1 << 16);
    } catch (IOException | RuntimeException e) {
      in.close();
      throw e;
    }
  }

  /** What to tell a user about a failed read. */
  static InvalidInputException unreadable(Path file, IOException e) {
    if (isGzip(file) && e instanceof EOFException) {
      return new InvalidInputException(
          file + ": expected an intact gzip file, found a truncated one", e);
    }
    if (isGzip(file) && e instanceof ZipException) {
      return new InvalidInputException(
          "%s: expected an intact gzip file, found: %s".formatted(file, e.getMessage()), e);
    }
    return new InvalidInputException("%s: cannot be read: %s".formatted(file, e), e);
  }

  private static boolean isGzip(Path file) {
    return file.toString().endsWith(".gz");
  }
}
