package org.tdaplatform.streaming.job;

/** Ids of operators: a savepoint finds its state by them, so they never change. */
final class OperatorIds {
  static final String EVENTS = "events";
  static final String DEFINITIONS = "definitions";
  static final String STREAMS = "streams";
  static final String LOG = "log";

  private OperatorIds() {}
}
