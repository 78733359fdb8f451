import type { FastifyReply, FastifyRequest } from "fastify";
import type { Quotas } from "../domain/limits/ports.ts";
import { type Logger, lineOutput } from "../internal/logger.ts";
import type { Metrics } from "../internal/metrics.ts";
import { ConnectionTraffic } from "./connection-traffic.ts";
import { rawPath } from "./request-context.ts";
import { REQUEST_MESSAGE, type RequestFields, requestLine } from "./request-line.ts";
import { traceFields } from "./trace-context.ts";

/** Status under which a request is counted whose client left before the answer (nginx's convention). */
export const CLIENT_GONE = 499;

const KNOWN_METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]);
/** What is polled by machines is logged only when it fails. */
const QUIET = /^\/(health|metrics)/;

/** Counts, times and logs a request that has ended: one line each. */
export function requestObserver(logger: Logger, metrics: Metrics, quotas: Pick<Quotas, "charge">) {
  const write = lineWriter(logger);
  const traffic = new ConnectionTraffic();
  return (request: FastifyRequest, reply: FastifyReply, status: number = reply.raw.statusCode): void => {
    const milliseconds = reply.elapsedTime;
    const endpoint = request.routeOptions.url ?? "unmatched";
    const method = KNOWN_METHODS.has(request.method) ? request.method : "OTHER";
    metrics.observeRequest({ method, endpoint, status, seconds: milliseconds / 1000 });
    const { principal } = request;
    const used = traffic.since(request.raw.socket);
    if (principal !== null) quotas.charge(principal.projectId, used);
    const level = status < 400 && QUIET.test(endpoint) ? "debug" : "info";
    if (!logger.isLevelEnabled(level)) return;
    const fields: RequestFields = {
      request_id: request.id,
      method: request.method,
      path: rawPath(request.raw.url),
      status,
      duration_ms: Math.round(milliseconds * 1000) / 1000,
      ...(principal === null ? {} : { principal: principal.id }),
      ...traceFields(request.raw.headers.traceparent as string | undefined),
    };
    write(level, fields);
  };
}

function lineWriter(logger: Logger): (level: "debug" | "info", fields: RequestFields) => void {
  const output = lineOutput(logger);
  if (output === null) return (level, fields) => logger[level](fields, REQUEST_MESSAGE);
  const { values } = logger.levels;
  return (level, fields) => output.write(requestLine(values[level]!, Date.now(), fields));
}
