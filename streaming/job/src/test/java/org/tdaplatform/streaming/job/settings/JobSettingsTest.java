package org.tdaplatform.streaming.job.settings;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class JobSettingsTest {
  private static JobSettings parse(String... more) {
    List<String> arguments = new ArrayList<>(List.of("--bootstrap-servers", "a:1,b:2", "--registry-url", "http://r"));
    arguments.addAll(List.of(more));
    return JobSettings.parse(arguments.toArray(String[]::new));
  }

  @Test
  void whatIsNotGivenHasItsStandard() {
    JobSettings settings = parse();
    assertEquals("tda_", settings.prefix());
    assertEquals(Delivery.AT_LEAST_ONCE, settings.delivery());
    assertEquals("a:1,b:2", settings.kafkaProperties().getProperty("bootstrap.servers"));
  }

  @Test
  void propertiesOfKafkaArePassedOn() {
    assertEquals("SASL_SSL", parse("--kafka.security.protocol", "SASL_SSL").kafka().get("security.protocol"));
  }

  @Test
  void whatIsUnknownOrImpossibleIsRefused() {
    for (String[] wrong :
        new String[][] {{"--unknown", "1"}, {"--delivery", "twice"}, {"--parallelism", "-1"}, {"--start", "latest"}, {"--prefix"}}) {
      assertThrows(IllegalArgumentException.class, () -> parse(wrong));
    }
    assertThrows(IllegalArgumentException.class, () -> JobSettings.parse("--registry-url", "http://r"));
  }

  @Test
  void aTransactionOutlastsACheckpointAndARestartAndTheBrokersBearIt() {
    JobSettings settings =
        parse("--checkpoint-interval-ms", "10000", "--checkpoint-timeout-ms", "30000", "--transaction-timeout-ms", "100000");
    assertDoesNotThrow(() -> TransactionPreflight.check(settings, 100_000));
    assertThrows(IllegalArgumentException.class, () -> TransactionPreflight.check(settings, 99_999));
    assertThrows(
        IllegalArgumentException.class, () -> TransactionPreflight.check(parse("--transaction-timeout-ms", "100000"), 900_000));
  }
}
