import { parentPort } from "node:worker_threads";
import { doTask, type OffloadRequest, transferOf } from "./tasks.ts";

/** Entry of the worker threads. */
parentPort?.on("message", async (request: OffloadRequest) => {
  const answer = await doTask(request);
  parentPort?.postMessage(answer, transferOf(answer));
});
