import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import type { Logger } from "../../internal/logger.ts";

const everyMs = 5_000;
/** Not heard of for so long, an instance no longer counts. */
const aliveSeconds = 15;
const forgetSeconds = 300;

const beatText = `with beat as (
    insert into tda.instances (id) values ($1) on conflict (id) do update set seen_at = now() returning id
  ), dead as (
    delete from tda.instances where seen_at < now() - make_interval(secs => $3) and id <> $1
  )
  select count(*) as others from tda.instances where id <> $1 and seen_at > now() - make_interval(secs => $2) and exists (select from beat)`;

/**
 * How many servers work on this database: each says every five seconds that it is there. What is limited in each of them
 * for lack of a shared count is divided by it. Without the database it is the last number known.
 */
export class LiveInstances {
  readonly id = randomUUID();
  readonly #pool: pg.Pool;
  readonly #logger: Logger;
  readonly #closing = new AbortController();
  readonly #beating: Promise<void>;
  #count = 1;

  constructor(pool: pg.Pool, logger: Logger) {
    this.#pool = pool;
    this.#logger = logger;
    this.#beating = this.#beat();
  }

  /** This one included. */
  get count(): number {
    return this.#count;
  }

  /** Says that it goes, so that the others' shares grow at once. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#beating;
    await this.#pool.query("delete from tda.instances where id = $1", [this.id]).catch(() => undefined);
  }

  /** Looks now instead of at the next beat. */
  async refresh(): Promise<void> {
    const { rows } = await this.#pool.query<{ others: number }>({
      name: "beat",
      text: beatText,
      values: [this.id, aliveSeconds, forgetSeconds],
    });
    this.#count = 1 + (rows[0]?.others ?? 0);
  }

  async #beat(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      await this.refresh().catch((error: unknown) => this.#logger.debug({ err: error }, "the heartbeat failed"));
      await sleep(everyMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }
}
