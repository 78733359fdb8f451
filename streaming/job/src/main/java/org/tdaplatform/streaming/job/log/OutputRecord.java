package org.tdaplatform.streaming.job.log;

/** A record to be written, between operators. Public fields and an empty constructor, as Flink's serializer wants them. */
public final class OutputRecord {
  public LogTopic topic;

  /** Decides the partition. */
  public String key;

  /** Avro binary, without the registry's header. */
  public byte[] value;

  /** CloudEvents: unique under the source, and the same whenever the record is written again. */
  public String id;

  /** Of the hosts of the TaskManager; "" where none had a part in it. */
  public String engineVersion;

  public OutputRecord() {}

  public OutputRecord(LogTopic topic, String key, byte[] value, String id, String engineVersion) {
    this.topic = topic;
    this.key = key;
    this.value = value;
    this.id = id;
    this.engineVersion = engineVersion;
  }

  public LogTopic topic() {
    return topic;
  }
}
