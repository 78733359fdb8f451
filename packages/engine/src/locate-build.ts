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

/** What `npm run build -- wasm` makes: TDA_WASM_BUILD_DIR, or `build/wasm` at the repository's root. */
export function defaultWasmFile(): string {
  const override = process.env.TDA_WASM_BUILD_DIR;
  const folder =
    override !== undefined && override !== "" ? override : resolve(import.meta.dirname, "../../../build/wasm");
  return resolve(folder, "tda-engine.wasm");
}
