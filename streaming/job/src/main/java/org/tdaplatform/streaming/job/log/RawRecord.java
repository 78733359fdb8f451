package org.tdaplatform.streaming.job.log;

import java.util.Objects;

/** A record as it is in the log, between operators. Public fields and an empty constructor, as Flink's serializer wants them. */
public final class RawRecord {
  public int partition;
  public long offset;
  public long timestamp;

  /** UTF-8; "" where there is none. */
  public String key;

  /** null: a tombstone. */
  public byte[] value;

  public RawRecord() {}

  public RawRecord(int partition, long offset, long timestamp, String key, byte[] value) {
    this.partition = partition;
    this.offset = offset;
    this.timestamp = timestamp;
    this.key = Objects.requireNonNull(key);
    this.value = value;
  }

  public String key() {
    return key;
  }
}
