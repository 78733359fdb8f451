package org.tdaplatform.streaming.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.tdaplatform.streaming.EngineFiles;

class EnginePoolTest {
  private static final double[] SQUARE = {0, 0, 1, 0, 1, 1, 0, 1};

  private static RipsRequest square(int maxDimension, double threshold, long memoryLimitBytes) {
    return new RipsRequest(SQUARE, 4, 2, maxDimension, threshold, memoryLimitBytes);
  }

  /** Hosts that were started, and how many of them die as soon as they run. */
  private static final class Deaths implements HostEvents {
    final ConcurrentLinkedQueue<Long> started = new ConcurrentLinkedQueue<>();
    final AtomicInteger left;

    Deaths(int count) {
      left = new AtomicInteger(count);
    }

    @Override
    public void hostStarted(long processId, String engineVersion) {
      started.add(processId);
      if (left.getAndDecrement() > 0) {
        ProcessHandle.of(processId).ifPresent(ProcessHandle::destroyForcibly);
      }
    }
  }

  private static Throwable causeOf(CompletableFuture<?> future) {
    return assertThrows(CompletionException.class, future::join).getCause();
  }

  @Test
  void aSquareHasOneHole() {
    try (EnginePool pool = new EnginePool(EngineFiles.settings(1), HostEvents.NONE)) {
      RipsResult result = pool.submit(engine -> engine.vietorisRips(square(1, Double.POSITIVE_INFINITY, 0))).join();
      assertArrayEquals(new double[] {0, 1, 0, 1, 0, 1, 0, Double.POSITIVE_INFINITY}, result.diagrams().get(0));
      assertArrayEquals(new double[] {1, Math.sqrt(2)}, result.diagrams().get(1));
      assertEquals(Math.sqrt(2), result.threshold());
    }
  }

  @Test
  void featuresComeInTheirOrder() {
    double[] diagram = {0, 1, 0, Double.POSITIVE_INFINITY};
    List<Feature> features =
        List.of(
            Feature.bettiCurve(diagram, 2, 3),
            Feature.totalPersistence(diagram),
            Feature.bottleneckDistance(new double[] {0, 4}, new double[] {0, 5}),
            Feature.wassersteinDistance(new double[] {0, 4}, new double[0], 1),
            Feature.landscape(new double[] {0, 2}, 2, 3, 2),
            Feature.takensEmbedding(new double[] {1, 2, 3, 4}, 1, 2, 1, 1),
            Feature.farthestPoints(new double[] {0, 1, 10}, 1, 2));
    try (EnginePool pool = new EnginePool(EngineFiles.settings(1), HostEvents.NONE)) {
      List<double[]> values = pool.submit(engine -> engine.features(features, 0)).join();
      assertArrayEquals(new double[] {2, 1, 1}, values.get(0));
      assertArrayEquals(new double[] {1}, values.get(1));
      assertArrayEquals(new double[] {1}, values.get(2));
      assertArrayEquals(new double[] {2}, values.get(3));
      assertArrayEquals(new double[] {0, 1, 0, 0, 0, 0}, values.get(4));
      assertArrayEquals(new double[] {1, 2, 2, 3, 3, 4}, values.get(5));
      assertArrayEquals(new double[] {1, 0, 2}, values.get(6));
    }
  }

  @Test
  void aRefusalHasTheEnginesCodeAndTheHostGoesOn() {
    Deaths events = new Deaths(0);
    try (EnginePool pool = new EnginePool(EngineFiles.settings(1), events)) {
      Throwable refusal = causeOf(pool.submit(engine -> engine.vietorisRips(square(1, Double.POSITIVE_INFINITY, 1))));
      assertEquals("memory_limit_exceeded", assertInstanceOf(EngineException.class, refusal).code());
      Throwable invalid = causeOf(pool.submit(engine -> engine.vietorisRips(square(1, Double.NaN, 0))));
      assertEquals("invalid_threshold", assertInstanceOf(EngineException.class, invalid).code());
      assertEquals(2, pool.submit(engine -> engine.vietorisRips(square(1, 2, 0))).join().diagrams().size());
      assertEquals(1, events.started.size());
    }
  }

  @Test
  void aCallOutlivesTwoHosts() {
    Deaths events = new Deaths(2);
    try (EnginePool pool = new EnginePool(EngineFiles.settings(1), events)) {
      RipsResult result = pool.submit(engine -> engine.vietorisRips(square(1, 2, 0))).join();
      assertEquals(2, result.diagrams().size());
      assertEquals(3, events.started.size());
    }
  }

  @Test
  void aCallThatThreeHostsDieOfIsGivenUpAndTheNextOneIsAnswered() {
    Deaths events = new Deaths(3);
    try (EnginePool pool = new EnginePool(EngineFiles.settings(1), events)) {
      Throwable failure = causeOf(pool.submit(engine -> engine.vietorisRips(square(1, 2, 0))));
      assertEquals(EngineException.CRASHED, assertInstanceOf(EngineException.class, failure).code());
      assertEquals(2, pool.submit(engine -> engine.vietorisRips(square(1, 2, 0))).join().diagrams().size());
    }
  }

  @Test
  void anEngineThatDoesNotStartIsAwayNotWrong() {
    EngineSettings settings = new EngineSettings(Path.of("/bin/false"), 1, 0, 0, 1, 1_000, 1_000);
    try (EnginePool pool = new EnginePool(settings, HostEvents.NONE)) {
      Throwable failure = causeOf(pool.submit(engine -> engine.vietorisRips(square(1, 2, 0))));
      assertInstanceOf(EngineUnavailableException.class, failure);
    }
  }

  @Test
  void aFrozenHostIsReplacedAndItsCallAnsweredByTheNext() throws Exception {
    EngineSettings settings = new EngineSettings(EngineFiles.engineHost(), 1, 0, 0, Long.MAX_VALUE, 10_000, 3_000);
    Deaths events = new Deaths(0);
    try (EnginePool pool = new EnginePool(settings, events)) {
      pool.submit(engine -> engine.vietorisRips(square(1, 2, 0))).join();
      assertEquals(0, new ProcessBuilder("kill", "-STOP", events.started.peek().toString()).start().waitFor());
      RipsResult result = pool.submit(engine -> engine.vietorisRips(square(1, 2, 0))).get(60, TimeUnit.SECONDS);
      assertEquals(2, result.diagrams().size());
      assertTrue(events.started.size() > 1, "by another host");
    }
  }

  @Test
  void withoutAnEngineEveryWindowHasEmptyDiagramsAndNoProcessIsStarted() {
    Deaths events = new Deaths(0);
    try (EnginePool pool = new EnginePool(EngineSettings.withoutEngine(2), events)) {
      RipsResult result = pool.submit(engine -> engine.vietorisRips(square(1, 2, 0))).join();
      assertEquals(2, result.diagrams().size());
      assertEquals(0, result.diagrams().get(0).length + result.diagrams().get(1).length);
      assertEquals(0, events.started.size());
    }
  }

  @Test
  void aHostThatHasGrownIsReplaced() {
    EngineSettings settings = new EngineSettings(EngineFiles.engineHost(), 1, 0, 0, 1, 10_000, 30_000);
    Deaths events = new Deaths(0);
    try (EnginePool pool = new EnginePool(settings, events)) {
      for (int call = 0; call < 3; call++) {
        pool.submit(engine -> engine.vietorisRips(square(1, 2, 0))).join();
      }
      assertEquals(3, events.started.size());
      assertEquals(0, running(new ArrayList<>(events.started).subList(0, 2)));
    }
  }

  @Test
  void closingLeavesNoProcessAndNoThread() {
    Deaths events = new Deaths(0);
    for (int cycle = 0; cycle < 100; cycle++) {
      EnginePool pool = new EnginePool(EngineFiles.settings(2), events);
      List<CompletableFuture<RipsResult>> calls = new ArrayList<>();
      for (int call = 0; call < 4; call++) {
        calls.add(pool.submit(engine -> engine.vietorisRips(square(1, 2, 0))));
      }
      if (cycle % 2 == 0) {
        calls.get(0).join();
      }
      pool.close();
      // Each call has an end: an answer, or that the engine was closed.
      calls.forEach(call -> assertTrue(call.isDone()));
    }
    assertEquals(0, running(events.started));
    assertFalse(Thread.getAllStackTraces().keySet().stream().anyMatch(thread -> thread.getName().startsWith("engine-")));
  }

  /** A program that keeps a pool of two hosts, says which, and does not end by itself. */
  static final class Keeper {
    public static void main(String[] arguments) throws Exception {
      Deaths events = new Deaths(0);
      EnginePool pool = new EnginePool(EngineFiles.settings(2), events);
      while (events.started.size() < 2) {
        pool.submit(engine -> engine.vietorisRips(square(1, 2, 0))).join();
      }
      events.started.forEach(System.out::println);
      Thread.sleep(Long.MAX_VALUE);
    }
  }

  @Test
  void hostsEndWithTheirParentHoweverItEnds() throws Exception {
    Process parent =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElseThrow(),
                "-Drepository.root=" + EngineFiles.repository(),
                "-cp",
                System.getProperty("java.class.path"),
                Keeper.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader out = parent.inputReader()) {
      List<Long> hosts = List.of(Long.valueOf(out.readLine()), Long.valueOf(out.readLine()));
      assertEquals(2, running(hosts));
      parent.destroyForcibly().waitFor();
      for (long host : hosts) {
        ProcessHandle.of(host).ifPresent(left -> left.onExit().orTimeout(30, TimeUnit.SECONDS).join());
      }
    } finally {
      parent.destroyForcibly();
    }
  }

  private static long running(Iterable<Long> processIds) {
    long count = 0;
    for (long processId : processIds) {
      count += ProcessHandle.of(processId).filter(ProcessHandle::isAlive).isPresent() ? 1 : 0;
    }
    return count;
  }
}
