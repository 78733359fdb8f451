import type { TopicName } from "@tda-platform/contract/events/topics";
import type { EventLog, LogMessage, LogPosition, LogRecord, ReadOptions } from "./event-log.ts";
import type { PartitionLease } from "./partition-leases.ts";

/** Is told what became of records. */
export interface LogObserver {
  countProduced(topic: string, status: "acknowledged" | "failed", records: number): void;
  countProducerError(): void;
}

/** A log whose appends are counted, once somebody counts. */
export class ObservedLog implements EventLog {
  readonly #log: EventLog;
  #observer: LogObserver | null = null;

  constructor(log: EventLog) {
    this.#log = log;
  }

  get kind(): EventLog["kind"] {
    return this.#log.kind;
  }

  observe(observer: LogObserver): void {
    this.#observer = observer;
  }

  async append(messages: readonly LogMessage[], fences?: readonly PartitionLease[]): Promise<readonly LogPosition[]> {
    try {
      const positions = await this.#log.append(messages, fences);
      this.#count(messages, "acknowledged");
      return positions;
    } catch (error) {
      this.#count(messages, "failed");
      this.#observer?.countProducerError();
      throw error;
    }
  }

  #count(messages: readonly LogMessage[], status: "acknowledged" | "failed"): void {
    if (this.#observer === null) return;
    for (const [topic, { length }] of Map.groupBy(messages, (message) => message.topic)) {
      this.#observer.countProduced(topic, status, length);
    }
  }

  read(topic: TopicName, partition: number, offset: number, options: ReadOptions): Promise<readonly LogRecord[]> {
    return this.#log.read(topic, partition, offset, options);
  }

  partitions(topic: TopicName): Promise<number> {
    return this.#log.partitions(topic);
  }

  bounds(topic: TopicName, partition: number): Promise<{ readonly first: number; readonly next: number }> {
    return this.#log.bounds(topic, partition);
  }

  commitGroupOffset(group: string, topic: TopicName, partition: number, next: number): Promise<void> {
    return this.#log.commitGroupOffset(group, topic, partition, next);
  }

  close(): Promise<void> {
    return this.#log.close();
  }
}
