/** Streams as the API sees them; what their records mean, `events/` and docs/reference/stream-semantics.md say. */
export * from "./streams/actions.ts";
export * from "./streams/definition.ts";
export * from "./streams/points.ts";
export * from "./streams/rejected.ts";
export * from "./streams/results.ts";
