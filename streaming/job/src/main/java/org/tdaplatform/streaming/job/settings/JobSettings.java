package org.tdaplatform.streaming.job.settings;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;

/**
 * Arguments of the job: `--name value`, as docs/how-to/run-flink.md lists them.
 *
 * @param kafka properties of all Kafka clients, from `--kafka.NAME VALUE`
 * @param parallelism 0: the cluster's
 */
public record JobSettings(
    String prefix,
    String registryUrl,
    String group,
    boolean isStartCommitted,
    EngineOptions engine,
    Delivery delivery,
    long checkpointIntervalMs,
    long checkpointTimeoutMs,
    long transactionTimeoutMs,
    int parallelism,
    Map<String, String> kafka) {
  private static final String KAFKA = "kafka.";

  /**
   * @throws IllegalArgumentException an unknown name, a missing or impossible value
   */
  public static JobSettings parse(String... arguments) {
    Map<String, String> given = new HashMap<>();
    Map<String, String> kafka = new TreeMap<>();
    for (int index = 0; index < arguments.length; index += 2) {
      if (!arguments[index].startsWith("--") || index + 1 == arguments.length) {
        throw new IllegalArgumentException("Arguments are --name value, which " + arguments[index] + " is not.");
      }
      String name = arguments[index].substring(2);
      Map<String, String> target = name.startsWith(KAFKA) ? kafka : given;
      target.put(name.startsWith(KAFKA) ? name.substring(KAFKA.length()) : name, arguments[index + 1]);
    }
    kafka.put("bootstrap.servers", required(given, "bootstrap-servers"));
    String start = optional(given, "start", "earliest");
    if (!start.equals("earliest") && !start.equals("committed")) {
      throw new IllegalArgumentException("--start is earliest or committed.");
    }
    EngineOptions engine =
        new EngineOptions(
            optional(given, "engine-host", ""), (int) number(given, "engine-hosts", 0), number(given, "engine-memory-limit-bytes", 0));
    JobSettings settings =
        new JobSettings(
            optional(given, "prefix", "tda_"),
            required(given, "registry-url"),
            optional(given, "group", "tda-streams"),
            start.equals("committed"),
            engine,
            delivery(optional(given, "delivery", "at_least_once")),
            number(given, "checkpoint-interval-ms", 5_000),
            number(given, "checkpoint-timeout-ms", 120_000),
            number(given, "transaction-timeout-ms", 600_000),
            (int) number(given, "parallelism", 0),
            kafka);
    if (!given.isEmpty()) {
      throw new IllegalArgumentException("There is no argument " + given.keySet() + ".");
    }
    return settings;
  }

  private static Delivery delivery(String text) {
    for (Delivery delivery : Delivery.values()) {
      if (delivery.name().toLowerCase(Locale.ROOT).equals(text)) {
        return delivery;
      }
    }
    throw new IllegalArgumentException("--delivery is at_least_once or exactly_once.");
  }

  private static String required(Map<String, String> given, String name) {
    String value = given.remove(name);
    if (value == null || value.isEmpty()) {
      throw new IllegalArgumentException("--" + name + " is missing.");
    }
    return value;
  }

  private static String optional(Map<String, String> given, String name, String standard) {
    String value = given.remove(name);
    return value == null ? standard : value;
  }

  private static long number(Map<String, String> given, String name, long standard) {
    String value = given.remove(name);
    try {
      long number = value == null ? standard : Long.parseLong(value);
      if (number >= 0) {
        return number;
      }
    } catch (NumberFormatException noNumber) {
      // said below
    }
    throw new IllegalArgumentException("--" + name + " is a whole number, 0 or more.");
  }

  public Properties kafkaProperties() {
    Properties properties = new Properties();
    properties.putAll(kafka);
    return properties;
  }
}
