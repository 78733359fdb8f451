import type { Dependency } from "@tda-platform/contract/service-schemas";
import type { DependencyProbe, DependencyStatus } from "../../../domain/ports.ts";

/** A dependency that does not answer in this time is down. */
const PROBE_TIMEOUT_MS = 2_000;

/** The state of each dependency. A probe that fails or hangs says down; it never fails the request. */
export async function checkDependencies(probes: readonly DependencyProbe[]): Promise<Dependency[]> {
  return await Promise.all(probes.map(async (probe) => toDependency(probe, await checkOne(probe))));
}

async function checkOne(probe: DependencyProbe): Promise<DependencyStatus> {
  const down = (detail: string): DependencyStatus => ({
    name: probe.name,
    status: "down",
    latencyMs: null,
    kind: "unknown",
    detail,
  });
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<DependencyStatus>((resolve) => {
    timer = setTimeout(() => resolve(down(`No answer within ${PROBE_TIMEOUT_MS} ms.`)), PROBE_TIMEOUT_MS);
  });
  try {
    return await Promise.race([probe.check(), timeout]);
  } catch {
    return down("The check failed.");
  } finally {
    clearTimeout(timer);
  }
}

function toDependency(probe: DependencyProbe, status: DependencyStatus): Dependency {
  return {
    name: status.name,
    kind: status.kind,
    status: status.status,
    required: probe.required,
    latency_ms: status.latencyMs,
    circuit: status.circuit ?? (status.status === "down" ? "open" : "closed"),
    detail: status.detail,
  };
}

export function overallStatus(dependencies: readonly Dependency[]): Dependency["status"] {
  if (dependencies.some(({ required, status }) => required && status === "down")) return "down";
  return dependencies.some(({ status }) => status !== "up") ? "degraded" : "up";
}
