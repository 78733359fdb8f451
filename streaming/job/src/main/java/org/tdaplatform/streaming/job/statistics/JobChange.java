package org.tdaplatform.streaming.job.statistics;

/** What happened to a job, for the statistics of its minute. Public fields and an empty constructor, as Flink's serializer wants them. */
public final class JobChange {
  /** What is counted: the job's events of other types are not. */
  public enum Kind {
    SUBMITTED,
    STARTED,
    COMPLETED,
    FAILED,
    CANCELLED
  }

  static final long MINUTE_MS = 60_000;

  public String algorithm;
  public long minute;
  public Kind kind;

  /** From start to end; -1: it did not end by this, or its start is not known. */
  public long durationMs;

  public JobChange() {}

  JobChange(String algorithm, long time, Kind kind, long durationMs) {
    this.algorithm = algorithm;
    minute = Math.floorDiv(time, MINUTE_MS) * MINUTE_MS;
    this.kind = kind;
    this.durationMs = durationMs;
  }

  public String key() {
    return algorithm + "\n" + minute;
  }
}
