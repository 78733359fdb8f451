package org.tdaplatform.streaming.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.Test;
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

  private static void awaitResults(TestJob job, int count) throws Exception {
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
  void aJobRescaledFromOneToFourToTwoTasksGivesTheSame(@TempDir Path folder) throws Exception {
    TestLog log = TestLog.ofGoldenVectors(2);
    TestJob job = new TestJob(log);
    int all = log.results.values().stream().mapToInt(List::size).sum();
    double perSecond = log.events.size() / 6.0;
    String savepoint = null;
    for (int parallelism : new int[] {1, 4}) {
      JobClient running = job.start(parallelism, perSecond, savepoint);
      awaitResults(job, parallelism == 1 ? all / 3 : 2 * all / 3);
      savepoint = running.stopWithSavepoint(false, folder.toString(), SavepointFormatType.CANONICAL).get(60, TimeUnit.SECONDS);
      assertTrue(job.resultCount() < all, "it was stopped before the end");
    }
    finish(job.start(2, UNLIMITED, savepoint));
    assertEquals(log.results, job.results());
  }

  @Test
  void aHundredStartsAndCancelsLeaveNoProcessAndNoThread() throws Exception {
    TestJob job = new TestJob(TestLog.ofGoldenVectors(1));
    for (int cycle = 0; cycle < 100; cycle++) {
      int before = job.resultCount();
      JobClient running = job.start(2, 2_000, null);
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
