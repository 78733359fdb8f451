package org.tdaplatform.streaming.run;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecordBase;
import org.tdaplatform.streaming.codec.EventClasses;

/** Values of Avro schemas from JSON: bytes are hex, numbers that JSON has no form for are strings. */
final class JsonValues {
  static {
    EventClasses.trust();
  }

  private JsonValues() {}

  static <T extends SpecificRecordBase> T record(JsonNode json, T record) {
    for (Schema.Field field : record.getSchema().getFields()) {
      JsonNode value = json.get(field.name());
      if (value == null) {
        throw new IllegalArgumentException("The field " + field.name() + " of " + record.getSchema().getName() + " is missing.");
      }
      record.put(field.pos(), value(value, field.schema()));
    }
    return record;
  }

  private static Object value(JsonNode json, Schema schema) {
    return switch (schema.getType()) {
      case BOOLEAN -> json.booleanValue();
      case INT -> json.intValue();
      case LONG -> json.longValue();
      case DOUBLE -> json.isTextual() ? Double.valueOf(json.textValue()) : (Double) json.doubleValue();
      case STRING -> json.textValue();
      case BYTES -> ByteBuffer.wrap(HexFormat.of().parseHex(json.textValue()));
      case ENUM -> SpecificData.get().createEnum(json.textValue(), schema);
      case UNION -> json.isNull() ? null : value(json, schema.getTypes().get(1));
      case ARRAY -> {
        List<Object> items = new ArrayList<>(json.size());
        json.forEach(item -> items.add(value(item, schema.getElementType())));
        yield items;
      }
      case RECORD -> record(json, (SpecificRecordBase) SpecificData.get().newRecord(null, schema));
      default -> throw new IllegalArgumentException("No event has a field of the type " + schema.getType() + ".");
    };
  }
}
