/**
 * A worker thread with an engine of its own. "compute": posts a diagram's bytes. "long": posts at the first progress of a
 * long computation. "short": posts at once, then computes small inputs for ever.
 */
import { parentPort } from "node:worker_threads";
import { createInProcessEngine } from "../../src/in-process.ts";
import { bytesOf } from "./diagrams.ts";
import { defaults, longInput, longOptions, pointsOf, randomPoints } from "./inputs.ts";

const engine = await createInProcessEngine();
const post = (message: unknown) => parentPort?.postMessage(message);

if (process.argv[2] === "long") {
  void engine.vietorisRips(longInput, longOptions, { onProgress: () => post("progress") });
} else if (process.argv[2] === "short") {
  const input = pointsOf(
    Float64Array.from({ length: 10_000 }, (_, index) => index),
    1,
  );
  post("started");
  for (;;) await engine.vietorisRips(input, { ...defaults, threshold: 0.5 }, { onProgress: () => undefined });
} else {
  post(bytesOf(await engine.vietorisRips(randomPoints(80, 3), defaults)));
}
