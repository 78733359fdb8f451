import type { AvroRecord, AvroValue } from "@tda-platform/contract/events/avro";
import avro from "avsc";
import { skipValue } from "./avro-structure.ts";
import { UndecodableRecord } from "./event-log.ts";

/** Where the library reads from and writes to. */
interface Tap {
  readonly buf: Buffer;
  pos: number;
  writeBytes(bytes: Buffer): void;
}

/** As Avro's bytes, any array of bytes; the library's own type takes Node's buffers only. */
class BytesType extends avro.types.BytesType {
  _check(value: unknown, _flags: unknown, hook?: (value: unknown, type: unknown) => void): boolean {
    const isValid = value instanceof Uint8Array;
    if (!isValid) hook?.(value, this);
    return isValid;
  }

  _write(tap: Tap, value: unknown): void {
    if (!(value instanceof Uint8Array)) throw new TypeError("a field of bytes is a Uint8Array");
    tap.writeBytes(Buffer.from(value.buffer, value.byteOffset, value.byteLength));
  }
}

/** Beyond this the library's own arithmetic, in doubles, loses the sign's bit. */
const EXACT_LONG = 2 ** 51;
/** Bytes of a number that is certainly below. */
const EXACT_LONG_BYTES = 7;

/** Avro's long, exact up to 2^53. */
class LongType extends avro.types.LongType {
  _write(tap: Tap, value: unknown): void {
    if (typeof value !== "number" || !Number.isSafeInteger(value) || Math.abs(value) < EXACT_LONG) {
      inherited._write.call(this, tap, value);
      return;
    }
    let left = value < 0 ? -2n * BigInt(value) - 1n : 2n * BigInt(value);
    for (; left > 0x7fn; left >>= 7n) tap.buf[tap.pos++] = Number(left & 0x7fn) | 0x80;
    tap.buf[tap.pos++] = Number(left);
  }

  _read(tap: Tap): number {
    const { buf, pos } = tap;
    let end = pos;
    while (buf[end]! >= 0x80) end += 1;
    if (end - pos < EXACT_LONG_BYTES) return inherited._read.call(this, tap);
    let unsigned = 0n;
    for (let at = end; at >= pos; at--) unsigned = (unsigned << 7n) | BigInt(buf[at]! & 0x7f);
    tap.pos = end + 1;
    const value = Number(unsigned % 2n === 0n ? unsigned / 2n : -(unsigned + 1n) / 2n);
    if (!Number.isSafeInteger(value)) throw new RangeError("a number is beyond 2^53");
    return value;
  }
}

const inherited = avro.types.LongType.prototype as unknown as {
  _write(tap: Tap, value: unknown): void;
  _read(tap: Tap): number;
};

/** The library keeps the names that it has met in them. */
const newOptions = () =>
  ({
    typeHook: (part: unknown) => (part === "bytes" ? new BytesType() : part === "long" ? new LongType() : undefined),
    wrapUnions: false,
  }) as unknown as Parameters<typeof avro.Type.forSchema>[1];

const types = new WeakMap<object, avro.Type>();

/** The compiled type of a schema; an object is compiled once. @throws Error when it is no Avro schema. */
export function avroType(schema: object): avro.Type {
  const known = types.get(schema);
  if (known !== undefined) return known;
  const type = avro.Type.forSchema(schema as avro.Schema, newOptions());
  types.set(schema, type);
  return type;
}

const SCRATCH_BYTES = 65_536;
/** A larger buffer is not kept for the next value. */
const KEPT_SCRATCH_BYTES = 1_048_576;
let scratch = Buffer.alloc(SCRATCH_BYTES);

/** A value's bytes after `gap` bytes that are left to the caller. @throws Error when the value is not of the schema. */
export function encodeAfter(gap: number, schema: object, value: unknown): Buffer {
  const type = avroType(schema);
  for (;;) {
    // Negative: so many bytes too few.
    const end = type.encode(value, scratch, gap);
    if (end >= 0) {
      const bytes = Buffer.allocUnsafeSlow(end);
      scratch.copy(bytes, 0, 0, end);
      if (scratch.length > KEPT_SCRATCH_BYTES) scratch = Buffer.alloc(SCRATCH_BYTES);
      return bytes;
    }
    scratch = Buffer.alloc(2 * (scratch.length - end));
  }
}

/**
 * Avro binary of a value, without the registry's header: the form of golden vectors, and what "the same result" means.
 * @throws Error when the value is not of the schema.
 */
export function encodeAvro<const Schema extends AvroRecord>(schema: Schema, value: AvroValue<Schema>): Uint8Array {
  return encodeAfter(0, schema, value);
}

/** The inverse of `encodeAvro`. @throws UndecodableRecord when the bytes are no value of the schema. */
export function decodeAvro<const Schema extends AvroRecord>(schema: Schema, bytes: Uint8Array): AvroValue<Schema> {
  const type = avroType(schema);
  return decodeAs({ writer: type, reader: type, resolver: null }, bytes, 0) as AvroValue<Schema>;
}

/** How bytes of one schema become a value of another. */
export interface Reading {
  readonly writer: avro.Type;
  readonly reader: avro.Type;
  /** null: they are the same. */
  readonly resolver: ReturnType<avro.Type["createResolver"]> | null;
}

/** @throws Error when a reader of the one schema cannot read the other's bytes. */
export function readingOf(writerSchema: object, readerSchema: object): Reading {
  const [writer, reader] = [avroType(writerSchema), avroType(readerSchema)];
  return { writer, reader, resolver: writer === reader ? null : reader.createResolver(writer) };
}

/** The value of the bytes from a place to the end. @throws UndecodableRecord */
export function decodeAs({ writer, reader, resolver }: Reading, bytes: Uint8Array, from: number): unknown {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset + from, bytes.byteLength - from);
  try {
    // The library allocates what a count says before it looks whether so much is there.
    if (skipValue(writer, buffer, 0) !== buffer.length) throw new RangeError("bytes are left over");
    return resolver === null ? reader.fromBuffer(buffer) : reader.fromBuffer(buffer, resolver);
  } catch (error) {
    const message = `The bytes are no ${writer.name ?? "value"}: ${(error as Error).message}`;
    throw new UndecodableRecord(message, { cause: error });
  }
}
