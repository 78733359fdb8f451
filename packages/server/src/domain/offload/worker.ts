import { parentPort } from "node:worker_threads";
import { doTask, type OffloadRequest, transferOf } from "./tasks.ts";

/** Entry of the worker threads. */
parentPort?.on("message", (request: OffloadRequest) => {
  const answer = doTask(request);
  parentPort?.postMessage(answer, transferOf(answer));
});
