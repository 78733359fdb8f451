import { PAGE_DEFAULT_ITEMS } from "@tda-platform/contract/limits";
import type { Page } from "@tda-platform/contract/pages";
import {
  USAGE_QUERY_SCHEMA,
  type UsageHourBody,
  type UsageQueryParameters,
} from "@tda-platform/contract/service-schemas";
import type { FastifyRequest } from "fastify";
import type { UsageHour } from "../../../domain/limits/ports.ts";
import { problemAt } from "../../../domain/problem.ts";
import { queryReader } from "../../json-request.ts";
import { callerOf } from "../../request-context.ts";
import type { OperationContext } from "../context.ts";

/** `usage.read` */
export function readUsage({ limits }: OperationContext) {
  const readQuery = queryReader<UsageQueryParameters>(USAGE_QUERY_SCHEMA);
  return async (request: FastifyRequest): Promise<Page<UsageHourBody>> => {
    const { from, to, cursor, limit = PAGE_DEFAULT_ITEMS } = readQuery(request);
    const query = {
      from: from === undefined ? null : timeAt("/from", from),
      before: cursor === undefined ? (to === undefined ? null : timeAt("/to", to)) : timeOf(cursor),
      limit: limit + 1,
    };
    const found = await limits.usage.hours(callerOf(request).projectId, query);
    const items = found.slice(0, limit);
    const last = found.length > limit ? items.at(-1) : undefined;
    return { items: items.map(present), next_cursor: last === undefined ? null : cursorOf(last.hour) };
  };
}

function present(hour: UsageHour): UsageHourBody {
  return {
    hour: hour.hour.toISOString(),
    requests: hour.requests,
    computations: hour.computations,
    cpu_seconds: Math.round(hour.cpuSeconds * 1e6) / 1e6,
    bytes_received: hour.bytesReceived,
    bytes_sent: hour.bytesSent,
  };
}

function timeAt(pointer: string, text: string): Date {
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) throw problemAt("validation_failed", pointer, "This is no time.");
  return time;
}

function cursorOf(hour: Date): string {
  return Buffer.from(hour.toISOString()).toString("base64url");
}

function timeOf(cursor: string): Date {
  const time = new Date(Buffer.from(cursor, "base64url").toString("latin1"));
  if (Number.isNaN(time.getTime()) || cursorOf(time) !== cursor) {
    throw problemAt("validation_failed", "/cursor", "This cursor is not one of this list.");
  }
  return time;
}
