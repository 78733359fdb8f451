package org.tdaplatform.streaming.job.statistics;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;
import org.tdaplatform.events.JobEvent;
import org.tdaplatform.events.JobStatistics;
import org.tdaplatform.streaming.codec.EventBinary;
import org.tdaplatform.streaming.job.FixedSchemas;
import org.tdaplatform.streaming.job.log.LogTopic;
import org.tdaplatform.streaming.job.log.OutputRecord;
import org.tdaplatform.streaming.job.log.RawRecord;
import org.tdaplatform.streaming.job.registry.WireFormat;

class JobStatisticsTest {
  private static RawRecord event(String job, int version, String type, String algorithm, long time) {
    JobEvent event = new JobEvent("prj", job, version, type, algorithm, "running", 1, 0.0, null, null, time);
    byte[] avro = new EventBinary<JobEvent>(JobEvent.getClassSchema()).encode(event);
    return new RawRecord(0, 0, 0, job, new WireFormat<JobEvent>(new FixedSchemas(), LogTopic.JOBS).frame(avro));
  }

  private static List<JobChange> changes(RawRecord... events) throws Exception {
    var operator = new KeyedProcessOperator<>(new JobHistory(new FixedSchemas()));
    try (var harness = new KeyedOneInputStreamOperatorTestHarness<>(operator, RawRecord::key, Types.STRING)) {
      harness.open();
      for (RawRecord event : events) {
        harness.processElement(event, 0);
      }
      return harness.extractOutputValues();
    }
  }

  private static List<JobStatistics> statistics(List<List<JobChange>> parts) throws Exception {
    var operator = new KeyedProcessOperator<>(new MinuteStatistics());
    try (var harness = new KeyedOneInputStreamOperatorTestHarness<>(operator, JobChange::key, Types.STRING)) {
      harness.open();
      long now = 0;
      for (List<JobChange> part : parts) {
        for (JobChange change : part) {
          harness.processElement(change, 0);
        }
        now += 10_000;
        harness.setProcessingTime(now);
      }
      List<JobStatistics> written = new ArrayList<>();
      for (OutputRecord record : harness.extractOutputValues()) {
        assertEquals(LogTopic.STATISTICS, record.topic);
        written.add(new EventBinary<JobStatistics>(JobStatistics.getClassSchema()).decode(record.value, 0));
      }
      return written;
    }
  }

  @Test
  void aJobIsCountedOnceHoweverOftenItsEventsCome() throws Exception {
    RawRecord started = event("a", 2, "job.started", "vietoris-rips", 61_000);
    RawRecord completed = event("a", 4, "job.completed", "vietoris-rips", 125_000);
    List<JobChange> changes =
        changes(event("a", 1, "job.submitted", "vietoris-rips", 59_999), started, event("a", 3, "job.progress", "vietoris-rips", 62_000), completed, started, completed);
    assertEquals(
        List.of(JobChange.Kind.SUBMITTED, JobChange.Kind.STARTED, JobChange.Kind.COMPLETED), changes.stream().map(change -> change.kind).toList());
    assertEquals(List.of(0L, 60_000L, 120_000L), changes.stream().map(change -> change.minute).toList());
    assertEquals(64_000, changes.get(2).durationMs);
  }

  @Test
  void whatIsNoJobEventIsLeftOut() throws Exception {
    assertEquals(List.of(), changes(new RawRecord(0, 0, 0, "a", new byte[] {1}), new RawRecord(0, 0, 0, "a", null)));
  }

  @Test
  void aMinuteIsWrittenSoFarAndAgainAfterAChange() throws Exception {
    JobChange done = new JobChange("a", 5, JobChange.Kind.COMPLETED, 100);
    JobChange failed = new JobChange("a", 6, JobChange.Kind.FAILED, 300);
    List<JobStatistics> written = statistics(List.of(List.of(done, done, done), List.of(), List.of(failed)));
    assertEquals(
        List.of(
            new JobStatistics("a", 0L, 0L, 0L, 3L, 0L, 0L, 0.0, 300L, 100L), new JobStatistics("a", 0L, 0L, 0L, 3L, 1L, 0L, 0.25, 600L, 300L)),
        written);
  }

  @Test
  void anotherMinuteAndAnotherAlgorithmAreCountedApart() throws Exception {
    List<JobStatistics> written =
        statistics(
            List.of(
                List.of(
                    new JobChange("a", -1, JobChange.Kind.SUBMITTED, -1),
                    new JobChange("a", 0, JobChange.Kind.CANCELLED, -1),
                    new JobChange("b", 0, JobChange.Kind.STARTED, -1))));
    assertEquals(3, written.size());
    assertEquals(List.of(-60_000L, 0L, 0L), written.stream().map(JobStatistics::getMinute).sorted().toList());
  }
}
