package org.tdaplatform.streaming.codec;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.avro.Schema;
import org.apache.avro.message.BinaryMessageDecoder;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;

/**
 * Events in saved state, in Avro's single-object encoding: each has the fingerprint of its schema, so that states of earlier releases stay readable when
 * their schemas are added to the decoder.
 */
public final class SavedEvents<T extends SpecificRecord> {
  private final BinaryMessageEncoder<T> encoder;
  private final BinaryMessageDecoder<T> decoder;

  public SavedEvents(Schema schema) {
    EventClasses.trust();
    encoder = new BinaryMessageEncoder<>(SpecificData.get(), schema);
    decoder = new BinaryMessageDecoder<>(SpecificData.get(), schema);
  }

  public byte[] encode(T value) {
    try {
      ByteBuffer encoded = encoder.encode(value);
      byte[] bytes = new byte[encoded.remaining()];
      encoded.get(bytes);
      return bytes;
    } catch (IOException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /**
   * @throws IOException of a schema that is not known
   */
  public T decode(byte[] bytes) throws IOException {
    return decoder.decode(ByteBuffer.wrap(bytes));
  }
}
