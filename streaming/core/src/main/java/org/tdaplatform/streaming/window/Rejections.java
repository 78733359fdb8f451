package org.tdaplatform.streaming.window;

import java.nio.ByteBuffer;
import org.tdaplatform.events.RejectionReason;
import org.tdaplatform.events.StreamEvent;
import org.tdaplatform.events.StreamPoint;
import org.tdaplatform.events.StreamRejection;
import org.tdaplatform.events.StreamResult;

/** Rejections of points, windows and records, with the codes of docs/reference/stream-semantics.md. */
public final class Rejections {
  /** Of a record that cannot be read so many bytes are kept. */
  static final int RAW_LIMIT = 65_536;

  /** Why a point is not taken. */
  enum PointFault {
    WINDOW_CLOSED(RejectionReason.late, "window_closed", "Every window of the point is closed."),
    REVISIONS_EXHAUSTED(RejectionReason.late, "revisions_exhausted", "The windows of the point have had their last revision."),
    INVALID_POINT(RejectionReason.poison, "invalid_point", "A point has as many finite numbers as the stream's dimension."),
    TOO_MANY_POINTS(RejectionReason.failed, "too_many_points", "The key holds as many points as it may."),
    BATCH_CONFLICT(RejectionReason.failed, "batch_conflict", "The batch was seen with another content."),
    DEFINITION_UNKNOWN(
        RejectionReason.failed, "definition_unknown", "The definition of the record is not known, and too much waits for it.");

    final RejectionReason reason;
    final String code;
    final String detail;

    PointFault(RejectionReason reason, String code, String detail) {
      this.reason = reason;
      this.code = code;
      this.detail = detail;
    }
  }

  private Rejections() {}

  static Emission.Rejection ofPoint(LogEvent record, int definitionVersion, StreamPoint point, PointFault fault) {
    StreamEvent event = record.event();
    StreamRejection rejection = new StreamRejection();
    rejection.setProjectId(event.getProjectId());
    rejection.setStreamId(event.getStreamId());
    rejection.setKey(event.getKey());
    rejection.setDefinitionVersion(definitionVersion);
    rejection.setOrigin("record:" + record.partition() + ":" + record.offset() + ":" + point.getIndex());
    rejection.setReason(fault.reason);
    rejection.setCode(fault.code);
    rejection.setDetail(fault.detail);
    rejection.setReceivedAt(event.getReceivedAt());
    rejection.setT(point.getT());
    rejection.setV(point.getV());
    return new Emission.Rejection(rejection);
  }

  /**
   * Of a window that the engine refused, or whose hosts died.
   *
   * @param code the engine's
   */
  public static StreamRejection ofWindow(Emission.Firing firing, String code) {
    StreamRejection rejection = new StreamRejection();
    int version = firing.definition().getVersion();
    rejection.setProjectId(firing.definition().getProjectId());
    rejection.setStreamId(firing.definition().getStreamId());
    rejection.setKey(firing.key());
    rejection.setDefinitionVersion(version);
    rejection.setOrigin("window:" + version + ":" + firing.seq() + ":" + firing.revision());
    rejection.setReason(RejectionReason.failed);
    rejection.setCode(code);
    rejection.setDetail("The engine gave no result of the window.");
    rejection.setReceivedAt(firing.openedAt());
    rejection.setT(firing.start());
    return rejection;
  }

  /** In the place of a result that no record can hold. */
  public static StreamRejection ofOversized(StreamResult result) {
    StreamRejection rejection = new StreamRejection();
    int version = result.getDefinitionVersion();
    rejection.setProjectId(result.getProjectId());
    rejection.setStreamId(result.getStreamId());
    rejection.setKey(result.getKey());
    rejection.setDefinitionVersion(version);
    rejection.setOrigin("window:" + version + ":" + result.getWindowSeq() + ":" + result.getRevision());
    rejection.setReason(RejectionReason.failed);
    rejection.setCode("result_too_large");
    rejection.setDetail("The result of the window is larger than a record may be.");
    rejection.setReceivedAt(result.getOpenedAt());
    rejection.setT(result.getWindowStart());
    return rejection;
  }

  /** Of a record that is no event: of whom it is, only its key in the log says. */
  public static StreamRejection ofRecord(int partition, long offset, long timestamp, String recordKey, byte[] raw) {
    StreamRejection rejection = new StreamRejection();
    int feed = recordKey.indexOf('\n');
    rejection.setProjectId("");
    rejection.setStreamId(feed < 0 ? "" : recordKey.substring(0, feed));
    rejection.setKey(recordKey.substring(feed + 1));
    rejection.setDefinitionVersion(0);
    rejection.setOrigin("record:" + partition + ":" + offset + ":0");
    rejection.setReason(RejectionReason.poison);
    rejection.setCode("undecodable_record");
    rejection.setDetail("The record cannot be decoded.");
    rejection.setReceivedAt(timestamp);
    rejection.setRaw(ByteBuffer.wrap(raw, 0, Math.min(raw.length, RAW_LIMIT)));
    return rejection;
  }
}
