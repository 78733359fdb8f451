package org.tdaplatform.streaming.job.log;

import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.tdaplatform.streaming.job.registry.SchemaSource;
import org.tdaplatform.streaming.job.registry.WireFormat;

/** Records for Kafka: the registry's wire format, CloudEvents in the headers (its Kafka binding, binary mode), the partition by Kafka's partitioner of the key. */
public final class LogRecordWriter implements KafkaRecordSerializationSchema<OutputRecord> {
  private static final long serialVersionUID = 1L;
  private static final Map<LogTopic, String> TYPES =
      Map.of(
          LogTopic.EVENTS, "stream.flush",
          LogTopic.RESULTS, "stream.result",
          LogTopic.REJECTED, "stream.rejected",
          LogTopic.STATISTICS, "job.statistics");

  private final SchemaSource schemas;
  private final String prefix;
  private transient EnumMap<LogTopic, WireFormat<SpecificRecord>> formats;

  public LogRecordWriter(SchemaSource schemas, String prefix) {
    this.schemas = schemas;
    this.prefix = prefix;
  }

  @Override
  public ProducerRecord<byte[], byte[]> serialize(OutputRecord record, KafkaSinkContext context, Long timestamp) {
    if (formats == null) {
      formats = new EnumMap<>(LogTopic.class);
    }
    byte[] value = formats.computeIfAbsent(record.topic, topic -> new WireFormat<>(schemas, topic)).frame(record.value);
    byte[] key = record.key.getBytes(StandardCharsets.UTF_8);
    ProducerRecord<byte[], byte[]> produced = new ProducerRecord<>(record.topic.name(prefix), null, key, value);
    Headers headers = produced.headers();
    put(headers, "ce_specversion", "1.0");
    put(headers, "ce_id", record.id);
    put(headers, "ce_source", "tda/streams");
    put(headers, "ce_type", TYPES.get(record.topic));
    put(headers, "content-type", "application/avro");
    if (!record.engineVersion.isEmpty()) {
      put(headers, "engine_version", record.engineVersion);
    }
    return produced;
  }

  private static void put(Headers headers, String name, String value) {
    headers.add(name, value.getBytes(StandardCharsets.UTF_8));
  }
}
