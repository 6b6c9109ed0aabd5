package io.github.rankfold.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class BackgroundTaskTest {
  @Test
  void runsBesideTheCaller() {
    CountDownLatch released = new CountDownLatch(1);
    try (BackgroundTask<Thread> task =
        BackgroundTask.start(
            "waiter",
            () -> {
              await(released);
              return Thread.currentThread();
            })) {
      released.countDown(); // never reached if the work were done in this thread
      assertEquals("waiter", task.result().getName());
    }
  }

  @Test
  void whatTheWorkThrowsIsThrownByTheResult() {
    InvalidInputException bad = new InvalidInputException("bad");
    try (BackgroundTask<String> task = BackgroundTask.start("failing", () -> fail(bad))) {
      assertEquals(bad, assertThrows(InvalidInputException.class, task::result));
    }
    StackOverflowError error = new StackOverflowError();
    try (BackgroundTask<String> task = BackgroundTask.start("failing", () -> fail(error))) {
      assertEquals(error, assertThrows(StackOverflowError.class, task::result));
    }
  }

  @Test
  void closingWaitsForTheEndAndDropsAFailure() {
    CountDownLatch released = new CountDownLatch(1);
    AtomicBoolean ended = new AtomicBoolean();
    BackgroundTask<String> task =
        BackgroundTask.start(
            "slow",
            () -> {
              await(released);
              ended.set(true);
              return fail(new IllegalStateException("nobody asked"));
            });
    new Thread(released::countDown).start();
    Thread.currentThread().interrupt();
    task.close();
    assertTrue(ended.get());
    assertTrue(Thread.interrupted(), "an interrupt is kept for the caller");
  }

  @Test
  void anInterruptedCallerIsToldAndStaysInterrupted() {
    CountDownLatch released = new CountDownLatch(1);
    try (BackgroundTask<String> task =
        BackgroundTask.start(
            "slow",
            () -> {
              await(released);
              return "done";
            })) {
      Thread.currentThread().interrupt();
      assertThrows(CancellationException.class, task::result);
      assertTrue(Thread.interrupted());
      released.countDown();
      assertEquals("done", task.result());
      assertFalse(Thread.currentThread().isInterrupted());
    }
  }

  private static String fail(RuntimeException failure) {
    throw failure;
  }

  private static String fail(Error failure) {
    throw failure;
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
