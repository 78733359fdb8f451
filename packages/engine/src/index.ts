export { EngineError, type EngineErrorCode, type EngineErrorPlace } from "./errors.ts";
export { readFarthestPoints, readRobustZScore } from "./features.ts";
export { createInProcessEngine, type InProcessEngineOptions } from "./in-process.ts";
export { createHostPool, type HostPool, type HostPoolStatistics } from "./pool.ts";
export type { HostPoolEvent, HostPoolOptions } from "./pool-options.ts";
export type * from "./types.ts";
export { createTypeScriptEngine } from "./typescript/index.ts";
