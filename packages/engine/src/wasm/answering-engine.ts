import type { ComputedAnswer } from "../engine-task.ts";
import { EngineError } from "../errors.ts";
import { toFeatureCall } from "../features.ts";
import type { Operation } from "../frame-layout.ts";
import {
  type CallOptions,
  fromNativeCoordinates,
  fromNativeEstimate,
  fromNativeResult,
  fromNativeValues,
  toCallOptions,
} from "../native-call.ts";
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

/** The operations of `Engine` over one way to have them computed. */
export abstract class AnsweringEngine implements Engine {
  readonly kind = "native";
  abstract readonly version: string;

  abstract close(): Promise<void>;

  /** Checks and computes. */
  protected abstract submit(
    operation: Operation,
    input: EngineInput,
    options: CallOptions,
    call: EngineCall,
  ): Promise<ComputedAnswer>;

  async vietorisRips(
    input: EngineInput,
    options: VietorisRipsOptions,
    call: EngineCall = {},
  ): Promise<VietorisRipsResult> {
    const answer = await this.submit("vietorisRips", input, options, call);
    if (answer.kind !== "result") throw new EngineError("internal", "The module answered another operation.");
    return fromNativeResult(answer);
  }

  async circularCoordinates(
    input: EngineInput,
    options: CircularCoordinatesOptions,
    call: EngineCall = {},
  ): Promise<CircularCoordinates> {
    const answer = await this.submit("circularCoordinates", input, toCallOptions(options), call);
    if (answer.kind !== "coordinates") throw new EngineError("internal", "The module answered another operation.");
    return fromNativeCoordinates(answer.coordinates);
  }

  async computeFeatures(
    features: readonly Feature[],
    options: FeatureOptions,
    call: EngineCall = {},
  ): Promise<FeaturesResult> {
    const packed = toFeatureCall(features, options);
    const answer = await this.submit("computeFeatures", packed.input, packed.options, call);
    if (answer.kind !== "values") throw new EngineError("internal", "The module answered another operation.");
    return fromNativeValues(answer.values);
  }

  async estimateVietorisRips(
    input: EngineInput,
    options: VietorisRipsOptions,
    call: EngineCall = {},
  ): Promise<CostEstimate> {
    const answer = await this.submit("estimateVietorisRips", input, options, call);
    if (answer.kind !== "estimate") throw new EngineError("internal", "The module answered another operation.");
    return fromNativeEstimate(answer.estimate, options.maxDimension);
  }
}
