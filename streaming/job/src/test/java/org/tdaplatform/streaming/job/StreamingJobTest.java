package org.tdaplatform.streaming.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.testutils.CommonTestUtils;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.test.junit5.InjectMiniCluster;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class StreamingJobTest {
  private static final int UNLIMITED = 1_000_000;

  @RegisterExtension
  static final MiniClusterExtension CLUSTER =
      new MiniClusterExtension(
          new MiniClusterResourceConfiguration.Builder().setNumberTaskManagers(2).setNumberSlotsPerTaskManager(2).build());

  private static void finish(JobClient job) throws Exception {
    job.getJobExecutionResult().get(120, TimeUnit.SECONDS);
  }

  static void awaitResults(TestJob job, int count) throws Exception {
    while (job.resultCount() < count) {
      Thread.sleep(20);
    }
  }

  @Test
  void allStreamsOfAJobGiveWhatEachGivesAlone() throws Exception {
    TestLog log = TestLog.ofGoldenVectors(4);
    TestJob job = new TestJob(log);
    finish(job.start(4, UNLIMITED, null));
    assertEquals(log.results, job.results());
  }

  @Test
  void aJobRescaledFromOneToFourToTwoTasksGivesTheSame(@InjectMiniCluster MiniCluster cluster, @TempDir Path folder)
      throws Exception {
    TestLog log = TestLog.ofGoldenVectors(2);
    TestJob job = new TestJob(log);
    String savepoint = null;
    for (int parallelism : new int[] {1, 4}) {
      int before = job.resultCount();
      JobClient running = job.start(parallelism, log.events.size() / 3, savepoint);
      CommonTestUtils.waitForAllTaskRunning(cluster, running.getJobID(), true);
      awaitResults(job, before + 1);
      savepoint = running.stopWithSavepoint(false, folder.toString(), SavepointFormatType.CANONICAL).get(60, TimeUnit.SECONDS);
    }
    assertTrue(once(job.results()).values().stream().mapToInt(List::size).sum() < log.resultCount(), "it was stopped within the log");
    finish(job.start(2, UNLIMITED, savepoint));
    assertEquals(log.results, once(job.results()));
  }

  /** Savepoints of releases, each in a folder with how many results of each key the job had given. {@link SavepointWriter} makes one. */
  static final Path SAVEPOINTS = Path.of("src/test/resources/savepoints").toAbsolutePath();

  @TestFactory
  List<DynamicTest> aSavepointOfAReleaseGoesOn() throws IOException {
    try (Stream<Path> folders = Files.list(SAVEPOINTS).filter(Files::isDirectory)) {
      List<Path> found = folders.sorted().toList();
      assertFalse(found.isEmpty());
      return found.stream().map(folder -> DynamicTest.dynamicTest(folder.getFileName().toString(), () -> restore(folder))).toList();
    }
  }

  private static void restore(Path folder) throws Exception {
    TestLog log = TestLog.ofFile(SAVEPOINTS.resolve("log.jsonl"));
    TestJob job = new TestJob(log);
    finish(job.start(2, UNLIMITED, folder.resolve("savepoint").toString()));
    Properties given = new Properties();
    given.load(Files.newBufferedReader(folder.resolve("given.properties")));
    int again = 0;
    for (Map.Entry<String, List<String>> key : log.results.entrySet()) {
      List<String> all = key.getValue();
      List<String> results = job.results().getOrDefault(key.getKey(), List.of());
      assertEquals(all.subList(all.size() - results.size(), all.size()), results);
      int alreadyGiven = Integer.parseInt(given.getProperty(nameOf(key.getKey()), "0"));
      assertTrue(results.size() >= all.size() - alreadyGiven, "none is left out");
      again += results.size();
    }
    assertTrue(again < log.resultCount(), "it goes on within the log");
  }

  static String nameOf(String key) {
    return key.replaceAll("[^A-Za-z0-9_-]", "/");
  }

  /** What comes between a savepoint and the end of its job is given again: as the same bytes, of which the store keeps the first. */
  private static Map<String, List<String>> once(Map<String, List<String>> results) {
    Map<String, List<String>> first = new TreeMap<>();
    results.forEach((key, values) -> first.put(key, List.copyOf(new LinkedHashSet<>(values))));
    return first;
  }

  @Test
  void aHundredStartsAndCancelsLeaveNoProcessAndNoThread() throws Exception {
    TestLog log = TestLog.ofGoldenVectors(1);
    TestJob job = new TestJob(log);
    for (int cycle = 0; cycle < 100; cycle++) {
      int before = job.resultCount();
      JobClient running = job.start(2, log.events.size() / 2, null);
      awaitResults(job, before + 1);
      running.cancel().get(30, TimeUnit.SECONDS);
      while (!running.getJobStatus().get().isGloballyTerminalState()) {
        Thread.sleep(5);
      }
    }
    assertEquals(List.of(), engineThreads());
    assertEquals(0, ProcessHandle.current().children().filter(ProcessHandle::isAlive).count());
  }

  private static List<String> engineThreads() {
    return Thread.getAllStackTraces().keySet().stream().map(Thread::getName).filter(name -> name.startsWith("engine-")).toList();
  }
}
