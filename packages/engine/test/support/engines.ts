import { createHostPool, createInProcessEngine, createTypeScriptEngine, type Engine } from "../../src/index.ts";

export interface EngineUnderTest {
  readonly name: string;
  readonly isNative: boolean;
  readonly create: () => Promise<Engine>;
}

export const engines: readonly EngineUnderTest[] = [
  { name: "host pool", isNative: true, create: () => createHostPool({ size: 2 }) },
  { name: "in-process", isNative: true, create: () => createInProcessEngine() },
  { name: "TypeScript", isNative: false, create: async () => createTypeScriptEngine() },
];
