import { EngineError } from "../errors.ts";

/** Where the bytes of `tda-engine.wasm` come from: an address to fetch, the bytes, a response, or what is compiled already. */
export type WasmSource = string | URL | BufferSource | Response | WebAssembly.Module;

const prefix = [
  0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x04, 0x01, 0x60, 0x00, 0x00, 0x03, 0x02, 0x01, 0x00,
];
/** The smallest modules with the features: `i32.const 0; i8x16.splat; drop` and `try; catch_all; end`. */
const features: readonly (readonly [string, readonly number[]])[] = [
  ["128-bit vectors (SIMD)", [0x0a, 0x09, 0x01, 0x07, 0x00, 0x41, 0x00, 0xfd, 0x0f, 0x1a, 0x0b]],
  ["exceptions", [0x0a, 0x08, 0x01, 0x06, 0x00, 0x06, 0x40, 0x19, 0x0b, 0x0b]],
];

/** @throws EngineError `engine_unavailable` when this browser or Node has no WebAssembly, or lacks one of its features */
export function checkWebAssembly(): void {
  if (typeof WebAssembly === "undefined") throw new EngineError("engine_unavailable", "There is no WebAssembly here.");
  for (const [name, code] of features) {
    if (!WebAssembly.validate(Uint8Array.from([...prefix, ...code]))) {
      throw new EngineError("engine_unavailable", `WebAssembly has no ${name} here; the engine needs them.`);
    }
  }
}

/** @throws EngineError `engine_unavailable` when the module cannot be fetched or is none */
export async function compileModule(source: WasmSource): Promise<WebAssembly.Module> {
  checkWebAssembly();
  if (source instanceof WebAssembly.Module) return source;
  try {
    return await WebAssembly.compile(await bytesOf(source));
  } catch (error) {
    throw new EngineError(
      "engine_unavailable",
      `The engine's WebAssembly module cannot be loaded (${error instanceof Error ? error.message : error}); \`npm run build -- wasm\` makes it.`,
      {},
      { cause: error },
    );
  }
}

/** Not compiled while it streams: servers that do not know the media type of WebAssembly are many, and the module is small. */
async function bytesOf(source: Exclude<WasmSource, WebAssembly.Module>): Promise<BufferSource> {
  if (source instanceof ArrayBuffer || ArrayBuffer.isView(source)) return source;
  const response = source instanceof Response ? source : await fetch(source);
  if (!response.ok) throw new Error(`status ${response.status}`);
  return response.arrayBuffer();
}
