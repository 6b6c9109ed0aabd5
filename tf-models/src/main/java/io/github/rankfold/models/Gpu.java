package io.github.rankfold.models;

import org.tensorflow.DeviceSpec;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.op.Ops;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.types.TFloat32;

/** Whether TensorFlow has a GPU to compute on. */
public final class Gpu {
  private Gpu() {}

  /**
   * Fails without a GPU, where TensorFlow itself would compute on the CPU and say nothing.
   *
   * @param what asks for one
   * @throws InvalidInputException if there is none that TensorFlow can use
   */
  public static void require(String what) {
    if (!isUsable()) {
      throw new InvalidInputException(
          what
              + ": expected a GPU and TensorFlow's build for it (Maven profile gpu), found no GPU"
              + " that TensorFlow can use");
    }
  }

  /**
   * Whether there is one, found by computing something there, as a device may be listed and not
   * work; asked once in a process.
   */
  public static boolean isUsable() {
    return Found.USABLE;
  }

  private static final class Found {
    static final boolean USABLE = computes();
  }

  private static boolean computes() {
    ConfigProto.Builder config = ConfigProto.newBuilder().setAllowSoftPlacement(false);
    Device.AUTO.configure(config);
    DeviceSpec device =
        DeviceSpec.newBuilder().deviceType(DeviceSpec.DeviceType.GPU).deviceIndex(0).build();
    try (Graph graph = new Graph();
        Session session = new Session(graph, config.build())) {
      Ops tf = Ops.create(graph).withDevice(device);
      Operand<TFloat32> half = tf.constant(0.5f);
      try (Result result = session.runner().fetch(tf.math.add(half, half)).run()) {
        return ((TFloat32) result.get(0)).getFloat() == 1;
      }
    } catch (RuntimeException e) { // TensorFlow's exceptions have no other class in common
      return false; // it knows of no such device, or could not use it
    }
  }
}
