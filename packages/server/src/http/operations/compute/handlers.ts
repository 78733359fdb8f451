import type { COMPUTE_OPERATIONS } from "@tda-platform/contract/operations/compute";
import type { HandlerOf } from "../context.ts";
import { computeCircularCoordinates } from "./circular-coordinates.ts";
import { computeEstimate } from "./estimate.ts";
import { computeVietorisRips } from "./vietoris-rips.ts";

export const COMPUTE_HANDLERS = {
  "compute.vietoris_rips": computeVietorisRips,
  "compute.circular_coordinates": computeCircularCoordinates,
  "compute.estimate": computeEstimate,
} as const satisfies Record<keyof typeof COMPUTE_OPERATIONS, HandlerOf>;
