import { setTimeout as sleep } from "node:timers/promises";
import type { EventLog } from "../../domain/log/event-log.ts";
import type { DependencyProbe, DependencyStatus } from "../../domain/ports.ts";
import type { CircuitName } from "../../internal/circuit.ts";

const limitMs = 2_000;

/** Health of the event log. Without it a server goes on: what happens is told later, and only streams wait. */
export function eventLogProbe(
  log: EventLog & { readonly circuit?: CircuitName },
  codec: { readonly isReady: boolean },
): DependencyProbe {
  return {
    name: "log",
    required: false,
    async check(): Promise<DependencyStatus> {
      const start = performance.now();
      const timeout = new AbortController();
      const isUp = await Promise.race([
        log.bounds("events", 0).then(
          () => true,
          () => false,
        ),
        sleep(limitMs, false, { signal: timeout.signal, ref: false }).catch(() => false),
      ]);
      timeout.abort();
      const status = {
        name: "log",
        kind: log.kind,
        latencyMs: isUp ? performance.now() - start : null,
        ...(log.circuit === undefined ? {} : { circuit: log.circuit }),
      } as const;
      if (isUp && codec.isReady) return { ...status, status: "up", detail: null };
      const what = isUp ? "The schema registry does not answer" : "The event log does not answer";
      return { ...status, status: "degraded", detail: `${what}: events are delivered later` };
    },
  };
}
