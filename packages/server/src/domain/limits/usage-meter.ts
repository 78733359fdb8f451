import type { Logger } from "../../internal/logger.ts";
import type { UsageAmounts, UsageStore } from "./ports.ts";

const HOUR_MS = 3_600_000;
const FLUSH_MS = 1_000;
/** Projects and hours that may wait while the database is away: an hour of use by so many projects. */
const WAITING_LIMIT = 100_000;
/** How old another instance's share of the CPU seconds may be. */
const FRESH_MS = 2_000;

type Amounts = { -readonly [Name in keyof UsageAmounts]: UsageAmounts[Name] };

interface Waiting extends Amounts {
  readonly projectId: string;
  readonly hour: Date;
}

interface CpuSeconds {
  readonly hourMs: number;
  /** What is written, of all instances. */
  readonly written: number;
  readonly readAt: number;
}

/** The beginning of the hour of a time, both in milliseconds since the epoch. */
export function hourOf(timeMs: number): number {
  return timeMs - (timeMs % HOUR_MS);
}

/**
 * Counts what projects use, and writes it once a second: one statement for all of them. What a process that is killed had
 * not yet written is lost, a second's worth; use is no record that anybody was promised.
 */
export class UsageMeter {
  readonly #store: UsageStore;
  readonly #logger: Logger;
  readonly #timer: NodeJS.Timeout;
  readonly #cpu = new Map<string, CpuSeconds>();
  #hourMs = 0;
  /** Of the present hour, by project; of hours past, until they are written. */
  #current = new Map<string, Waiting>();
  #past: Waiting[] = [];
  /** Being written: they count as used until then. */
  #writing: readonly Waiting[] = [];
  #flushing: Promise<void> | null = null;

  constructor(store: UsageStore, logger: Logger) {
    this.#store = store;
    this.#logger = logger;
    this.#timer = setInterval(() => void this.flush(), FLUSH_MS).unref();
  }

  charge(projectId: string, used: Partial<UsageAmounts>): void {
    const hourMs = hourOf(Date.now());
    if (hourMs !== this.#hourMs) this.#turn(hourMs);
    let waiting = this.#current.get(projectId);
    if (waiting === undefined) {
      if (this.#current.size >= WAITING_LIMIT) return;
      waiting = { projectId, hour: new Date(hourMs), ...NOTHING };
      this.#current.set(projectId, waiting);
    }
    waiting.requests += used.requests ?? 0;
    waiting.computations += used.computations ?? 0;
    waiting.cpuSeconds += used.cpuSeconds ?? 0;
    waiting.bytesReceived += used.bytesReceived ?? 0;
    waiting.bytesSent += used.bytesSent ?? 0;
  }

  /** CPU seconds of the present hour: this instance's to the moment, others' as of two seconds ago. @throws DependencyUnavailable */
  async cpuSeconds(projectId: string): Promise<number> {
    const now = Date.now();
    const hourMs = hourOf(now);
    let known = this.#cpu.get(projectId);
    if (known === undefined || known.hourMs !== hourMs || now - known.readAt > FRESH_MS) {
      // What is being written is read as written or counted as waiting, not both: reading waits for it.
      await this.#flushing;
      const written = await this.#store.cpuSecondsSince(projectId, new Date(hourMs));
      known = { hourMs, written, readAt: now };
      if (this.#cpu.size >= WAITING_LIMIT) this.#cpu.clear();
      this.#cpu.set(projectId, known);
    }
    const waiting = [...this.#writing, this.#current.get(projectId)].filter(
      (one) => one?.projectId === projectId && one.hour.getTime() === hourMs,
    );
    return waiting.reduce((sum, one) => sum + (one?.cpuSeconds ?? 0), known.written);
  }

  /** Writes what waits. Failures keep it for the next time. */
  flush(): Promise<void> {
    this.#flushing ??= this.#flush().finally(() => {
      this.#flushing = null;
    });
    return this.#flushing;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#flushing;
    await this.flush();
  }

  async #flush(): Promise<void> {
    const batch = [...this.#past, ...this.#current.values()];
    if (batch.length === 0) return;
    this.#past = [];
    this.#current = new Map();
    this.#writing = batch;
    try {
      await this.#store.add(batch);
      for (const { projectId, hour, cpuSeconds } of batch) this.#remember(projectId, hour.getTime(), cpuSeconds);
    } catch (error) {
      this.#logger.debug({ err: error }, "use could not be written, and waits");
      this.#past.push(...batch.slice(0, WAITING_LIMIT));
    } finally {
      this.#writing = [];
    }
  }

  #remember(projectId: string, hourMs: number, cpuSeconds: number): void {
    const known = this.#cpu.get(projectId);
    if (known?.hourMs === hourMs) this.#cpu.set(projectId, { ...known, written: known.written + cpuSeconds });
  }

  #turn(hourMs: number): void {
    this.#past.push(...this.#current.values());
    this.#current = new Map();
    this.#hourMs = hourMs;
  }
}

const NOTHING: UsageAmounts = { requests: 0, computations: 0, cpuSeconds: 0, bytesReceived: 0, bytesSent: 0 };
