import type { Dataset } from "@tda-platform/contract/datasets";
import type { FastifyRequest } from "fastify";
import { pathId } from "../../path-parameter.ts";
import { callerOf } from "../../request-context.ts";
import type { OperationContext } from "../context.ts";
import { requireNoQuery } from "../no-query.ts";
import { presentDataset } from "./present.ts";

/** `dataset.read` */
export function readDataset({ datasets }: OperationContext) {
  return async (request: FastifyRequest): Promise<Dataset> => {
    requireNoQuery(request);
    const id = pathId(request, "dataset_id", "ds");
    return presentDataset(await datasets.datasets.find(callerOf(request).projectId, id));
  };
}
