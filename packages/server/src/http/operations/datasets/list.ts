import type { Dataset } from "@tda-platform/contract/datasets";
import { DATASETS_OPERATIONS } from "@tda-platform/contract/operations/datasets";
import type { Page, PageQuery } from "@tda-platform/contract/pages";
import type { FastifyRequest } from "fastify";
import { queryReader } from "../../json-request.ts";
import { page, pageRequest } from "../../page.ts";
import { callerOf } from "../../request-context.ts";
import type { OperationContext } from "../context.ts";
import { presentDataset } from "./present.ts";

const readQuery = queryReader<PageQuery>(DATASETS_OPERATIONS["dataset.list"].request.query);

/** `dataset.list` */
export function listDatasets({ datasets }: OperationContext) {
  return async (request: FastifyRequest): Promise<Page<Dataset>> => {
    const asked = pageRequest(readQuery(request));
    const { projectId } = callerOf(request);
    const found = await datasets.datasets.list(projectId, { ...asked, limit: asked.limit + 1 });
    return page(found.map(presentDataset), asked, ({ id }) => id);
  };
}
