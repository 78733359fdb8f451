import { hash } from "node:crypto";
import { isIPv6 } from "node:net";
import { LOGIN_ATTEMPTS, LOGIN_WINDOW_SECONDS } from "@tda-platform/contract/limits";
import type pg from "pg";
import type { LoginAttempts } from "../../../domain/identity/ports.ts";
import { asAvailable } from "../database-errors.ts";

/**
 * Counts attempts in windows of a quarter of an hour, for all servers together. An attempt is counted before it is made, so
 * that many at the same time are as many. Names are stored as hashes: people type passwords where names belong.
 */
export class PostgresLoginAttempts implements LoginAttempts {
  readonly #systemPool: pg.Pool;

  constructor(systemPool: pg.Pool) {
    this.#systemPool = systemPool;
  }

  async take(username: string, address: string | null): Promise<number | null> {
    const buckets = bucketsOf(username, address);
    const { rows } = await asAvailable(() =>
      this.#systemPool.query<{ bucket: Buffer; attempts: number; wait: number }>(
        `insert into tda.login_attempts as a (bucket, attempts, since) select bucket, 1, now() from unnest($1::bytea[]) as given (bucket) order by 1
         on conflict (bucket) do update set
           attempts = case when a.since < now() - make_interval(secs => $2) then 1 else least(a.attempts + 1, 1000000) end,
           since = case when a.since < now() - make_interval(secs => $2) then now() else a.since end
         returning bucket, attempts, ceil(extract(epoch from since + make_interval(secs => $2) - now()))::int as wait`,
        [buckets.map(({ name }) => name), LOGIN_WINDOW_SECONDS],
      ),
    );
    const full = rows.filter(
      ({ bucket, attempts }) => attempts > (buckets.find(({ name }) => name.equals(bucket))?.limit ?? 0),
    );
    return full.length === 0 ? null : Math.max(1, ...full.map(({ wait }) => wait));
  }

  async forgive(username: string, address: string | null): Promise<void> {
    const [own, ...shared] = bucketsOf(username, address);
    await asAvailable(async () => {
      await this.#systemPool.query("delete from tda.login_attempts where bucket = $1", [own!.name]);
      await this.#systemPool.query(
        "update tda.login_attempts set attempts = greatest(attempts - 1, 0) where bucket = any ($1::bytea[])",
        [shared.map(({ name }) => name)],
      );
    });
  }
}

function bucketsOf(username: string, address: string | null) {
  const from = network(address ?? "unknown");
  return [
    { name: sha256(`user\0${username}\0${from}`), limit: LOGIN_ATTEMPTS.userAtAddress },
    { name: sha256(`address\0${from}`), limit: LOGIN_ATTEMPTS.address },
    { name: sha256(`user\0${username}`), limit: LOGIN_ATTEMPTS.user },
  ];
}

/** One customer has a /64 of IPv6 at least: its addresses count together. */
function network(address: string): string {
  if (!isIPv6(address) || address.includes(".")) return address;
  const [head = "", tail = ""] = address.split("::");
  const groups = [head.split(":").filter(Boolean), tail.split(":").filter(Boolean)] as const;
  const full = [
    ...groups[0],
    ...Array.from({ length: 8 - groups[0].length - groups[1].length }, () => "0"),
    ...groups[1],
  ];
  return full.slice(0, 4).join(":");
}

function sha256(text: string): Buffer {
  return hash("sha256", text, "buffer");
}
