/**
 * The engine in plain TypeScript: the same answers as the native one, slowly and within limits (`budget.ts`), for work on
 * clients and the console without a C++ compiler. It is refused where NODE_ENV is "production".
 */

import { checkCall } from "../check-call.ts";
import { EngineError } from "../errors.ts";
import { toFeatureCall } from "../features.ts";
import { toCallOptions } from "../native-call.ts";
import type {
  CircularCoordinates,
  CircularCoordinatesOptions,
  CostEstimate,
  Engine,
  EngineCall,
  EngineInput,
  Feature,
  FeatureOptions,
  FeaturesResult,
  VietorisRipsOptions,
  VietorisRipsResult,
} from "../types.ts";
import { estimateCost } from "./estimate.ts";
import { runInSlices, type Steps } from "./steps.ts";
import { vietorisRips } from "./vietoris-rips.ts";

export { MAX_PAIRS, MAX_SIMPLICES } from "./budget.ts";

/** The version of the engine's contract, marked as this implementation: it is part of every cache key. */
export const TYPESCRIPT_ENGINE_VERSION = "0.1.0+typescript";

/** Computations share the event loop of the caller, in slices of about 10 ms. */
export function createTypeScriptEngine(): Engine {
  let closed = false;
  const run = async <Result>(steps: Steps<Result>, call: EngineCall): Promise<Result> => {
    if (closed) throw new EngineError("engine_closed", "The engine is closed.");
    return await runInSlices(steps, call, () => closed);
  };
  return {
    kind: "typescript",
    version: TYPESCRIPT_ENGINE_VERSION,
    async vietorisRips(
      input: EngineInput,
      options: VietorisRipsOptions,
      call: EngineCall = {},
    ): Promise<VietorisRipsResult> {
      const result = await run(vietorisRips(input, options), call);
      call.onProgress?.({
        fraction: 1,
        stage: "done",
        dimension: options.maxDimension,
        columnsDone: 0,
        columnsTotal: 0,
        bytes: result.statistics.peakBytes,
      });
      return result;
    },
    async estimateVietorisRips(
      input: EngineInput,
      options: VietorisRipsOptions,
      call: EngineCall = {},
    ): Promise<CostEstimate> {
      return await run(estimateCost(input, options), call);
    },
    async circularCoordinates(input: EngineInput, options: CircularCoordinatesOptions): Promise<CircularCoordinates> {
      checkCall(input, toCallOptions(options));
      throw new EngineError("not_supported", "Circular coordinates are the native engine's.");
    },
    async computeFeatures(features: readonly Feature[], options: FeatureOptions): Promise<FeaturesResult> {
      const packed = toFeatureCall(features, options);
      checkCall(packed.input, packed.options);
      throw new EngineError("not_supported", "Features are the native engine's.");
    },
    async close(): Promise<void> {
      closed = true;
    },
  };
}
