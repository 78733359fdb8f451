import { readLong } from "./avro-structure.ts";

const HEADER_BYTES = 5;

/**
 * The project that an encoded value belongs to, empty where it has none: the first field of all schemas of a
 * project's records is `project_id`, so that it is found without the schema and without the rest.
 */
export function projectOf(value: Uint8Array | null): string {
  if (value === null || value.length <= HEADER_BYTES) return "";
  try {
    const { value: length, end } = readLong(value, HEADER_BYTES);
    if (length < 0 || length > value.length - end) return "";
    const text = Buffer.from(value.buffer, value.byteOffset + end, length).toString("utf8");
    return /^prj_[\w-]{1,64}$/.test(text) ? text : "";
  } catch {
    return "";
  }
}
