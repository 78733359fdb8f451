import type { Dataset } from "@tda-platform/contract/datasets";
import type { FastifyReply, FastifyRequest } from "fastify";
import { receiving } from "../../receiving.ts";
import { callerOf } from "../../request-context.ts";
import type { OperationContext } from "../context.ts";
import { incomingDataset } from "./incoming.ts";
import { presentDataset } from "./present.ts";

/** `dataset.create` */
export function createDataset({ datasets, settings }: OperationContext) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<Dataset> => {
    const caller = callerOf(request);
    const record = await receiving(request, async (body) => {
      const incoming = await incomingDataset(request, body, settings.datasetLimitBytes);
      return await datasets.datasets.create(caller, incoming);
    });
    reply.code(201).header("location", `/v1/datasets/${record.id}`);
    return presentDataset(record);
  };
}
