package org.tdaplatform.streaming.engine;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A frame that a host sent.
 *
 * @param detail of a DIAGRAM the homology dimension
 * @param payload little-endian, from its first to its last byte
 */
record Frame(int type, long requestId, int detail, ByteBuffer payload) {
  /** The host does not speak the protocol; its stream cannot be read further. */
  static final class ProtocolException extends IOException {
    private static final long serialVersionUID = 1L;

    ProtocolException(String message) {
      super(message);
    }
  }

  /**
   * Reads the next frame. Memory for a payload is taken only after its header is accepted.
   *
   * @throws EOFException the stream has ended
   * @throws ProtocolException what came is no frame of a host
   */
  static Frame read(DataInputStream in, int maxPayloadBytes) throws IOException {
    byte[] bytes = new byte[FrameLayout.HEADER_BYTES];
    in.readFully(bytes);
    ByteBuffer header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    if (header.getInt(0) != FrameLayout.MAGIC || header.getShort(4) != FrameLayout.PROTOCOL_VERSION) {
      throw new ProtocolException("The engine host's output is not a frame of version 1 of the protocol.");
    }
    int type = header.getShort(6);
    if (!FrameLayout.isSentByHost(type)) {
      throw new ProtocolException("The engine host sent a frame of the unknown type " + type + ".");
    }
    long length = header.getLong(16);
    int fixed = FrameLayout.fixedLength(type);
    boolean isLengthPossible = fixed < 0 ? length >= 0 && length % FrameLayout.unit(type) == 0 : length == fixed;
    if (!isLengthPossible || header.getInt(28) != 0 || length > maxPayloadBytes) {
      throw new ProtocolException("The engine host announced an impossible frame: type " + type + ", " + length + " bytes.");
    }
    byte[] payload = new byte[(int) length];
    in.readFully(payload);
    return new Frame(type, header.getLong(8), header.getInt(24), ByteBuffer.wrap(payload).order(ByteOrder.LITTLE_ENDIAN));
  }

  /** All of the payload as doubles. */
  double[] doubles() {
    double[] values = new double[payload.capacity() / Double.BYTES];
    payload.asDoubleBuffer().get(values);
    return values;
  }
}
