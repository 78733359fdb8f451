/** The dedicated worker of `createWasmWorkerEngine`. */
import type { ComputedAnswer } from "../engine-task.ts";
import { EngineError } from "../errors.ts";
import { WasmComputer } from "./computer.ts";
import type { FromWorker, ToWorker } from "./worker-messages.ts";

declare const self: {
  onmessage: ((event: { readonly data: ToWorker }) => void) | null;
  postMessage(message: FromWorker, transfer?: readonly ArrayBufferLike[]): void;
};

let computer: Promise<WasmComputer> | undefined;

self.onmessage = async ({ data }) => {
  try {
    if (data.kind === "module") {
      computer = WasmComputer.create(data.module, data.maximumMemoryBytes);
      self.postMessage({ kind: "ready", version: (await computer).version });
      return;
    }
    if (computer === undefined) throw new EngineError("internal", "The worker got no module.");
    const { operation, input, options, wantsProgress } = data;
    const answer = await (await computer).compute(operation, input, options, (progress) => {
      if (wantsProgress) self.postMessage({ kind: "progress", progress });
      return false;
    });
    self.postMessage({ kind: "answer", answer }, buffersOf(answer));
  } catch (error) {
    const { code, message, place } =
      error instanceof EngineError ? error : new EngineError("engine_crashed", `The worker failed: ${error}.`);
    self.postMessage({ kind: "error", code, message, place });
  }
};

/** What goes to the page without a copy. Representatives are copied: some of their arrays are null. */
function buffersOf(answer: ComputedAnswer): ArrayBufferLike[] {
  if (answer.kind === "result") return answer.diagrams.map(({ buffer }) => buffer);
  if (answer.kind === "values") return [answer.values.values.buffer];
  return answer.kind === "coordinates" ? [answer.coordinates.coordinates.buffer] : [];
}
