import { fileURLToPath } from "node:url";

/**
 * Where CMake put the engine: `build/engine` at the repository's root, or TDA_ENGINE_BUILD_DIR.
 */
function engineBuildUrl(): URL {
  const override = process.env.TDA_ENGINE_BUILD_DIR;
  if (override !== undefined && override !== "") return new URL(`file://${override.replace(/\/?$/, "/")}`);
  return new URL("../../../build/engine/", import.meta.url);
}

export function defaultHostExecutable(): string {
  return fileURLToPath(new URL("bin/tda-engine-host", engineBuildUrl()));
}

export function defaultAddonFile(): string {
  return fileURLToPath(new URL("lib/tda_node.node", engineBuildUrl()));
}
