import type { EngineTask } from "./engine-task.ts";
import { type HostAnswer, HostProcess } from "./host-process.ts";
import type { HostPoolSettings } from "./pool-options.ts";

export type SlotState = "starting" | "idle" | "busy" | "backing-off" | "resting" | "closed";

export interface SlotOwner {
  /** The slot has a host with nothing to do. */
  onIdle(slot: PoolSlot): void;
  /** No host could be started; another try follows after a while. */
  onStartFailed(slot: PoolSlot, reason: string): void;
}

const FIRST_BACK_OFF_MS = 100;
const LONGEST_BACK_OFF_MS = 5000;

/**
 * One place in the pool: keeps a host in it, replacing one that is lost or has grown. The first replacement is started at
 * once, further ones after 100 ms, 200 ms, … 5 s until a computation or a rest shows that a host lasts.
 */
export class PoolSlot {
  state: SlotState = "starting";
  host: HostProcess | null = null;
  computations = 0;
  residentBytes = 0;
  readonly #settings: HostPoolSettings;
  readonly #owner: SlotOwner;
  readonly #closing = new AbortController();
  #starting: Promise<string | null> = Promise.resolve(null);
  #failures = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(settings: HostPoolSettings, owner: SlotOwner) {
    this.#settings = settings;
    this.#owner = owner;
  }

  /** Resolves when a host is ready or could not be started, with the reason then. */
  start(): Promise<string | null> {
    this.state = "starting";
    this.#starting = this.#startHost();
    return this.#starting;
  }

  async #startHost(): Promise<string | null> {
    const { onEvent } = this.#settings;
    const onLog = (processId: number, line: string) => onEvent({ type: "host-log", processId, line });
    try {
      const host = await HostProcess.start({ ...this.#settings, onLog }, this.#closing.signal);
      if (this.#isClosed()) {
        host.kill();
        await host.ended;
        return null;
      }
      this.host = host;
      this.computations = 0;
      this.residentBytes = 0;
      void host.ended.then((reason) => this.#onEnded(host, reason));
      onEvent({ type: "host-started", processId: host.processId, engineVersion: host.hello.engineVersion });
      this.#becomeIdle(host);
      return null;
    } catch (error) {
      if (this.#isClosed()) return null;
      const reason = error instanceof Error ? error.message : String(error);
      const retryAfterMs = this.#backOff();
      onEvent({ type: "host-start-failed", reason, retryAfterMs });
      this.#owner.onStartFailed(this, reason);
      return reason;
    }
  }

  /** The answer, after which the slot is idle again or has begun to replace its host. */
  async compute(task: EngineTask): Promise<HostAnswer> {
    const { host } = this;
    if (host === null) return { kind: "lost", reason: "The host has ended." };
    clearTimeout(this.#timer);
    this.state = "busy";
    host.setReferenced(true);
    let graceTimer: NodeJS.Timeout | undefined;
    task.attempts += 1;
    task.onStop = () => {
      void host.cancel();
      graceTimer = setTimeout(() => {
        this.#settings.onEvent({ type: "host-killed", processId: host.processId, reason: "cancel-grace" });
        this.#failures = 0;
        host.kill();
      }, this.#settings.cancelGraceMs);
    };
    const answer = await host.compute(task);
    clearTimeout(graceTimer);
    task.onStop = () => undefined;
    if (answer.kind !== "lost") this.#onAnswered(host, answer.residentBytes);
    return answer;
  }

  /** Starts a resting slot's host again. */
  wake(): void {
    if (this.state === "resting") void this.start();
  }

  async close(): Promise<void> {
    this.state = "closed";
    clearTimeout(this.#timer);
    this.#closing.abort();
    await this.#starting;
    // Whoever waits for the end must not be ended by Node for having nothing else to wait for.
    this.host?.setReferenced(true);
    this.host?.kill();
    await this.host?.ended;
  }

  #isClosed(): boolean {
    return this.state === "closed";
  }

  #becomeIdle(host: HostProcess): void {
    this.state = "idle";
    host.setReferenced(false);
    this.#owner.onIdle(this);
    if (this.#settings.idleMs === null || this.state !== "idle") return;
    this.#timer = setTimeout(() => this.#rest(host), this.#settings.idleMs);
    this.#timer.unref();
  }

  #rest(host: HostProcess): void {
    this.host = null;
    this.state = "resting";
    this.#failures = 0;
    this.#settings.onEvent({ type: "host-rested", processId: host.processId });
    host.stop();
  }

  #onAnswered(host: HostProcess, residentBytes: number): void {
    this.computations += 1;
    this.residentBytes = residentBytes;
    this.#failures = 0;
    if (this.#isClosed() || this.host !== host) return;
    if (residentBytes <= this.#settings.recycleBytes) {
      this.#becomeIdle(host);
      return;
    }
    this.host = null;
    this.#settings.onEvent({ type: "host-recycled", processId: host.processId, residentBytes });
    host.stop();
    void this.start();
  }

  // Hosts that were let go on purpose are no longer the slot's.
  #onEnded(host: HostProcess, reason: string): void {
    if (this.host !== host || this.#isClosed()) return;
    this.host = null;
    clearTimeout(this.#timer);
    this.#settings.onEvent({ type: "host-lost", processId: host.processId, reason });
    if (this.#failures === 0) {
      this.#failures = 1;
      void this.start();
    } else {
      this.#backOff();
    }
  }

  #backOff(): number {
    this.state = "backing-off";
    const delayMs = Math.min(FIRST_BACK_OFF_MS * 2 ** this.#failures, LONGEST_BACK_OFF_MS);
    this.#failures += 1;
    this.#timer = setTimeout(() => void this.start(), delayMs);
    return delayMs;
  }
}
