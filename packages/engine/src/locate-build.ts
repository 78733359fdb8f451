import { resolve } from "node:path";

/** Where CMake put the engine: TDA_ENGINE_BUILD_DIR, or `build/engine` at the repository's root. */
function engineBuildFolder(): string {
  const override = process.env.TDA_ENGINE_BUILD_DIR;
  if (override !== undefined && override !== "") return override;
  return resolve(import.meta.dirname, "../../../build/engine");
}

export function defaultHostExecutable(): string {
  return resolve(engineBuildFolder(), "bin/tda-engine-host");
}

export function defaultAddonFile(): string {
  return resolve(engineBuildFolder(), "lib/tda_node.node");
}
