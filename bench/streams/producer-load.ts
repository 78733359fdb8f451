// Our Kafka producer port, as the server uses it. usage: producer-load.ts < ProducerLoad as JSON; prints Produced as JSON.
import { readFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { KafkaEventLog } from "../../packages/server/src/adapters/kafka/kafka-event-log.ts";
import type { LogMessage } from "../../packages/server/src/domain/log/event-log.ts";
import { createLogger } from "../../packages/server/src/internal/logger.ts";
import { quantile } from "./run-child.ts";

export interface ProducerLoad {
  readonly bootstrapServers: string;
  readonly prefix: string;
  readonly payloadFile: string;
  readonly records: number;
  /** Of a call of `append`. */
  readonly ofCall: number;
  /** Records that are not acknowledged yet, at most. */
  readonly unacknowledged: number;
  /** A second; null: as fast as it goes. */
  readonly rate: number | null;
}

export interface Produced {
  readonly recordsPerSecond: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
}

const load = JSON.parse(await text(process.stdin)) as ProducerLoad;
process.stdout.write(JSON.stringify(await measure(load)));
process.exit(0);

async function measure(options: ProducerLoad): Promise<Produced> {
  const { bootstrapServers, prefix, payloadFile, records, ofCall, unacknowledged, rate } = options;
  const payloads = readFileSync(payloadFile, "latin1")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => Buffer.from(line, "latin1"));
  const log = new KafkaEventLog({
    connection: { bootstrapServers: bootstrapServers.split(","), prefix, compression: "lz4", sasl: null, tls: null },
    requireLeases: async () => undefined,
    logger: createLogger({ level: "silent", format: "json" }),
  });
  const times: number[] = [];
  const begun = performance.now();
  let waiting = 0;
  let room = Promise.withResolvers<void>();
  let failure: unknown = null;
  for (let sent = 0; sent < records; ) {
    if (failure !== null) throw failure;
    if (rate !== null && (sent / rate) * 1000 > performance.now() - begun) {
      await sleep(1);
      continue;
    }
    if (waiting + ofCall > unacknowledged) {
      await room.promise;
      continue;
    }
    const messages: LogMessage[] = Array.from({ length: ofCall }, (_, i) => ({
      topic: "events",
      key: `sensor-${(sent + i) % 1_000}`,
      value: payloads[(sent + i) % payloads.length]!,
      headers: {},
    }));
    sent += ofCall;
    waiting += ofCall;
    const at = performance.now();
    const done = () => {
      waiting -= ofCall;
      room.resolve();
      room = Promise.withResolvers();
    };
    log.append(messages).then(
      () => {
        times.push(performance.now() - at);
        done();
      },
      (error: unknown) => {
        failure = error;
        done();
      },
    );
  }
  while (waiting > 0) await room.promise;
  if (failure !== null) throw failure;
  const recordsPerSecond = (1000 * records) / (performance.now() - begun);
  await log.close();
  return { recordsPerSecond, p50Ms: quantile(times, 0.5), p95Ms: quantile(times, 0.95) };
}
