import { MEDIA_TYPES } from "@tda-platform/contract/media-types";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { UploadRecord } from "../../../domain/datasets/ports.ts";
import { UPLOAD_CHECKSUMS, type UploadChecksum } from "../../../domain/datasets/upload-service.ts";
import { ProblemError, problemAt } from "../../../domain/problem.ts";

/** The resumable upload protocol, version 1.0 (tus.io): its headers, as this server understands them. */
const VERSION = "1.0.0";
const EXTENSIONS = "creation,creation-with-upload,expiration,checksum,termination";
const COUNT = /^\d{1,15}$/;

type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>;

/** Holds requests to the protocol's version, and marks every answer with it, problems too. */
export function tusHandler(handler: Handler): Handler {
  return async (request, reply) => {
    reply.headers({ "tus-resumable": VERSION, "cache-control": "no-store" });
    if (request.raw.headers["tus-resumable"] !== VERSION) {
      reply.header("tus-version", VERSION);
      throw new ProblemError("tus_version_not_supported", `Tus-Resumable must be ${VERSION}.`);
    }
    try {
      return await handler(request, reply);
    } catch (error) {
      const offset = error instanceof ProblemError ? error.members.upload_offset : undefined;
      if (typeof offset === "number") reply.header("upload-offset", offset);
      throw error;
    }
  };
}

/** What `OPTIONS` of the uploads tells. */
export function tusOptions(limitBytes: number): Readonly<Record<string, string>> {
  return {
    "tus-resumable": VERSION,
    "tus-version": VERSION,
    "tus-extension": EXTENSIONS,
    "tus-max-size": String(limitBytes),
    "tus-checksum-algorithm": UPLOAD_CHECKSUMS.join(","),
  };
}

/** Where an upload stands. */
export function tusHeaders({ received, expiresAt, datasetId }: UploadRecord): Readonly<Record<string, string>> {
  return {
    "upload-offset": String(received),
    "upload-expires": expiresAt.toUTCString(),
    ...(datasetId === null ? {} : { "upload-dataset-id": datasetId }),
  };
}

export function hasTusBody(request: FastifyRequest): boolean {
  const { headers } = request.raw;
  if (headers["content-length"] === "0" || (headers["content-length"] ?? headers["transfer-encoding"]) === undefined) {
    return false;
  }
  requireTusBody(request);
  return true;
}

/** @throws ProblemError `unsupported_media_type` */
export function requireTusBody(request: FastifyRequest): void {
  const { headers } = request.raw;
  if (headers["content-type"]?.split(";", 1)[0]?.trim().toLowerCase() !== MEDIA_TYPES.tusPatch) {
    throw new ProblemError("unsupported_media_type", `The body must be ${MEDIA_TYPES.tusPatch}.`);
  }
  if (headers["content-encoding"] !== undefined && headers["content-encoding"] !== "identity") {
    throw new ProblemError("unsupported_content_encoding", "Parts of an upload are not compressed on the way.");
  }
}

/** @throws ProblemError `validation_failed` */
export function uploadOffset(request: FastifyRequest): number {
  return count(request, "upload-offset");
}

export function uploadLength(request: FastifyRequest): number {
  if (request.raw.headers["upload-defer-length"] !== undefined) {
    throw problemAt("not_supported", "/Upload-Defer-Length", "The length of an upload is told when it begins.");
  }
  return count(request, "upload-length");
}

function count(request: FastifyRequest, name: "upload-offset" | "upload-length"): number {
  const header = request.raw.headers[name];
  if (typeof header === "string" && COUNT.test(header)) return Number(header);
  const shown = name === "upload-offset" ? "Upload-Offset" : "Upload-Length";
  throw problemAt("validation_failed", `/${shown}`, `${shown} must be a number of bytes.`);
}

/** @throws ProblemError `validation_failed` */
export function uploadChecksum(request: FastifyRequest): UploadChecksum | null {
  const header = request.raw.headers["upload-checksum"];
  if (header === undefined) return null;
  const [name, encoded = ""] = String(header).split(" ");
  const algorithm = UPLOAD_CHECKSUMS.find((known) => known === name);
  const digest = Buffer.from(encoded, "base64");
  if (algorithm === undefined || digest.length === 0) {
    const detail = `Upload-Checksum must be one of ${UPLOAD_CHECKSUMS.join(", ")} and a digest in base64.`;
    throw problemAt("validation_failed", "/Upload-Checksum", detail);
  }
  return { algorithm, digest };
}
