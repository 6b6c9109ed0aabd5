package io.github.rankfold.models.data;

import io.github.rankfold.models.InvalidInputException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * NumPy's {@code .npz}: a zip, stored or deflated, of named {@code .npy} arrays.
 *
 * <p>Holds no open file: every {@link #array} opens, reads and closes it.
 */
public final class NpzFile {
  private static final String SUFFIX = ".npy";

  private final Path file;
  private final List<String> keys;

  private NpzFile(Path file, List<String> keys) {
    this.file = file;
    this.keys = List.copyOf(keys);
  }

  /** Reads the list of arrays; what is no {@code .npz} is an input error. */
  public static NpzFile open(Path file) {
    InputFiles.requireFile(file);
    try (ZipFile zip = new ZipFile(file.toFile())) {
      List<String> keys = new ArrayList<>();
      for (ZipEntry entry : Collections.list(zip.entries())) {
        if (entry.getName().endsWith(SUFFIX)) {
          keys.add(entry.getName().substring(0, entry.getName().length() - SUFFIX.length()));
        }
      }
      if (keys.isEmpty()) {
        throw new InvalidInputException(file + ": expected .npy arrays in the archive, found none");
      }
      return new NpzFile(file, keys);
    } catch (IOException e) {
      throw noArchive(file, e);
    }
  }

  /** What the file is in place of an archive, by its first bytes. */
  private static InvalidInputException noArchive(Path file, IOException e) {
    byte[] start;
    try (InputStream in = Files.newInputStream(file)) {
      start = in.readNBytes(8);
    } catch (IOException unread) {
      return new InvalidInputException(file + ": cannot be read: " + unread.getMessage(), unread);
    }
    String found = "a file of another kind";
    if (start.length == 0) {
      found = "an empty file";
    } else if (NpyHeader.startsWithMagic(start)) {
      found = "one .npy array, as numpy.save writes it";
    } else if (start.length > 1 && start[0] == 'P' && start[1] == 'K') {
      found = "one that is cut off or damaged";
    }
    return new InvalidInputException(
        "%s: expected an .npz archive of arrays, as numpy.savez writes it, found %s"
            .formatted(file, found),
        e);
  }

  /** The names of the arrays, as {@code numpy.load(file).files} gives them. */
  public List<String> keys() {
    return keys;
  }

  /** Whether {@link #array} would find this key. */
  public boolean has(String key) {
    return keys.contains(key);
  }

  /** Reads one array; a missing key is an input error that lists the keys found. */
  public NpyArray array(String key) {
    if (!has(key)) {
      throw new InvalidInputException(
          "%s: expected an array \"%s\", found %s".formatted(file, key, String.join(", ", keys)));
    }
    String where = file + ": array " + key;
    try (ZipFile zip = new ZipFile(file.toFile())) {
      ZipEntry entry = zip.getEntry(key + SUFFIX);
      if (entry == null) {
        throw new InvalidInputException(where + ": the file changed while it was being read");
      }
      // ZipFile leaves the checksum to its callers.
      CheckedInputStream in = new CheckedInputStream(zip.getInputStream(entry), new CRC32());
      NpyArray array = NpyArray.read(in, entry.getSize(), where);
      in.transferTo(OutputStream.nullOutputStream());
      if (in.getChecksum().getValue() != entry.getCrc()) {
        throw new InvalidInputException(
            "%s: expected checksum %08x, found %08x: the file is damaged"
                .formatted(where, entry.getCrc(), in.getChecksum().getValue()));
      }
      return array;
    } catch (IOException e) {
      throw unreadable(where, e);
    }
  }

  private static InvalidInputException unreadable(Object where, IOException e) {
    return new InvalidInputException(
        "%s: expected an intact .npz archive, found %s".formatted(where, e.getMessage()), e);
  }
}
