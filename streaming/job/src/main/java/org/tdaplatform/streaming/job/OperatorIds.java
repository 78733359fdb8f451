package org.tdaplatform.streaming.job;

/** Ids of operators: a savepoint finds its state by them, so they never change. */
final class OperatorIds {
  static final String EVENTS = "events";
  static final String DEFINITIONS = "definitions";
  static final String STREAMS = "streams";
  static final String JOBS = "jobs";
  static final String JOB_HISTORY = "job-history";
  static final String JOB_STATISTICS = "job-statistics";
  static final String LOG = "log";

  private OperatorIds() {}
}
