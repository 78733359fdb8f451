package org.tdaplatform.streaming.job.log;

import org.apache.avro.Schema;
import org.tdaplatform.events.JobEvent;
import org.tdaplatform.events.JobStatistics;
import org.tdaplatform.events.StreamDefinition;
import org.tdaplatform.events.StreamEvent;
import org.tdaplatform.events.StreamRejection;
import org.tdaplatform.events.StreamResult;

/** Topics that the job reads or writes: those of packages/contract/src/events/topics.ts. */
public enum LogTopic {
  EVENTS("events"),
  STREAMS("streams"),
  RESULTS("results"),
  REJECTED("rejected"),
  JOBS("jobs"),
  STATISTICS("job_statistics");

  private final String suffix;

  LogTopic(String suffix) {
    this.suffix = suffix;
  }

  public String name(String prefix) {
    return prefix + suffix;
  }

  /** Under which the registry has the schemas of the topic's values. */
  public String subject(String prefix) {
    return name(prefix) + "-value";
  }

  /** Of the schema that the job writes and reads with, in its jar: the contract's text, by which the registry knows it. */
  public String schemaResource() {
    return "/events/" + schema().getName() + ".avsc";
  }

  public Schema schema() {
    return switch (this) {
      case EVENTS -> StreamEvent.getClassSchema();
      case STREAMS -> StreamDefinition.getClassSchema();
      case RESULTS -> StreamResult.getClassSchema();
      case REJECTED -> StreamRejection.getClassSchema();
      case JOBS -> JobEvent.getClassSchema();
      case STATISTICS -> JobStatistics.getClassSchema();
    };
  }
}
