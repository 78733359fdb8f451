package org.tdaplatform.streaming.job;

import org.apache.avro.Schema;
import org.tdaplatform.streaming.job.log.LogTopic;
import org.tdaplatform.streaming.job.registry.SchemaSource;

/** The job's own schemas, numbered from 1 by their topic. */
public final class FixedSchemas implements SchemaSource {
  private static final long serialVersionUID = 1L;

  @Override
  public Schema find(int id) {
    return id >= 1 && id <= LogTopic.values().length ? LogTopic.values()[id - 1].schema() : null;
  }

  @Override
  public int idOf(LogTopic topic) {
    return topic.ordinal() + 1;
  }
}
