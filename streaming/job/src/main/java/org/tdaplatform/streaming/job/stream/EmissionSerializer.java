package org.tdaplatform.streaming.job.stream;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import org.apache.avro.specific.SpecificRecord;
import org.tdaplatform.events.StreamDefinition;
import org.tdaplatform.events.StreamRejection;
import org.tdaplatform.streaming.codec.SavedEvents;
import org.tdaplatform.streaming.window.Emission;

/** Emissions that wait for the engine, as bytes in a checkpoint. Each has its definition, which may be gone when it is read. */
final class EmissionSerializer {
  private static final int FIRING = 1;
  private static final int RETRACTION = 2;
  private static final int REJECTION = 3;
  private static final int CHANGES_FORGOTTEN = 4;

  private final SavedEvents<StreamDefinition> definitions = new SavedEvents<>(StreamDefinition.getClassSchema());
  private final SavedEvents<StreamRejection> rejections = new SavedEvents<>(StreamRejection.getClassSchema());

  void write(Emission emission, DataOutput out) throws IOException {
    if (emission instanceof Emission.Firing firing) {
      out.writeByte(FIRING);
      writeRecord(definitions, firing.definition(), out);
      out.writeUTF(firing.key());
      writeLongs(out, firing.seq(), firing.revision(), firing.openedAt(), firing.start(), firing.end(), firing.pointCount());
      out.writeInt(firing.rows().length);
      for (double value : firing.rows()) {
        out.writeDouble(value);
      }
    } else if (emission instanceof Emission.Retraction retraction) {
      out.writeByte(RETRACTION);
      writeRecord(definitions, retraction.definition(), out);
      out.writeUTF(retraction.key());
      writeLongs(
          out,
          retraction.seq(),
          retraction.revision(),
          retraction.openedAt(),
          retraction.start(),
          retraction.end(),
          retraction.supersededBy());
    } else if (emission instanceof Emission.Rejection rejection) {
      out.writeByte(REJECTION);
      writeRecord(rejections, rejection.rejection(), out);
    } else {
      out.writeByte(CHANGES_FORGOTTEN);
    }
  }

  Emission read(DataInput in) throws IOException {
    int kind = in.readUnsignedByte();
    switch (kind) {
      case FIRING -> {
        StreamDefinition definition = readRecord(definitions, in);
        String key = in.readUTF();
        long[] numbers = readLongs(in);
        double[] rows = new double[in.readInt()];
        for (int index = 0; index < rows.length; index++) {
          rows[index] = in.readDouble();
        }
        return new Emission.Firing(
            definition, key, numbers[0], (int) numbers[1], numbers[2], numbers[3], numbers[4], (int) numbers[5], rows);
      }
      case RETRACTION -> {
        StreamDefinition definition = readRecord(definitions, in);
        String key = in.readUTF();
        long[] numbers = readLongs(in);
        return new Emission.Retraction(
            definition, key, numbers[0], (int) numbers[1], numbers[2], numbers[3], numbers[4], numbers[5]);
      }
      case REJECTION -> {
        return new Emission.Rejection(readRecord(rejections, in));
      }
      case CHANGES_FORGOTTEN -> {
        return new Emission.ChangesForgotten();
      }
      default -> throw new IOException("An emission of the unknown kind " + kind + ".");
    }
  }

  private static <T extends SpecificRecord> void writeRecord(SavedEvents<T> binary, T value, DataOutput out) throws IOException {
    byte[] bytes = binary.encode(value);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private static <T extends SpecificRecord> T readRecord(SavedEvents<T> binary, DataInput in) throws IOException {
    byte[] bytes = new byte[in.readInt()];
    in.readFully(bytes);
    return binary.decode(bytes);
  }

  private static void writeLongs(DataOutput out, long... numbers) throws IOException {
    for (long number : numbers) {
      out.writeLong(number);
    }
  }

  private static long[] readLongs(DataInput in) throws IOException {
    long[] numbers = new long[6];
    for (int index = 0; index < numbers.length; index++) {
      numbers[index] = in.readLong();
    }
    return numbers;
  }
}
