package org.tdaplatform.streaming.job.statistics;

import java.io.IOException;
import java.util.Arrays;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeutils.base.array.BytePrimitiveArraySerializer;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.tdaplatform.events.JobStatistics;
import org.tdaplatform.streaming.codec.EventBinary;
import org.tdaplatform.streaming.codec.SavedEvents;
import org.tdaplatform.streaming.job.log.LogTopic;
import org.tdaplatform.streaming.job.log.OutputRecord;

/**
 * Counts of an algorithm's minute. They are written so far a few seconds after a change, and again after later ones: no clock of others' decides when a minute
 * is complete.
 */
public final class MinuteStatistics extends KeyedProcessFunction<String, JobChange, OutputRecord> {
  private static final long serialVersionUID = 1L;
  private static final long WRITTEN_AFTER_MS = 2_000;

  /** A minute without a change for so long is forgotten. */
  private static final long KEPT_MS = 3_600_000;

  private transient ValueState<byte[]> counts;
  private transient ValueState<byte[]> written;
  private transient SavedEvents<JobStatistics> saved;
  private transient EventBinary<JobStatistics> binary;

  @Override
  public void open(OpenContext context) {
    counts = getRuntimeContext().getState(new ValueStateDescriptor<>("counts", BytePrimitiveArraySerializer.INSTANCE));
    written = getRuntimeContext().getState(new ValueStateDescriptor<>("written", BytePrimitiveArraySerializer.INSTANCE));
    saved = new SavedEvents<>(JobStatistics.getClassSchema());
    binary = new EventBinary<>(JobStatistics.getClassSchema());
  }

  @Override
  public void processElement(JobChange change, Context context, Collector<OutputRecord> out) throws IOException {
    byte[] bytes = counts.value();
    JobStatistics statistics = bytes == null ? none(change) : saved.decode(bytes);
    add(statistics, change);
    counts.update(saved.encode(statistics));
    long now = context.timerService().currentProcessingTime();
    // Rounded up, so that many changes have one timer.
    context.timerService().registerProcessingTimeTimer((now / WRITTEN_AFTER_MS + 1) * WRITTEN_AFTER_MS);
    context.timerService().registerProcessingTimeTimer((now / KEPT_MS + 2) * KEPT_MS);
  }

  private static JobStatistics none(JobChange change) {
    return new JobStatistics(change.algorithm, change.minute, 0L, 0L, 0L, 0L, 0L, null, 0L, 0L);
  }

  private static void add(JobStatistics statistics, JobChange change) {
    switch (change.kind) {
      case SUBMITTED -> statistics.setSubmitted(statistics.getSubmitted() + 1);
      case STARTED -> statistics.setStarted(statistics.getStarted() + 1);
      case COMPLETED -> statistics.setCompleted(statistics.getCompleted() + 1);
      case FAILED -> statistics.setFailed(statistics.getFailed() + 1);
      case CANCELLED -> statistics.setCancelled(statistics.getCancelled() + 1);
    }
    if (change.durationMs >= 0) {
      statistics.setDurationMsSum(statistics.getDurationMsSum() + change.durationMs);
      statistics.setDurationMsMax(Math.max(statistics.getDurationMsMax(), change.durationMs));
    }
    long ended = statistics.getCompleted() + statistics.getFailed();
    statistics.setFailureRate(ended == 0 ? null : (double) statistics.getFailed() / ended);
  }

  @Override
  public void onTimer(long timestamp, OnTimerContext context, Collector<OutputRecord> out) throws IOException {
    byte[] bytes = counts.value();
    if (bytes == null) {
      return;
    }
    byte[] value = binary.encode(saved.decode(bytes));
    byte[] last = written.value();
    if (!Arrays.equals(value, last)) {
      written.update(value);
      String key = context.getCurrentKey();
      out.collect(new OutputRecord(LogTopic.STATISTICS, key, value, key.replace('\n', '/') + "#" + timestamp, ""));
    } else if (timestamp % KEPT_MS == 0) {
      counts.clear();
      written.clear();
    }
  }
}
