package org.tdaplatform.streaming.codec;

/** Key of the records of a stream's key, in the topics of events, results and rejections: as `recordKey` in packages/contract. */
public final class RecordKey {
  private RecordKey() {}

  public static String of(String streamId, String key) {
    return streamId + "\n" + key;
  }
}
