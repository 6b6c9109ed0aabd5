package io.github.rankfold.models.data;

import io.github.rankfold.models.InvalidInputException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The four files of MNIST and its successors (Fashion-MNIST, Kuzushiji-MNIST, ...) in a folder.
 *
 * <p>{@code train-images-idx3-ubyte}, {@code train-labels-idx1-ubyte}, and the same with {@code
 * t10k} for the test part, which may be absent; each plain, which is then mapped and not copied, or
 * with {@code .gz}. Features have the image's shape, [28, 28], and values byte/255. There are ten
 * classes, or more if a label says so. Format: http://yann.lecun.com/exdb/mnist/
 */
public final class IdxFiles {
  private static final int IMAGES = 0x803;
  private static final int LABELS = 0x801;
  private static final int IMAGES_HEADER = 16;
  private static final int LABELS_HEADER = 8;

  private IdxFiles() {}

  /** Reads the folder's train and, if it is there, test part. */
  public static DataSplit load(Path folder) {
    InputFiles.requireFolder(folder);
    String name = "idx:" + folder;
    boolean hasTest = find(folder, "t10k-images-idx3-ubyte").isPresent();
    int[] trainLabels = labels(require(folder, "train-labels-idx1-ubyte"));
    int[] testLabels = hasTest ? labels(require(folder, "t10k-labels-idx1-ubyte")) : new int[0];
    List<String> classes = ClassNames.covering(name, 10, trainLabels, testLabels);
    LabeledData train = part(folder, "train", trainLabels, classes);
    Optional<LabeledData> test =
        hasTest ? Optional.of(part(folder, "t10k", testLabels, classes)) : Optional.empty();
    return new DataSplit(train, test).named(name);
  }

  private static LabeledData part(Path folder, String prefix, int[] labels, List<String> classes) {
    Path file = require(folder, prefix + "-images-idx3-ubyte");
    ByteBuffer images = InputFiles.bytes(file);
    requireMagic(file, images, IMAGES, IMAGES_HEADER, "images");
    int count = images.getInt(4);
    int rows = images.getInt(8);
    int cols = images.getInt(12);
    if (count <= 0 || rows <= 0 || cols <= 0) {
      throw new InvalidInputException(
          "%s: expected at least one image of at least 1x1, found %d of %dx%d"
              .formatted(file, count, rows, cols));
    }
    // Three 32-bit sizes: a damaged header can overflow a long.
    BigInteger expected =
        BigInteger.valueOf((long) rows * cols).multiply(BigInteger.valueOf(count));
    int found = images.capacity() - IMAGES_HEADER;
    if (!expected.equals(BigInteger.valueOf(found))) {
      throw new InvalidInputException(
          "%s: expected %d bytes for %d images of %dx%d, found %d"
              .formatted(file, expected, count, rows, cols, found));
    }
    if (count != labels.length) {
      throw new InvalidInputException(
          "%s: expected as many labels as images, found %d labels and %d images"
              .formatted(folder.resolve(prefix + "-*"), labels.length, count));
    }
    ByteBuffer pixels = images.slice(IMAGES_HEADER, found);
    return new LabeledData(
        "idx:" + folder,
        Features.ofBytes(pixels, rows * cols, 1.0 / 255),
        List.of(rows, cols),
        labels,
        classes);
  }

  private static int[] labels(Path file) {
    ByteBuffer bytes = InputFiles.bytes(file);
    requireMagic(file, bytes, LABELS, LABELS_HEADER, "labels");
    int count = bytes.getInt(4);
    if (count != bytes.capacity() - LABELS_HEADER) {
      throw new InvalidInputException(
          "%s: expected %d labels of a byte, found %d"
              .formatted(file, count, bytes.capacity() - LABELS_HEADER));
    }
    int[] labels = new int[count];
    for (int i = 0; i < count; i++) {
      labels[i] = Byte.toUnsignedInt(bytes.get(LABELS_HEADER + i));
    }
    return labels;
  }

  private static void requireMagic(
      Path file, ByteBuffer bytes, int magic, int headerBytes, String content) {
    if (bytes.capacity() < headerBytes) {
      throw new InvalidInputException(
          "%s: truncated: expected an IDX header of %d bytes, found %d"
              .formatted(file, headerBytes, bytes.capacity()));
    }
    if (bytes.getInt(0) != magic) {
      throw new InvalidInputException(
          "%s: expected IDX %s of unsigned bytes (magic 0x%08x), found magic 0x%08x"
              .formatted(file, content, magic, bytes.getInt(0)));
    }
  }

  private static Path require(Path folder, String name) {
    return find(folder, name)
        .orElseThrow(
            () ->
                new InvalidInputException(
                    "%s: expected a file %s or %s.gz, found neither"
                        .formatted(folder, name, name)));
  }

  private static Optional<Path> find(Path folder, String name) {
    // Some mirrors write a dot before "idx".
    return List.of(name, name.replace("-idx", ".idx")).stream()
        .flatMap(spelling -> List.of(spelling, spelling + ".gz").stream())
        .map(folder::resolve)
        .filter(Files::exists)
        .findFirst();
  }
}
