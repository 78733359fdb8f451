package org.tdaplatform.streaming.codec;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;

/**
 * Avro binary of one kind of events, without the registry's header. Equal values give the same bytes as in TypeScript: each array is one block. For one
 * thread at a time.
 */
public final class EventBinary<T extends SpecificRecord> {
  static {
    EventClasses.trust();
  }

  private final SpecificDatumWriter<T> writer;
  private final SpecificDatumReader<T> reader;
  private final ByteArrayOutputStream buffer = new ByteArrayOutputStream();
  private BinaryEncoder encoder;
  private BinaryDecoder decoder;

  /** Reads what was written with the same schema. */
  public EventBinary(Schema schema) {
    this(schema, schema);
  }

  /** Reads what was written with an older schema, or a newer one. */
  public EventBinary(Schema writerSchema, Schema schema) {
    writer = new SpecificDatumWriter<>(schema);
    reader = new SpecificDatumReader<>(writerSchema, schema);
  }

  public byte[] encode(T value) {
    buffer.reset();
    encodeTo(buffer, value);
    return buffer.toByteArray();
  }

  /** Behind a header of the caller's. */
  public byte[] encode(byte[] header, T value) {
    buffer.reset();
    buffer.writeBytes(header);
    encodeTo(buffer, value);
    return buffer.toByteArray();
  }

  private void encodeTo(ByteArrayOutputStream out, T value) {
    try {
      encoder = EncoderFactory.get().binaryEncoder(out, encoder);
      writer.write(value, encoder);
      encoder.flush();
    } catch (IOException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /**
   * @throws IOException the bytes are no such value, or have something behind it
   */
  public T decode(byte[] bytes, int offset) throws IOException {
    try {
      decoder = DecoderFactory.get().binaryDecoder(bytes, offset, bytes.length - offset, decoder);
      T value = reader.read(null, decoder);
      if (!decoder.isEnd()) {
        throw new IOException("There are bytes behind the record.");
      }
      return value;
    } catch (AvroRuntimeException | IndexOutOfBoundsException | NegativeArraySizeException | ClassCastException broken) {
      throw new IOException(broken);
    }
  }
}
