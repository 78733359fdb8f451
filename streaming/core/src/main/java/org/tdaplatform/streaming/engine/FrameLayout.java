package org.tdaplatform.streaming.engine;

/** The engine-host protocol, version 1: docs/reference/engine-host-protocol.md. Everything is little-endian. */
final class FrameLayout {
  static final int MAGIC = 0x4641_4454;
  static final int PROTOCOL_VERSION = 1;
  static final int HEADER_BYTES = 32;
  static final int REQUEST_HEAD_BYTES = 192;

  /** Arrays start at multiples of this within a payload. */
  static final int ARRAY_ALIGNMENT = 64;

  static final int HELLO = 1;
  static final int REQUEST = 2;
  static final int CANCEL = 3;
  static final int PROGRESS = 4;
  static final int DIAGRAM = 5;
  static final int RESULT = 6;
  static final int ERROR = 8;
  static final int PING = 9;
  static final int PONG = 10;
  static final int VALUES = 13;

  static final int VIETORIS_RIPS = 1;
  static final int FEATURES = 4;

  static final int VALUES_HEAD_BYTES = 48;

  /** Of an ERROR, the first code that is no status of a computation. */
  static final int FIRST_PROTOCOL_ERROR = 1000;

  private FrameLayout() {}

  /** The length of a payload of a type; -1: it is free, and a multiple of {@link #unit}. */
  static int fixedLength(int type) {
    return switch (type) {
      case HELLO -> 80;
      case PROGRESS -> 40;
      case RESULT -> 112;
      case ERROR -> 288;
      case PONG -> 24;
      default -> -1;
    };
  }

  static int unit(int type) {
    return type == DIAGRAM ? 16 : 8;
  }

  static boolean isSentByHost(int type) {
    return type == HELLO || type == PROGRESS || type == DIAGRAM || type == RESULT || type == ERROR || type == PONG || type == VALUES;
  }
}
