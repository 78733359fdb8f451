import { existsSync } from "node:fs";
import { totalmem } from "node:os";
import { ENGINE_MAX_DIMENSION } from "@tda-platform/contract/limits";
import {
  createInProcessEngine,
  createTypeScriptEngine,
  type Engine,
  EngineError,
  type EngineProgress,
} from "@tda-platform/engine";
import { defaultAddonFile } from "@tda-platform/engine/locate-build";
import { loadSettings } from "@tda-platform/server/config/settings";
import { withEngineProblems } from "@tda-platform/server/domain/compute/engine-problem";
import { renderBars, resultBars } from "@tda-platform/server/domain/compute/render-bars";
import { type ComputeLimits, resolveRequest } from "@tda-platform/server/domain/compute/resolve-request";
import { answerBody, answerHead, storedResult } from "@tda-platform/server/domain/compute/result-body";
import { parseInlineRequest } from "@tda-platform/server/domain/input/rips-request";
import { newId } from "@tda-platform/server/internal/ids";
import { CliError } from "../cli-error.ts";
import type { CliContext } from "../context.ts";
import { byteSize } from "../output/numbers.ts";
import type { RipsJob, RipsOutcome, RipsWatch } from "./rips-job.ts";

/**
 * Computes in this process, with the server's own reading of the input and writing of the answer, so that both ways
 * accept the same files and print the same document.
 */
export async function runLocally(job: RipsJob, context: CliContext, watch: RipsWatch): Promise<RipsOutcome> {
  const parsed = parseInlineRequest({
    bytes: job.input.content,
    mediaType: job.input.type,
    encoding: null,
    query: queryString(job.parameters),
    bodyLimitBytes: Number.POSITIVE_INFINITY,
  });
  const request = resolveRequest(parsed, limitsOfThisMachine());
  const engine = await openEngine(context.env);
  try {
    const result = await withEngineProblems(
      request,
      engine.vietorisRips(request.input, request.options, {
        signal: watch.signal,
        onProgress: (progress) => watch.onProgress({ fraction: progress.fraction, text: progressText(progress) }),
      }),
    );
    const bars = renderBars(resultBars(result, request.options.representatives));
    const { tail } = storedResult(Buffer.from(bars), result, request, engine);
    const text = answerBody(answerHead(newId("cmp"), JSON.stringify(request.parameters)), tail).toString();
    return { result: JSON.parse(text), text, isCached: false };
  } finally {
    await engine.close();
  }
}

/** The native engine, or the TypeScript one where the settings say so. */
async function openEngine(env: CliContext["env"]): Promise<Engine> {
  if (loadSettings(env).featureMockCppEngine) return createTypeScriptEngine();
  if (!existsSync(defaultAddonFile())) {
    throw new CliError("The engine is not built yet.", { hint: "`npm start` builds it, once." });
  }
  try {
    return await createInProcessEngine();
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    throw new CliError(error.message, {
      hint: "`npx --no-install tda doctor` looks for what is missing.",
      cause: error,
    });
  }
}

/** Only the engine's own limits, and three quarters of the memory unless told. */
function limitsOfThisMachine(): ComputeLimits {
  return {
    maxPoints: 2 ** 32 - 1,
    maxDimension: ENGINE_MAX_DIMENSION,
    memoryLimitBytes: Math.floor(totalmem() * 0.75),
  };
}

function queryString(parameters: RipsJob["parameters"]): string {
  const entries = Object.entries(parameters).map(([name, value]): [string, string] => [name, String(value)]);
  return new URLSearchParams(entries).toString();
}

function progressText({ stage, dimension, bytes }: EngineProgress): string {
  const what = stage === "done" ? stage : `${stage.replace("-", " ")} in H${dimension}`;
  return `${what}, ${byteSize(bytes)}`;
}
