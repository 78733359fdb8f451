import type { ComputedAnswer } from "../engine-task.ts";
import { EngineError } from "../errors.ts";
import type { Operation } from "../frame-layout.ts";
import { fromNativeEstimate, fromNativeResult } from "../native-call.ts";
import type {
  CostEstimate,
  Engine,
  EngineCall,
  EngineInput,
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
    options: VietorisRipsOptions,
    call: EngineCall,
  ): Promise<ComputedAnswer>;

  async vietorisRips(
    input: EngineInput,
    options: VietorisRipsOptions,
    call: EngineCall = {},
  ): Promise<VietorisRipsResult> {
    const answer = await this.submit("vietorisRips", input, options, call);
    if (answer.kind !== "result") throw new EngineError("internal", "The module answered another operation.");
    return fromNativeResult(answer.diagrams, answer.statistics);
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
