package org.tdaplatform.streaming.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.tdaplatform.streaming.EngineFiles;
import org.tdaplatform.streaming.engine.EnginePool;
import org.tdaplatform.streaming.engine.HostEvents;

/** The same bytes as the TypeScript runner: the golden vectors, and a file of random logs where the property `stream.logs` names one. */
class GoldenTest {
  private static EnginePool pool;

  @BeforeAll
  static void start() {
    pool = new EnginePool(EngineFiles.settings(1), HostEvents.NONE);
  }

  @AfterAll
  static void stop() {
    pool.close();
  }

  private static List<Path> goldenFiles() throws IOException {
    try (Stream<Path> files = Files.list(EngineFiles.repository().resolve("streaming/golden"))) {
      return files
          .filter(file -> file.toString().endsWith(".json") && !file.endsWith("partitioner.json"))
          .sorted()
          .toList();
    }
  }

  private static DynamicTest test(String name, LogFile log) {
    return dynamicTest(
        name + ": " + log.summary(),
        () -> {
          RunLog.Written written = pool.submit(engine -> RunLog.run(log, engine)).join();
          assertEquals(log.results(), written.results());
          // Points are in order, and so are windows; how the two interleave is the runner's own.
          assertEquals(log.rejected().stream().sorted().toList(), written.rejected().stream().sorted().toList());
        });
  }

  @TestFactory
  List<DynamicTest> goldenVectors() throws IOException {
    List<DynamicTest> tests = new ArrayList<>();
    for (Path file : goldenFiles()) {
      tests.add(test(file.getFileName().toString(), LogFile.readAll(file).get(0)));
    }
    assertFalse(tests.isEmpty(), "there are golden vectors");
    return tests;
  }

  @TestFactory
  List<DynamicTest> randomLogs() throws IOException {
    String file = System.getProperty("stream.logs", "");
    return file.isEmpty() ? List.of() : LogFile.readAll(Path.of(file)).stream().map(log -> test("random", log)).toList();
  }
}
