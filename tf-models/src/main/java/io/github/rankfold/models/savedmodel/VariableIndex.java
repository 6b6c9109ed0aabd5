package io.github.rankfold.models.savedmodel;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import io.github.rankfold.models.InvalidInputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.zip.CRC32C;
import org.tensorflow.proto.BundleEntryProto;
import org.tensorflow.proto.BundleHeaderProto;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.TensorShapeProto;

/**
 * Checks the index of a model's variables, {@code variables.index}, and that its data files are
 * there and long enough. TensorFlow trusts the index's lengths, and ends the process on wrong ones.
 *
 * <p>The file is a sorted table in the manner of LevelDB: blocks of key and value, each with a
 * CRC-32C, an index block that says where they are, and a footer that says where that is.
 */
public final class VariableIndex {
  private static final long MAGIC = 0xdb4775248b80fb57L;
  private static final int FOOTER = 48;
  private static final int TRAILER = 5;
  private static final int MAX_SHARDS = 100_000;
  private static final long MAX_BYTES = 1L << 30;

  private final Path file;
  private final byte[] bytes;
  private final Map<String, List<Long>> shapes = new HashMap<>();
  private int shards = -1;

  private VariableIndex(Path file, byte[] bytes) {
    this.file = file;
    this.bytes = bytes;
  }

  /**
   * Returns where TensorFlow can be given these variables, or where there are none.
   *
   * @return the shape that is saved under each key
   */
  public static Map<String, List<Long>> check(SavedModelFolder model) {
    Path file = model.folder().resolve("variables").resolve("variables.index");
    if (!Files.exists(file)) {
      return Map.of();
    }
    try {
      if (!Files.isRegularFile(file) || Files.size(file) > MAX_BYTES) {
        throw new InvalidInputException(
            file + ": expected an index of variables of at most 1 GB, found none");
      }
      VariableIndex index = new VariableIndex(file, Files.readAllBytes(file));
      index.check();
      return Collections.unmodifiableMap(index.shapes);
    } catch (IOException e) {
      throw new InvalidInputException(
          file + ": expected an index of variables, found a damaged one: " + e.getMessage(), e);
    }
  }

  private void check() throws IOException {
    if (bytes.length < FOOTER
        || ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong(bytes.length - 8)
            != MAGIC) {
      throw damaged("no footer");
    }
    CodedInputStream footer = CodedInputStream.newInstance(bytes, bytes.length - FOOTER, 40);
    entries(block(footer), (key, value) -> {});
    entries(
        block(footer),
        (key, handle) -> entries(block(CodedInputStream.newInstance(handle)), this::checkEntry));
    if (shards < 0) {
      throw damaged("no header");
    }
  }

  /** The content of the block at the next position and length that {@code handle} gives. */
  private byte[] block(CodedInputStream handle) {
    try {
      long from = handle.readRawVarint64();
      long length = handle.readRawVarint64();
      if (from < 0 || length < 0 || from > bytes.length || length > bytes.length - from - TRAILER) {
        throw damaged("a block beyond its end");
      }
      int end = (int) (from + length);
      CRC32C crc = new CRC32C();
      crc.update(bytes, (int) from, (int) length + 1);
      int masked = Integer.rotateRight((int) crc.getValue(), 15) + 0xa282ead8;
      int stored = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(end + 1);
      if (bytes[end] != 0 || masked != stored) {
        throw damaged("a block with a wrong checksum");
      }
      return Arrays.copyOfRange(bytes, (int) from, end);
    } catch (IOException e) {
      throw damaged("no place of a block");
    }
  }

  private void entries(byte[] block, BiConsumer<String, byte[]> each) {
    if (block.length < 4) {
      throw damaged("an empty block");
    }
    ByteBuffer words = ByteBuffer.wrap(block).order(ByteOrder.LITTLE_ENDIAN);
    long restarts = Integer.toUnsignedLong(words.getInt(block.length - 4));
    long end = block.length - 4 - 4 * restarts;
    if (restarts < 1 || end < 0) {
      throw damaged("a block without its entries");
    }
    for (int i = 0; i < restarts; i++) {
      int restart = words.getInt((int) end + 4 * i);
      if (restart < 0 || restart > end) {
        throw damaged("an entry beyond its block");
      }
    }
    CodedInputStream in = CodedInputStream.newInstance(block, 0, (int) end);
    byte[] key = new byte[0];
    try {
      while (!in.isAtEnd()) {
        int shared = in.readRawVarint32();
        int added = in.readRawVarint32();
        int length = in.readRawVarint32();
        if (shared < 0 || shared > key.length || added < 0 || length < 0) {
          throw damaged("an entry without its key");
        }
        byte[] rest = in.readRawBytes(added);
        byte[] next = Arrays.copyOf(key, shared + added);
        System.arraycopy(rest, 0, next, shared, added);
        key = next;
        each.accept(new String(key, StandardCharsets.UTF_8), in.readRawBytes(length));
      }
    } catch (IOException e) {
      throw damaged("an entry that is cut off");
    }
  }

  private void checkEntry(String name, byte[] value) {
    try {
      if (name.isEmpty()) {
        shards = BundleHeaderProto.parseFrom(value).getNumShards();
        if (shards < 0 || shards > MAX_SHARDS) {
          throw damaged(shards + " data files");
        }
      } else {
        checkVariable(name, BundleEntryProto.parseFrom(value));
      }
    } catch (InvalidProtocolBufferException e) {
      throw damaged("an entry that cannot be read, " + name);
    }
  }

  private void checkVariable(String name, BundleEntryProto entry) {
    long values = 1;
    for (TensorShapeProto.Dim dim : entry.getShape().getDimList()) {
      if (dim.getSize() < 0 || (dim.getSize() > 0 && values > Long.MAX_VALUE / dim.getSize())) {
        throw damaged("the variable %s with a size of %d".formatted(name, dim.getSize()));
      }
      values *= dim.getSize();
    }
    shapes.put(
        name, entry.getShape().getDimList().stream().map(TensorShapeProto.Dim::getSize).toList());
    if (entry.getSlicesCount() > 0) {
      return; // its parts have entries of their own
    }
    long size = entry.getSize();
    int width = ConstantSizes.width(entry.getDtype());
    boolean fits =
        width > 0
            ? size % width == 0 && size / width == values
            : size >= (entry.getDtype() == DataType.DT_STRING ? values : 0);
    if (size < 0 || entry.getOffset() < 0 || !fits) {
      throw damaged(
          "the variable %s of %d values of type %s in %d bytes"
              .formatted(name, values, entry.getDtype(), size));
    }
    if (entry.getShardId() < 0 || entry.getShardId() >= shards) {
      throw damaged("the variable %s in file %d of %d".formatted(name, entry.getShardId(), shards));
    }
    Path data =
        file.resolveSibling(
            String.format(Locale.ROOT, "variables.data-%05d-of-%05d", entry.getShardId(), shards));
    long found = lengthOf(data);
    if (found < 0 || entry.getOffset() > found - size) {
      throw new InvalidInputException(
          "%s: expected the %d bytes of the variable %s from byte %d on, found %s"
              .formatted(
                  data,
                  size,
                  name,
                  entry.getOffset(),
                  found < 0 ? "no such file" : "a file of %d bytes".formatted(found)));
    }
  }

  private static long lengthOf(Path data) {
    try {
      return Files.isRegularFile(data) ? Files.size(data) : -1;
    } catch (IOException e) {
      return -1;
    }
  }

  private InvalidInputException damaged(String found) {
    return new InvalidInputException(
        file + ": expected an index of variables, found a damaged one: " + found);
  }
}
