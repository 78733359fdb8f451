package org.tdaplatform.streaming.job.registry;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;
import org.tdaplatform.streaming.codec.EventBinary;
import org.tdaplatform.streaming.job.log.LogTopic;

/** Values of a topic in a registry's wire format: a zero byte, the schema's identifier (4 bytes, big-endian), Avro binary. For one thread. */
public final class WireFormat<T extends SpecificRecord> {
  private static final int HEADER_BYTES = 5;

  /** An identifier that the registry does not know is not asked for again so soon. */
  private static final long UNKNOWN_MS = 10_000;

  /** Of unknown identifiers and of writers' schemas so many are remembered: ours of all releases are a few dozen. */
  private static final int LIMIT = 1_000;

  private final SchemaSource schemas;
  private final LogTopic topic;
  private final Map<Integer, EventBinary<T>> readers = new HashMap<>();
  private final Map<Integer, Long> unknownUntil = new HashMap<>();
  private byte[] header;

  public WireFormat(SchemaSource schemas, LogTopic topic) {
    this.schemas = schemas;
    this.topic = topic;
  }

  /**
   * @throws IOException the bytes are no value of the topic: of an unknown schema, cut off, or something else
   */
  public T decode(byte[] bytes) throws IOException {
    if (bytes == null || bytes.length < HEADER_BYTES || bytes[0] != 0) {
      throw new IOException("The bytes are not in the registry's wire format.");
    }
    return reader(ByteBuffer.wrap(bytes).getInt(1)).decode(bytes, HEADER_BYTES);
  }

  private EventBinary<T> reader(int id) throws IOException {
    EventBinary<T> known = readers.get(id);
    if (known != null) {
      return known;
    }
    if (unknownUntil.getOrDefault(id, 0L) > System.currentTimeMillis()) {
      throw new IOException("The schema " + id + " is not known.");
    }
    Schema schema;
    try {
      schema = schemas.find(id);
    } catch (AvroRuntimeException noAvro) {
      schema = null;
    }
    if (schema == null) {
      remember(unknownUntil, id, System.currentTimeMillis() + UNKNOWN_MS);
      throw new IOException("The schema " + id + " is not known.");
    }
    EventBinary<T> reader = new EventBinary<>(schema, topic.schema());
    remember(readers, id, reader);
    return reader;
  }

  private static <V> void remember(Map<Integer, V> map, int id, V value) {
    if (map.size() >= LIMIT) {
      map.clear();
    }
    map.put(id, value);
  }

  /** Avro binary behind its header. */
  public byte[] frame(byte[] avro) {
    if (header == null) {
      header = ByteBuffer.allocate(HEADER_BYTES).putInt(1, schemas.idOf(topic)).array();
    }
    byte[] framed = new byte[HEADER_BYTES + avro.length];
    System.arraycopy(header, 0, framed, 0, HEADER_BYTES);
    System.arraycopy(avro, 0, framed, HEADER_BYTES, avro.length);
    return framed;
  }
}
