package org.tdaplatform.streaming.job.statistics;

import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.StateTtlConfig;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.tdaplatform.events.JobEvent;
import org.tdaplatform.streaming.job.log.LogTopic;
import org.tdaplatform.streaming.job.log.RawRecord;
import org.tdaplatform.streaming.job.registry.SchemaSource;
import org.tdaplatform.streaming.job.registry.WireFormat;

/** Job by job: versions that were seen are ignored, and the time from its start to its end is known at its end. Counts are metrics too. */
public final class JobHistory extends KeyedProcessFunction<String, RawRecord, JobChange> {
  private static final long serialVersionUID = 1L;

  /** As long as the topic keeps a job's events. */
  private static final Duration KEPT = Duration.ofDays(7);

  private static final String PREFIX = "job.";

  private final SchemaSource schemas;
  private transient WireFormat<JobEvent> format;
  private transient ValueState<Integer> lastVersion;
  private transient ValueState<Long> startedAt;
  private transient Map<String, Counter> counters;
  private transient Counter undecodable;

  public JobHistory(SchemaSource schemas) {
    this.schemas = schemas;
  }

  @Override
  public void open(OpenContext context) {
    format = new WireFormat<>(schemas, LogTopic.JOBS);
    StateTtlConfig ttl = StateTtlConfig.newBuilder(KEPT).build();
    ValueStateDescriptor<Integer> version = new ValueStateDescriptor<>("last-version", Types.INT);
    version.enableTimeToLive(ttl);
    lastVersion = getRuntimeContext().getState(version);
    ValueStateDescriptor<Long> started = new ValueStateDescriptor<>("started-at", Types.LONG);
    started.enableTimeToLive(ttl);
    startedAt = getRuntimeContext().getState(started);
    counters = new HashMap<>();
    undecodable = getRuntimeContext().getMetricGroup().addGroup("tda").counter("undecodable_job_events");
  }

  @Override
  public void processElement(RawRecord record, Context context, Collector<JobChange> out) throws IOException {
    JobEvent event;
    try {
      event = format.decode(record.value);
    } catch (IOException broken) {
      undecodable.inc();
      return;
    }
    Integer last = lastVersion.value();
    if (last != null && event.getVersion() <= last) {
      return;
    }
    lastVersion.update(event.getVersion());
    JobChange.Kind kind = kindOf(event.getType());
    if (kind == null) {
      return;
    }
    if (kind == JobChange.Kind.STARTED) {
      startedAt.update(event.getTime());
    }
    out.collect(new JobChange(event.getAlgorithm(), event.getTime(), kind, durationOf(event, kind)));
    count(event.getAlgorithm(), kind);
  }

  private long durationOf(JobEvent event, JobChange.Kind kind) throws IOException {
    boolean isEnd = kind == JobChange.Kind.COMPLETED || kind == JobChange.Kind.FAILED;
    Long started = isEnd ? startedAt.value() : null;
    return started == null ? -1 : Math.max(0, event.getTime() - started);
  }

  /** null: not counted. */
  private static JobChange.Kind kindOf(String type) {
    for (JobChange.Kind kind : JobChange.Kind.values()) {
      if (type.equals(PREFIX + kind.name().toLowerCase(Locale.ROOT))) {
        return kind;
      }
    }
    return null;
  }

  private void count(String algorithm, JobChange.Kind kind) {
    String name = kind.name().toLowerCase(Locale.ROOT);
    counters
        .computeIfAbsent(
            algorithm + "." + name,
            absent -> getRuntimeContext().getMetricGroup().addGroup("tda").addGroup("algorithm", algorithm).counter("jobs_" + name))
        .inc();
  }
}
