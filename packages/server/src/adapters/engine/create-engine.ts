import {
  createHostPool,
  createTypeScriptEngine,
  type Engine,
  EngineError,
  type HostPool,
  type HostPoolEvent,
} from "@tda-platform/engine";
import type { DependencyProbe, DependencyStatus } from "../../domain/ports.ts";
import type { Logger } from "../../internal/logger.ts";
import { StartError } from "../../internal/start-error.ts";

export interface EngineChoice {
  /** The TypeScript engine instead of the native one. */
  readonly isMock: boolean;
  readonly hosts: number;
  readonly executable: string | null;
  readonly recycleBytes: number;
  readonly memoryLimitBytes: number;
  readonly maxQueued: number;
  readonly logger: Logger;
}

export interface ChosenEngine {
  readonly engine: Engine;
  readonly probe: DependencyProbe;
}

/** The engine that the settings ask for, ready to compute. @throws StartError when it cannot be started. */
export async function createEngine(choice: EngineChoice): Promise<ChosenEngine> {
  if (choice.isMock) {
    const engine = createTypeScriptEngine();
    return { engine, probe: probe("typescript", () => ({ status: "up", detail: null })) };
  }
  const pool = await startPool(choice);
  return { engine: pool, probe: probe("native", () => poolStatus(pool)) };
}

async function startPool(choice: EngineChoice): Promise<HostPool> {
  try {
    return await createHostPool({
      size: choice.hosts,
      recycleBytes: choice.recycleBytes,
      memoryLimitBytes: choice.memoryLimitBytes,
      maxQueued: choice.maxQueued,
      onEvent: (event) => logEvent(choice.logger, event),
      ...(choice.executable === null ? {} : { executable: choice.executable }),
    });
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    const reason = error.message.replace(/\.$/, "");
    throw new StartError(`The engine cannot be started: ${reason}. \`npm start\` builds it.`, { cause: error });
  }
}

function poolStatus(pool: HostPool): Pick<DependencyStatus, "status" | "detail"> {
  const { hosts } = pool.statistics();
  const running = hosts.filter(({ processId }) => processId !== null).length;
  if (running === hosts.length) return { status: "up", detail: null };
  return { status: running > 0 ? "degraded" : "down", detail: `${running} of ${hosts.length} engine processes run` };
}

function probe(kind: Engine["kind"], read: () => Pick<DependencyStatus, "status" | "detail">): DependencyProbe {
  return {
    name: "engine",
    required: true,
    check: async () => ({ name: "engine", kind, latencyMs: null, ...read() }),
  };
}

function logEvent(logger: Logger, event: HostPoolEvent): void {
  const { type, ...details } = event;
  switch (type) {
    case "host-lost":
    case "host-killed":
    case "host-start-failed":
    case "computation-retried":
      logger.warn(details, `engine: ${type}`);
      return;
    default:
      logger.debug(details, `engine: ${type}`);
  }
}
