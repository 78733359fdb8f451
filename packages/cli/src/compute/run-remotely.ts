import type { RawAnswer } from "@tda-platform/sdk";
import type { Connection } from "../connection/connect.ts";
import { duration } from "../output/numbers.ts";
import type { RipsJob, RipsOutcome, RipsWatch } from "./rips-job.ts";

const ESTIMATE_AFTER_MS = 1_000;

/** Sends the job to a server. When it takes long, asks for an estimate to show what is to come. */
export async function runRemotely(job: RipsJob, server: Connection, watch: RipsWatch): Promise<RipsOutcome> {
  const { client } = server;
  const { type, content } = job.input;
  const request = { type, content, parameters: job.parameters };
  watch.onProgress({ fraction: null, text: `computing on ${server.url}` });

  const ended = new AbortController();
  const timer = setTimeout(async () => {
    const signal = AbortSignal.any([watch.signal, ended.signal]);
    try {
      const { seconds } = await client.estimateVietorisRips(request, { signal });
      watch.onProgress({
        fraction: null,
        text: `computing on ${server.url}, estimated ${duration(seconds * 1000)} of computation`,
      });
    } catch {
      // Without an estimate the elapsed time is all there is to show; what is wrong, the computation itself tells.
    }
  }, ESTIMATE_AFTER_MS);
  try {
    let answer: RawAnswer | undefined;
    const onAnswer = (raw: RawAnswer): void => {
      answer = raw;
    };
    const result = await client.computeVietorisRips(request, { signal: watch.signal, onAnswer });
    const cacheStatus = answer?.headers.get("cache-status") ?? "";
    return { result, text: answer?.text ?? "", isCached: /;\s*hit\b/.test(cacheStatus) };
  } finally {
    clearTimeout(timer);
    ended.abort();
  }
}
