package org.tdaplatform.streaming.job;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.util.Collector;
import org.tdaplatform.streaming.job.log.LogTopic;
import org.tdaplatform.streaming.job.log.OutputRecord;
import org.tdaplatform.streaming.job.log.RawRecord;
import org.tdaplatform.streaming.job.settings.EngineOptions;

/** The job's own topology between a log in memory and a list. */
final class TestJob {
  /** By the number of a test log, in this process. */
  private static final Map<Integer, TestLog> LOGS = Collections.synchronizedMap(new TreeMap<>());

  private static final Map<Integer, Gate> GATES = Collections.synchronizedMap(new TreeMap<>());
  private static final Map<Integer, Map<String, List<String>>> RESULTS = Collections.synchronizedMap(new TreeMap<>());

  final int number;
  private final TestLog log;

  TestJob(TestLog log) {
    this.log = log;
    number = LOGS.size();
    LOGS.put(number, log);
    RESULTS.put(number, new TreeMap<>());
    GATES.put(number, new Gate());
  }

  /** Results as hex, by the records' key, in the order in which the job gave them. */
  Map<String, List<String>> results() {
    synchronized (RESULTS) {
      Map<String, List<String>> copy = new TreeMap<>();
      RESULTS.get(number).forEach((key, values) -> copy.put(key, List.copyOf(values)));
      return copy;
    }
  }

  int resultCount() {
    return results().values().stream().mapToInt(List::size).sum();
  }

  private static void collect(int number, OutputRecord record) {
    synchronized (RESULTS) {
      RESULTS.get(number).computeIfAbsent(record.key, absent -> new ArrayList<>()).add(HexFormat.of().formatHex(record.value));
    }
  }

  /**
   * @param records of events that pass at most, beyond those that passed before
   * @param savepoint null: from the beginning
   */
  JobClient start(int parallelism, long records, String savepoint) throws Exception {
    GATES.get(number).reset();
    GATES.get(number).open(records);
    Configuration configuration = new Configuration();
    configuration.set(StateBackendOptions.STATE_BACKEND, "rocksdb");
    configuration.set(CheckpointingOptions.INCREMENTAL_CHECKPOINTS, true);
    configuration.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofMillis(200));
    configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "disable");
    if (savepoint != null) {
      configuration.set(StateRecoveryOptions.SAVEPOINT_PATH, savepoint);
    }
    StreamExecutionEnvironment environment = StreamExecutionEnvironment.getExecutionEnvironment(configuration);
    environment.setMaxParallelism(Topology.MAX_PARALLELISM);
    environment.setParallelism(parallelism);
    DataStream<RawRecord> events = source(environment, "events", log.events.size(), true, index -> LOGS.get(index[0]).events.get(index[1]));
    DataStream<RawRecord> definitions =
        source(environment, "definitions", log.definitions.size(), false, index -> LOGS.get(index[0]).definitions.get(index[1]));
    DataStream<OutputRecord> output =
        Topology.streams(events, definitions, new FixedSchemas(), new EngineOptions(TestLog.engineHost().toString(), 2, 0));
    int job = number;
    output
        .process(
            new ProcessFunction<OutputRecord, OutputRecord>() {
              private static final long serialVersionUID = 1L;

              @Override
              public void processElement(OutputRecord record, Context context, Collector<OutputRecord> out) {
                if (record.topic == LogTopic.RESULTS) {
                  collect(job, record);
                }
              }
            })
        .uid("collect")
        .sinkTo(new DiscardingSink<>())
        .uid("discard");
    return environment.executeAsync();
  }

  private interface Records extends java.io.Serializable {
    RawRecord at(int[] index);
  }

  private DataStream<RawRecord> source(
      StreamExecutionEnvironment environment, String name, int count, boolean isGated, Records records) {
    int job = number;
    DataGeneratorSource<RawRecord> source =
        new DataGeneratorSource<>(
            index -> records.at(new int[] {job, index.intValue()}),
            count,
            isGated ? parallelism -> GATES.get(job).limiter() : RateLimiterStrategy.noOp(),
            TypeInformation.of(RawRecord.class));
    return environment.fromSource(source, WatermarkStrategy.noWatermarks(), name).setParallelism(1).uid(name);
  }

}
