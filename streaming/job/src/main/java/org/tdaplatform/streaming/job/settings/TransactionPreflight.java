package org.tdaplatform.streaming.job.settings;

import java.util.List;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.common.config.ConfigResource;

/**
 * The time limits that delivery in transactions depends on, checked before the job starts: a transaction is open from one checkpoint to the next, through
 * a restart between them, and a broker ends one that is open for too long, with the results in it.
 */
public final class TransactionPreflight {
  /** Of a restart: a lost TaskManager is noticed and the state restored. */
  static final long RESTART_MS = 60_000;

  private TransactionPreflight() {}

  /**
   * @throws IllegalArgumentException a limit is too small
   */
  public static void check(JobSettings settings) throws InterruptedException {
    if (settings.delivery() != Delivery.EXACTLY_ONCE) {
      return;
    }
    try (Admin admin = Admin.create(settings.kafkaProperties())) {
      String broker = admin.describeCluster().nodes().get().iterator().next().idString();
      ConfigResource resource = new ConfigResource(ConfigResource.Type.BROKER, broker);
      Config config = admin.describeConfigs(List.of(resource)).all().get().get(resource);
      check(settings, Long.parseLong(config.get("transaction.max.timeout.ms").value()));
    } catch (ExecutionException failure) {
      throw new IllegalStateException("The brokers do not say how long a transaction may be.", failure.getCause());
    }
  }

  static void check(JobSettings settings, long brokerLimitMs) {
    long needed = settings.checkpointIntervalMs() + settings.checkpointTimeoutMs() + RESTART_MS;
    if (settings.transactionTimeoutMs() < needed) {
      throw new IllegalArgumentException(
          "--transaction-timeout-ms must be at least the checkpoint's interval and timeout and a restart, " + needed + " ms.");
    }
    if (settings.transactionTimeoutMs() > brokerLimitMs) {
      throw new IllegalArgumentException(
          "--transaction-timeout-ms must be at most the brokers' transaction.max.timeout.ms, " + brokerLimitMs + " ms.");
    }
  }
}
