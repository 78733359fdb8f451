import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import type { DependencyProbe, DependencyStatus } from "../../domain/ports.ts";
import type { CircuitName } from "../../internal/circuit.ts";

const limitMs = 2_000;

/** Health of the database: one trivial statement through the pool, as a request would go. */
export function databaseProbe(
  pool: pg.Pool,
  kind: "embedded" | "external",
  circuit: { readonly state: CircuitName },
): DependencyProbe {
  return {
    name: "database",
    required: true,
    async check(): Promise<DependencyStatus> {
      const start = performance.now();
      const timeout = new AbortController();
      try {
        await Promise.race([
          pool.query("select 1"),
          sleep(limitMs, undefined, { signal: timeout.signal, ref: false }).then(() => {
            throw new Error(`no answer within ${limitMs} ms`);
          }),
        ]);
        return {
          name: "database",
          status: "up",
          latencyMs: performance.now() - start,
          kind,
          circuit: circuit.state,
          detail: null,
        };
      } catch {
        // The reason names hosts and roles, which callers without a key may not read; it is in the log.
        const detail = "the database does not answer";
        return { name: "database", status: "down", latencyMs: null, kind, circuit: circuit.state, detail };
      } finally {
        timeout.abort();
      }
    },
  };
}
