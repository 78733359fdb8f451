import { existsSync } from "node:fs";
import { createHostPool, EngineError } from "@tda-platform/engine";
import { defaultAddonFile, defaultHostExecutable } from "@tda-platform/engine/locate-build";
import { type Finding, firstLineOf } from "./check.ts";

const FIX = "Run `npm start`: it builds the engine.";

export function isEngineBuilt(executable: string | null): boolean {
  return existsSync(executable ?? defaultHostExecutable());
}

/** The engine's process: there, starting, and computing; and the instructions it uses on this processor. */
export async function checkEngineHost(executable: string | null): Promise<Finding> {
  const name = "Engine host";
  const path = executable ?? defaultHostExecutable();
  if (!existsSync(path)) return { name, status: "missing", detail: `${path} is not there`, fix: FIX };
  const version = firstLineOf(path, ["--version"]);
  if (version === null) return { name, status: "missing", detail: `${path} does not start`, fix: FIX };
  try {
    const pool = await createHostPool({ size: 1, executable: path });
    try {
      const target = await simdTargetOf(pool);
      return { name, status: "ok", detail: `version ${version}, uses ${target} instructions` };
    } finally {
      await pool.close();
    }
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    return { name, status: "missing", detail: `version ${version} fails: ${error.message}`, fix: FIX };
  }
}

async function simdTargetOf(pool: Awaited<ReturnType<typeof createHostPool>>): Promise<string> {
  const { statistics } = await pool.vietorisRips(
    { kind: "points", values: Float64Array.of(0, 1), rows: 2, columns: 1, metric: "euclidean", minkowskiP: null },
    {
      maxDimension: 0,
      threshold: null,
      coefficientField: 2,
      edgeCollapse: "auto",
      representatives: "none",
      threads: 1,
      memoryLimitBytes: null,
    },
  );
  return statistics.simdTarget;
}

/** The addon that computes inside a Node.js process. */
export function checkEngineAddon(): Finding {
  const name = "Engine addon (--local)";
  const path = defaultAddonFile();
  return existsSync(path)
    ? { name, status: "ok", detail: path }
    : { name, status: "optional", detail: `${path} is not there`, fix: FIX };
}
