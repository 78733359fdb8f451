package org.tdaplatform.streaming.job;

import java.time.Duration;
import java.util.Properties;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExecutionOptions;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.tdaplatform.streaming.codec.WrittenValues;
import org.tdaplatform.streaming.job.log.LogRecordWriter;
import org.tdaplatform.streaming.job.log.LogTopic;
import org.tdaplatform.streaming.job.log.OutputRecord;
import org.tdaplatform.streaming.job.log.RawRecord;
import org.tdaplatform.streaming.job.log.RawRecordReader;
import org.tdaplatform.streaming.job.log.StartingOffsets;
import org.tdaplatform.streaming.job.registry.SchemaRegistry;
import org.tdaplatform.streaming.job.registry.SchemaSource;
import org.tdaplatform.streaming.job.settings.JobSettings;
import org.tdaplatform.streaming.job.settings.TransactionPreflight;

/** All streams of a deployment as one Flink job: creating, changing or deleting a stream restarts nothing. */
public final class StreamingJob {
  /** How long a record may wait for others between two tasks. */
  private static final long BUFFER_TIMEOUT_MS = 5;

  private StreamingJob() {}

  public static void main(String[] arguments) throws Exception {
    JobSettings settings = JobSettings.parse(arguments);
    TransactionPreflight.check(settings);
    StreamExecutionEnvironment environment = StreamExecutionEnvironment.getExecutionEnvironment(configuration(settings));
    environment.setMaxParallelism(Topology.MAX_PARALLELISM);
    if (settings.parallelism() > 0) {
      environment.setParallelism(settings.parallelism());
    }
    build(environment, settings);
    environment.execute("tda-streams");
  }

  /** What the job needs of its cluster; where checkpoints go is the cluster's own. */
  static Configuration configuration(JobSettings settings) {
    Configuration configuration = new Configuration();
    configuration.set(StateBackendOptions.STATE_BACKEND, "rocksdb");
    configuration.set(CheckpointingOptions.INCREMENTAL_CHECKPOINTS, true);
    configuration.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofMillis(settings.checkpointIntervalMs()));
    configuration.set(CheckpointingOptions.CHECKPOINTING_TIMEOUT, Duration.ofMillis(settings.checkpointTimeoutMs()));
    configuration.set(CheckpointingOptions.TOLERABLE_FAILURE_NUMBER, 3);
    // Without slots an attempt fails about once a second: it goes on until a TaskManager is back.
    configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
    configuration.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, Integer.MAX_VALUE);
    configuration.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofSeconds(1));
    // Flink's own 100 ms is most of what a result would wait for.
    configuration.set(ExecutionOptions.BUFFER_TIMEOUT, Duration.ofMillis(BUFFER_TIMEOUT_MS));
    configuration.set(PipelineOptions.GENERIC_TYPES, false);
    configuration.set(PipelineOptions.OBJECT_REUSE, true);
    return configuration;
  }

  static void build(StreamExecutionEnvironment environment, JobSettings settings) {
    SchemaSource schemas = SchemaSource.of(new SchemaRegistry(settings.registryUrl()), settings.prefix());
    DataStream<RawRecord> events = source(environment, settings, LogTopic.EVENTS, settings.isStartCommitted(), OperatorIds.EVENTS, 0);
    // All definitions are needed, wherever the events begin.
    DataStream<RawRecord> definitions = source(environment, settings, LogTopic.STREAMS, false, OperatorIds.DEFINITIONS, 1);
    DataStream<RawRecord> jobs = source(environment, settings, LogTopic.JOBS, settings.isStartCommitted(), OperatorIds.JOBS, 0);
    DataStream<OutputRecord> results = Topology.streams(events, definitions, schemas, settings.engine());
    sink(results.union(Topology.statistics(jobs, schemas)), schemas, settings);
  }

  private static DataStream<RawRecord> source(
      StreamExecutionEnvironment environment, JobSettings settings, LogTopic topic, boolean isCommitted, String id, int parallelism) {
    Properties kafka = settings.kafkaProperties();
    kafka.setProperty("isolation.level", "read_committed");
    kafka.setProperty("partition.discovery.interval.ms", "60000");
    KafkaSource<RawRecord> source =
        KafkaSource.<RawRecord>builder()
            .setProperties(kafka)
            .setTopics(topic.name(settings.prefix()))
            .setGroupId(settings.group())
            .setClientIdPrefix(settings.group() + "-" + id)
            .setStartingOffsets(new StartingOffsets(isCommitted))
            .setDeserializer(new RawRecordReader())
            .build();
    var stream = environment.fromSource(source, WatermarkStrategy.noWatermarks(), id).uid(id);
    return parallelism > 0 ? stream.setParallelism(parallelism) : stream;
  }

  private static void sink(DataStream<OutputRecord> records, SchemaSource schemas, JobSettings settings) {
    Properties kafka = settings.kafkaProperties();
    kafka.putIfAbsent("acks", "all");
    kafka.putIfAbsent("enable.idempotence", "true");
    kafka.putIfAbsent("compression.type", "lz4");
    kafka.putIfAbsent("linger.ms", "5");
    // A record's value, its key and headers, before they are compressed.
    kafka.setProperty("max.request.size", Integer.toString(2 * WrittenValues.RECORD_LIMIT_BYTES));
    kafka.setProperty("transaction.timeout.ms", Long.toString(settings.transactionTimeoutMs()));
    KafkaSink<OutputRecord> sink =
        KafkaSink.<OutputRecord>builder()
            .setKafkaProducerConfig(kafka)
            .setBootstrapServers(settings.kafka().get("bootstrap.servers"))
            .setDeliveryGuarantee(settings.delivery().guarantee())
            .setTransactionalIdPrefix(settings.group())
            .setRecordSerializer(new LogRecordWriter(schemas, settings.prefix()))
            .build();
    records.sinkTo(sink).name(OperatorIds.LOG).uid(OperatorIds.LOG);
  }
}
