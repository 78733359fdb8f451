import type { Dataset, DatasetQuery } from "@tda-platform/contract/datasets";
import type { Page, PageQuery } from "@tda-platform/contract/pages";
import { ConnectionError, ProblemError } from "./errors.ts";
import {
  type CallOptions,
  parseJson,
  type RawAnswer,
  type Request,
  send,
  sendForStream,
  type Transport,
} from "./http.ts";

/** A content to upload: read by parts, each once or, after a broken connection, again. */
export interface UploadSource {
  readonly size: number;
  /** Bytes from `start` to before `end`. */
  read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>>;
}

export interface UploadOptions extends CallOptions {
  /** After each part, with the bytes that have arrived. */
  readonly onProgress?: (arrived: number) => void;
}

/** Stored datasets of the project. */
export interface DatasetsClient {
  /** Uploads a content: a small one at once, a large one by parts that survive a broken connection (tus 1.0). */
  upload(source: UploadSource, description?: DatasetQuery, options?: UploadOptions): Promise<Dataset>;
  /** A page, newest first. */
  list(page?: PageQuery, call?: CallOptions): Promise<Page<Dataset>>;
  get(id: string, call?: CallOptions): Promise<Dataset>;
  /** The bytes as they were uploaded. */
  download(id: string, call?: CallOptions): Promise<ReadableStream<Uint8Array>>;
  delete(id: string, call?: CallOptions): Promise<void>;
}

/** Larger contents go by parts of this size. */
const PART_BYTES = 16 * 1_048_576;
const ATTEMPTS = 5;
const RETRY_MS = 500;
const TUS = { "tus-resumable": "1.0.0" } as const;

export function datasetsClient(transport: Transport): DatasetsClient {
  const json = async <Body>(request: Request, call: CallOptions = {}): Promise<Body> =>
    parseJson<Body>(transport.baseUrl + request.path, await send(transport, request, call));
  const get: DatasetsClient["get"] = (id, call) => json({ method: "GET", path: pathOf(id), idempotent: true }, call);
  return {
    get,
    list: (page = {}, call) =>
      json({ method: "GET", path: "/v1/datasets", query: texts(page), idempotent: true }, call),
    download: (id, call = {}) =>
      sendForStream(transport, { method: "GET", path: `${pathOf(id)}/content`, idempotent: true }, call),
    delete: async (id, call = {}) =>
      void (await send(transport, { method: "DELETE", path: pathOf(id), idempotent: true }, call)),
    upload: async (source, description = {}, options = {}) => {
      if (source.size <= PART_BYTES) {
        const body = { type: "application/octet-stream", content: await source.read(0, source.size) };
        const query = texts(description);
        const dataset = await json<Dataset>(
          { method: "POST", path: "/v1/datasets", query, body, idempotent: false },
          options,
        );
        options.onProgress?.(source.size);
        return dataset;
      }
      return await get(await uploadByParts(transport, source, description, options), options);
    },
  };
}

function pathOf(id: string): string {
  return `/v1/datasets/${encodeURIComponent(id)}`;
}

function texts(values: object): Record<string, string> {
  const given = Object.entries(values).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(given.map(([name, value]) => [name, String(value)]));
}

/** Returns the id of the dataset. */
async function uploadByParts(
  transport: Transport,
  source: UploadSource,
  description: DatasetQuery,
  options: UploadOptions,
): Promise<string> {
  const headers = { ...TUS, "upload-length": String(source.size), "upload-metadata": metadataOf(description) };
  const created = await send(transport, { method: "POST", path: "/v1/uploads", headers, idempotent: false }, options);
  const path = created.headers.get("location") ?? "";
  let offset = 0;
  for (let failures = 0; ; ) {
    try {
      const answer = await sendPart(transport, path, source, offset, options);
      const datasetId = answer.headers.get("upload-dataset-id");
      offset = Number(answer.headers.get("upload-offset"));
      failures = 0;
      options.onProgress?.(offset);
      if (datasetId !== null) return datasetId;
    } catch (error) {
      if (!isWorthAnother(error) || ++failures >= ATTEMPTS) throw error;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS * 2 ** failures));
      options.signal?.throwIfAborted();
      offset = await whereItStands(transport, path, offset, options);
    }
  }
}

async function sendPart(
  transport: Transport,
  path: string,
  source: UploadSource,
  offset: number,
  options: UploadOptions,
): Promise<RawAnswer> {
  const content = await source.read(offset, Math.min(offset + PART_BYTES, source.size));
  const body = { type: "application/offset+octet-stream", content };
  const headers = { ...TUS, "upload-offset": String(offset) };
  return await send(transport, { method: "PATCH", path, headers, body, idempotent: false }, options);
}

async function whereItStands(
  transport: Transport,
  path: string,
  known: number,
  options: UploadOptions,
): Promise<number> {
  const request: Request = { method: "HEAD", path, headers: TUS, idempotent: true };
  const answer = await send(transport, request, options).catch((error: unknown) => {
    if (error instanceof ConnectionError) return null;
    throw error;
  });
  return answer === null ? known : Number(answer.headers.get("upload-offset"));
}

function isWorthAnother(error: unknown): boolean {
  if (error instanceof ConnectionError) return true;
  return error instanceof ProblemError && [409, 423, 503].includes(error.status);
}

function metadataOf({ name, format, input_kind }: DatasetQuery): string {
  const pairs = Object.entries({ name, format, input_kind }).filter(([, value]) => value !== undefined);
  return pairs.map(([key, value]) => `${key} ${base64(String(value))}`).join(",");
}

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
