import { PAGE_DEFAULT_ITEMS } from "@tda-platform/contract/limits";
import { MEDIA_TYPES } from "@tda-platform/contract/media-types";
import { STREAM_RESULTS_QUERY_SCHEMA, type StreamResultsQuery } from "@tda-platform/contract/streams";
import type { FastifyReply, FastifyRequest } from "fastify";
import { problemAt } from "../../../domain/problem.ts";
import type { StoredResult } from "../../../domain/streams/stream.ts";
import type { ResultQuery } from "../../../domain/streams/stream-store.ts";
import { queryReader } from "../../json-request.ts";
import type { OperationContext } from "../context.ts";
import { streamOf } from "./stream-request.ts";

const CURSOR = /^(-?\d{1,16}) (res_[0-9a-f-]{36})$/;

/** `stream.results` */
export function listStreamResults({ streams }: OperationContext) {
  const readQuery = queryReader<StreamResultsQuery>(STREAM_RESULTS_QUERY_SCHEMA);
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const asked = resultQuery(readQuery(request));
    const { projectId, id } = streamOf(request);
    const found = await streams.listResults(projectId, id, asked);
    const items = found.slice(0, asked.limit);
    const last = found.length > items.length ? items.at(-1) : undefined;
    const next = last === undefined ? null : cursorOf(last);
    // They are JSON already.
    const text = `{"items":[${items.map(({ body }) => body).join(",")}],"next_cursor":${JSON.stringify(next)}}`;
    return reply.header("content-type", MEDIA_TYPES.json).send(text);
  };
}

function resultQuery(query: StreamResultsQuery): ResultQuery {
  return {
    limit: query.limit ?? PAGE_DEFAULT_ITEMS,
    before: placeOf(query.cursor),
    key: query.key ?? null,
    from: timeOf("from", query.from),
    to: timeOf("to", query.to),
    version: query.version ?? null,
    isEveryRevision: query.revisions === "all",
  };
}

function timeOf(name: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw problemAt("validation_failed", `/${name}`, "This is no time.");
  return time;
}

function cursorOf({ windowStart, id }: StoredResult): string {
  return Buffer.from(`${windowStart} ${id}`, "latin1").toString("base64url");
}

function placeOf(cursor: string | undefined): ResultQuery["before"] {
  if (cursor === undefined) return null;
  const place = CURSOR.exec(Buffer.from(cursor, "base64url").toString("latin1"));
  if (place === null) throw problemAt("validation_failed", "/cursor", "This cursor is not one of this list.");
  return { windowStart: Number(place[1]), id: place[2]! };
}
