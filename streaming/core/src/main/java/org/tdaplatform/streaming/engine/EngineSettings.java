package org.tdaplatform.streaming.engine;

import java.nio.file.Path;

/**
 * How engine hosts are run.
 *
 * @param executable null: there is no engine, and every window has empty diagrams
 * @param hosts processes kept
 * @param memoryLimitBytes upper bound of each call's budget, beside the definition's; 0: none. Windows that need more are refused, so that it must not be
 *     below the budget of any definition
 * @param addressSpaceBytes hard stop of a host's memory; 0: none
 * @param recycleBytes a host whose resident memory is larger after an answer is replaced
 * @param startTimeoutMs until a host must have said hello
 * @param silenceMs a host that computes and sends nothing for so long, not even an answer to PING, is frozen, and replaced: a host that computes answers at
 *     once, however long it computes
 */
public record EngineSettings(
    Path executable,
    int hosts,
    long memoryLimitBytes,
    long addressSpaceBytes,
    long recycleBytes,
    long startTimeoutMs,
    long silenceMs) {
  private static final long MEBIBYTE = 1L << 20;
  public static final long DEFAULT_RECYCLE_BYTES = 512 * MEBIBYTE;
  public static final long DEFAULT_START_TIMEOUT_MS = 10_000;
  public static final long DEFAULT_SILENCE_MS = 30_000;

  public EngineSettings {
    if (hosts < 1) {
      throw new IllegalArgumentException("There must be 1 engine host or more.");
    }
  }

  /** With a hard stop far above the budget, for what the engine does not count. */
  public static EngineSettings of(Path executable, int hosts, long memoryLimitBytes) {
    long addressSpace = memoryLimitBytes == 0 ? 0 : 2 * memoryLimitBytes + 1024 * MEBIBYTE;
    return new EngineSettings(
        executable, hosts, memoryLimitBytes, addressSpace, DEFAULT_RECYCLE_BYTES, DEFAULT_START_TIMEOUT_MS, DEFAULT_SILENCE_MS);
  }

  /** What a benchmark compares with: all of the work but the engine's, on as many threads. */
  public static EngineSettings withoutEngine(int threads) {
    return new EngineSettings(null, threads, 0, 0, DEFAULT_RECYCLE_BYTES, DEFAULT_START_TIMEOUT_MS, DEFAULT_SILENCE_MS);
  }
}
