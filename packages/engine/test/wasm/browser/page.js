// Runs in a real browser: computes on the page and in a worker, cancels one, and posts what happened to the server that it came from.
import { createWasmEngine, createWasmWorkerEngine } from "/wasm/tda-engine.js";

const { input, options, longInput, longOptions } = await (await fetch("/call.json")).json();
const points = ({ values, ...shape }) => ({ ...shape, values: Float64Array.from(values) });
const listOf = ({ diagrams }) => diagrams.map((diagram) => [...diagram].map(String));

async function onThePage() {
  const engine = await createWasmEngine("/wasm/tda-engine.wasm");
  const result = await engine.vietorisRips(points(input), options);
  const refusal = await engine
    .vietorisRips(points(input), { ...options, memoryLimitBytes: 1_000 })
    .catch((error) => error.code);
  return { version: engine.version, simdTarget: result.statistics.simdTarget, diagrams: listOf(result), refusal };
}

async function inAWorker() {
  const engine = await createWasmWorkerEngine(new URL("/wasm/tda-engine.wasm", location.href));
  const fractions = [];
  const abort = new AbortController();
  const onProgress = ({ fraction }) => {
    fractions.push(fraction);
    abort.abort();
  };
  const long = engine.vietorisRips(points(longInput), longOptions, { signal: abort.signal, onProgress });
  const waiting = engine.vietorisRips(points(input), options);
  const cancelled = await long.catch((error) => error.code);
  const result = await waiting;
  const estimate = await engine.estimateVietorisRips(points(input), options);
  const refusal = await engine
    .vietorisRips(points(input), { ...options, coefficientField: 4 })
    .catch((error) => error.code);
  const closing = engine.vietorisRips(points(longInput), longOptions).catch((error) => error.code);
  await engine.close();
  return {
    version: engine.version,
    fractions,
    cancelled,
    diagrams: listOf(result),
    edges: estimate.edges,
    refusal,
    closed: await closing,
    afterwards: await engine.vietorisRips(points(input), options).catch((error) => error.code),
  };
}

const report = await Promise.all([onThePage(), inAWorker()]).then(
  ([page, worker]) => ({ page, worker }),
  (error) => ({ error: `${error}\n${error.stack}` }),
);
await fetch("/report", { method: "POST", body: JSON.stringify(report) });
