package org.tdaplatform.streaming.job;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Not a test, and not run as one: writes the savepoint that later releases are tried on.
 *
 * <p>{@code mvn -f streaming/pom.xml package -Dtest=SavepointWriter -Dsurefire.failIfNoSpecifiedTests=false -Dsavepoint.write=0.1.0}
 */
class SavepointWriter {
  @RegisterExtension
  static final MiniClusterExtension CLUSTER =
      new MiniClusterExtension(new MiniClusterResourceConfiguration.Builder().setNumberSlotsPerTaskManager(2).build());

  @Test
  void writeASavepointOfThisRelease(@TempDir Path temporary) throws Exception {
    TestLog log = TestLog.ofFile(StreamingJobTest.SAVEPOINTS.resolve("log.jsonl"));
    TestJob job = new TestJob(log);
    JobClient running = job.start(2, log.events.size() / 2, null);
    StreamingJobTest.awaitResults(job, log.resultCount() / 4);
    String savepoint = running.stopWithSavepoint(false, temporary.toString(), SavepointFormatType.CANONICAL).get(60, TimeUnit.SECONDS);
    Path folder = Files.createDirectories(StreamingJobTest.SAVEPOINTS.resolve(System.getProperty("savepoint.write")));
    Files.move(Path.of(URI.create(savepoint)), folder.resolve("savepoint"));
    List<String> lines = new ArrayList<>();
    job.results().forEach((key, results) -> lines.add(StreamingJobTest.nameOf(key) + "=" + results.size()));
    Files.write(folder.resolve("given.properties"), lines);
  }
}
