import type { UploadStatus } from "@tda-platform/contract/datasets";
import type { FastifyRequest } from "fastify";
import { pathId } from "../../path-parameter.ts";
import { callerOf } from "../../request-context.ts";
import type { OperationContext } from "../context.ts";
import { requireNoQuery } from "../no-query.ts";
import { presentUpload } from "./present.ts";

/** `upload.read` */
export function readUpload({ datasets: { uploads } }: OperationContext) {
  return async (request: FastifyRequest): Promise<UploadStatus> => {
    requireNoQuery(request);
    return presentUpload(await uploads.find(callerOf(request).projectId, pathId(request, "upload_id", "upl")));
  };
}
