import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { MEDIA_TYPES } from "@tda-platform/contract/media-types";
import type { Logger } from "pino";
import { ProblemError } from "../domain/problem.ts";
import { newRequestId } from "./new-request-id.ts";
import { problemDocument } from "./problem-document.ts";

const PROBLEMS: Readonly<Record<string, () => ProblemError>> = {
  HPE_HEADER_OVERFLOW: () => new ProblemError("headers_too_large", "The request line and headers are too large."),
  ERR_HTTP_REQUEST_TIMEOUT: () => new ProblemError("request_timeout", "The request did not arrive in time."),
};

/** Answers what Node can't parse as HTTP: there is no request and so no route. The connection ends with the answer. */
export function clientErrorHandler(logger: Logger): (error: NodeJS.ErrnoException, socket: Socket) => void {
  return (error, socket) => {
    if (error.code === "ECONNRESET" || !socket.writable || isAnswering(socket)) {
      socket.destroy();
      return;
    }
    const problem = (PROBLEMS[error.code ?? ""] ?? malformed)();
    const requestId = newRequestId();
    const body = JSON.stringify(problemDocument(problem, "/", requestId));
    logger.info(
      { request_id: requestId, status: problem.status, code: problem.code, reason: error.code },
      "request refused",
    );
    socket.end(
      `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\nContent-Type: ${MEDIA_TYPES.problem}\r\n` +
        `Content-Length: ${Buffer.byteLength(body)}\r\nX-Request-Id: ${requestId}\r\nConnection: close\r\n\r\n${body}`,
    );
  };
}

/** Whether an answer is under way on the connection. Node's own handler asks the same property; there is no public one. */
function isAnswering(socket: Socket): boolean {
  const { _httpMessage: answer } = socket as Socket & {
    readonly _httpMessage?: { readonly headersSent: boolean } | null;
  };
  return answer?.headersSent === true;
}

function malformed(): ProblemError {
  return new ProblemError("bad_request", "The request is not well-formed HTTP.");
}
