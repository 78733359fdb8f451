package org.tdaplatform.streaming.codec;

import org.apache.avro.specific.SpecificRecord;
import org.tdaplatform.events.StreamRejection;
import org.tdaplatform.events.StreamResult;
import org.tdaplatform.streaming.window.Rejections;

/** Results and rejections as the bytes that go into the log. For one thread. */
public final class WrittenValues {
  /** Of a record's value, with the registry's header. */
  public static final int RECORD_LIMIT_BYTES = 4_194_304;

  private static final int HEADER_BYTES = 5;

  /**
   * @param value what the bytes are of: where a result is larger than a record may be, a rejection in its place
   * @param bytes Avro binary, without the registry's header
   */
  public record Written(SpecificRecord value, byte[] bytes) {}

  private final EventBinary<StreamResult> results = new EventBinary<>(StreamResult.getClassSchema());
  private final EventBinary<StreamRejection> rejections = new EventBinary<>(StreamRejection.getClassSchema());

  public Written write(SpecificRecord value) {
    if (value instanceof StreamResult result) {
      byte[] bytes = results.encode(result);
      return bytes.length + HEADER_BYTES > RECORD_LIMIT_BYTES ? write(Rejections.ofOversized(result)) : new Written(result, bytes);
    }
    return new Written(value, rejections.encode((StreamRejection) value));
  }
}
