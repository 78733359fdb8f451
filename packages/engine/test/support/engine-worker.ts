/** A worker thread with an engine of its own: posts a diagram's bytes, or the word "progress" from a long computation. */
import { parentPort } from "node:worker_threads";
import { createInProcessEngine } from "../../src/in-process.ts";
import { bytesOf } from "./diagrams.ts";
import { defaults, longInput, longOptions, randomPoints } from "./inputs.ts";

const engine = await createInProcessEngine();
if (process.argv[2] === "long") {
  void engine.vietorisRips(longInput, longOptions, { onProgress: () => parentPort?.postMessage("progress") });
} else {
  parentPort?.postMessage(bytesOf(await engine.vietorisRips(randomPoints(80, 3), defaults)));
}
