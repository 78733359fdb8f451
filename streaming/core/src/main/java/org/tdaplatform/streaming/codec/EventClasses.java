package org.tdaplatform.streaming.codec;

import org.apache.avro.util.ClassSecurityValidator;
import org.tdaplatform.events.StreamEvent;

/** Avro makes objects only of classes that it was told to trust. */
public final class EventClasses {
  static {
    String events = StreamEvent.class.getPackageName();
    ClassSecurityValidator.ClassSecurityPredicate isEvent = type -> type.getPackageName().equals(events);
    ClassSecurityValidator.setGlobal(ClassSecurityValidator.composite(ClassSecurityValidator.getGlobal(), isEvent));
  }

  private EventClasses() {}

  /** Of the events' package, once. Before anything is decoded. */
  public static void trust() {
    // The static part does it.
  }
}
