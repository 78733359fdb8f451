package org.tdaplatform.streaming.job.registry;

import java.io.Serializable;
import org.apache.avro.Schema;
import org.tdaplatform.streaming.job.log.LogTopic;

/** Schemas by their identifiers in the log's records. */
public interface SchemaSource extends Serializable {
  /** null: there is none. */
  Schema find(int id);

  /** Of the schema that the job writes a topic's values with. */
  int idOf(LogTopic topic);

  /** Those of a registry. */
  static SchemaSource of(SchemaRegistry registry, String prefix) {
    return new SchemaSource() {
      private static final long serialVersionUID = 1L;

      @Override
      public Schema find(int id) {
        return registry.find(id);
      }

      @Override
      public int idOf(LogTopic topic) {
        return registry.register(topic, prefix);
      }
    };
  }
}
