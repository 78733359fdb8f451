import { readFile } from "node:fs/promises";
import { createHostPool, createInProcessEngine, createTypeScriptEngine, type Engine } from "../../src/index.ts";
import { defaultWasmFile } from "../../src/locate-build.ts";
import { createWasmEngine } from "../../src/wasm/index.ts";

export interface EngineUnderTest {
  readonly name: string;
  readonly isNative: boolean;
  readonly create: () => Promise<Engine>;
}

const implementations: readonly EngineUnderTest[] = [
  { name: "host pool", isNative: true, create: () => createHostPool({ size: 2 }) },
  { name: "in-process", isNative: true, create: () => createInProcessEngine() },
  { name: "TypeScript", isNative: false, create: async () => createTypeScriptEngine() },
];

const webAssembly: EngineUnderTest = {
  name: "WebAssembly",
  isNative: true,
  create: async () => createWasmEngine(await readFile(defaultWasmFile())),
};

/** The one with a build of its own is another suite's (vitest.config.ts). */
export const engines = process.env.TDA_TEST_ENGINES === "WebAssembly" ? [webAssembly] : implementations;
