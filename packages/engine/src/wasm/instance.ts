import type { ComputedAnswer } from "../engine-task.ts";
import { EngineError } from "../errors.ts";
import type { Operation } from "../frame-layout.ts";
import {
  fromNativeError,
  type NativeCoordinates,
  type NativeError,
  type NativeEstimate,
  type NativeInput,
  type NativeOptions,
  type NativeProgress,
  type NativeStatistics,
  type NativeValues,
} from "../native-call.ts";
import type { DimensionRepresentatives } from "../types.ts";

const PAGE_BYTES = 65_536;
/** engine/bindings/wasm/CMakeLists.txt: `--initial-memory` and `--max-memory`. */
const INITIAL_PAGES = 32;
const MAXIMUM_PAGES = 65_535;
const EXCHANGE_LENGTH = 32;
/** tda.h: TDA_ESTIMATE_DIMENSIONS */
const ESTIMATE_DIMENSIONS = 18;

/** The order of the numbers of a call and of its answers: that of engine/bindings/wasm/exports.cpp. */
const INPUT_FIELDS = inOrder<NativeInput>()(
  "kind",
  "scalar",
  "metric",
  "minkowskiP",
  "rows",
  "columns",
  "values",
  "entryCount",
  "rowIndices",
  "columnIndices",
);
const OPTION_FIELDS = inOrder<NativeOptions>()(
  "maxDimension",
  "threshold",
  "coefficientField",
  "edgeCollapse",
  "representatives",
  "threads",
  "memoryLimitBytes",
  "simdTarget",
  "approximation",
  "epsilon",
  "subsamplePoints",
  "bar",
  "scale",
);
const PROGRESS_FIELDS = inOrder<NativeProgress>()(
  "fraction",
  "stage",
  "dimension",
  "columnsDone",
  "columnsTotal",
  "bytes",
);
const STATISTICS_FIELDS = inOrder<NativeStatistics>()(
  "simdTarget",
  "truncated",
  "points",
  "edges",
  "simplices",
  "threshold",
  "enclosingRadius",
  "peakBytes",
  "seconds",
  "approximation",
  "errorKind",
  "errorBound",
  "coverRadius",
);
const COORDINATES_FIELDS = inOrder<Omit<NativeCoordinates, "coordinates">>()(
  "simdTarget",
  "truncated",
  "bar",
  "birth",
  "death",
  "scale",
  "energy",
  "residual",
  "steps",
  "points",
  "edges",
  "threshold",
  "peakBytes",
  "seconds",
);
const VALUES_FIELDS = inOrder<Omit<NativeValues, "offsets" | "values">>()("simdTarget", "peakBytes", "seconds");
const ESTIMATE_FIELDS = inOrder<Omit<NativeEstimate, "simplices">>()(
  "exact",
  "points",
  "edges",
  "bytes",
  "seconds",
  "threshold",
);
const ERROR_FIELDS = inOrder<Omit<NativeError, "message">>()("status", "row", "column", "bytes", "dimension");

/** The fields of a structure, all of them: one that is left out does not compile. */
function inOrder<Structure>() {
  return <const Fields extends readonly (keyof Structure)[]>(
    ...fields: Fields & (Exclude<keyof Structure, Fields[number]> extends never ? unknown : never)
  ): Fields => fields;
}

export const MAXIMUM_MEMORY_BYTES = MAXIMUM_PAGES * PAGE_BYTES;

/** engine/bindings/wasm/exports.cpp */
interface Exports {
  _initialize(): void;
  tda_version(): number;
  tda_exchange(): number;
  tda_allocate(bytes: number): number;
  tda_free(address: number): void;
  tda_vietoris_rips(): number;
  tda_diagram(dimension: number): number;
  tda_representatives(dimension: number): number;
  tda_circular_coordinates(): number;
  tda_compute_features(): number;
  tda_release(): void;
  tda_estimate(): number;
  tda_error_message(): number;
}

/**
 * One instance of `tda-engine.wasm` with its memory, which grows and never shrinks. It computes one thing at a time, on the calling
 * thread. After a trap (a bug, an overflow of the stack) it must not be used any more.
 */
export class WasmInstance {
  readonly version: string;
  readonly #memory: WebAssembly.Memory;
  #exports!: Exports;
  readonly #exchange: number;
  #onProgress: (progress: NativeProgress) => boolean = () => false;

  static async create(module: WebAssembly.Module, maximumMemoryBytes: number): Promise<WasmInstance> {
    const pages = Math.floor(maximumMemoryBytes / PAGE_BYTES);
    const memory = new WebAssembly.Memory({
      initial: INITIAL_PAGES,
      maximum: Math.max(INITIAL_PAGES, Math.min(pages, MAXIMUM_PAGES)),
    });
    let report = (): number => 0;
    const instance = await WebAssembly.instantiate(module, {
      env: { memory },
      tda: { on_progress: () => report() },
      wasi_snapshot_preview1: {
        /** (clock, precision, address): nanoseconds, of a clock that only moves forward. */
        clock_time_get: (_clock: number, _precision: bigint, address: number) => {
          new DataView(memory.buffer).setBigUint64(address >>> 0, BigInt(Math.round(performance.now() * 1e6)), true);
          return 0;
        },
      },
    });
    const created = new WasmInstance(memory, instance.exports as unknown as Exports);
    report = () => created.#report();
    return created;
  }

  private constructor(memory: WebAssembly.Memory, exports: Exports) {
    this.#memory = memory;
    this.#exports = exports;
    exports._initialize();
    this.#exchange = exports.tda_exchange() >>> 0;
    this.version = this.#text(exports.tda_version());
  }

  get memoryBytes(): number {
    return this.#memory.buffer.byteLength;
  }

  /**
   * @param onProgress at most about every 20 ms; true cancels the computation
   * @throws EngineError with the code of the engine
   */
  compute(
    operation: Operation,
    input: NativeInput,
    options: NativeOptions,
    onProgress: (progress: NativeProgress) => boolean,
  ): ComputedAnswer {
    this.#onProgress = onProgress;
    const addresses: number[] = [];
    const place = (array: ArrayBufferView | null): number => {
      if (array === null || array.byteLength === 0) return 0;
      const address = this.#exports.tda_allocate(array.byteLength) >>> 0;
      if (address === 0) {
        throw new EngineError("out_of_memory", "WebAssembly has no memory for the input.", { bytes: array.byteLength });
      }
      addresses.push(address);
      new Uint8Array(this.#memory.buffer).set(
        new Uint8Array(array.buffer, array.byteOffset, array.byteLength),
        address,
      );
      return address;
    };
    try {
      const numbers = [
        ...INPUT_FIELDS.map((field) => {
          const value = input[field];
          return typeof value === "number" ? value : place(value);
        }),
        ...OPTION_FIELDS.map((field) => options[field]),
      ];
      this.#numbers().set(numbers);
      if (operation === "vietorisRips") return this.#vietorisRips(options.maxDimension);
      if (operation === "computeFeatures") return this.#computeFeatures();
      return operation === "circularCoordinates" ? this.#circularCoordinates() : this.#estimate();
    } finally {
      for (const address of addresses) this.#exports.tda_free(address);
    }
  }

  #vietorisRips(maxDimension: number): ComputedAnswer {
    const status = this.#exports.tda_vietoris_rips();
    if (status !== 0) throw this.#error(status);
    const statistics = this.#read(STATISTICS_FIELDS);
    try {
      const dimensions = Array.from({ length: maxDimension + 1 }, (_, dimension) => dimension);
      const diagrams = dimensions.map((dimension) => {
        const address = this.#exports.tda_diagram(dimension) >>> 0;
        const count = this.#numbers()[0] as number;
        return new Float64Array(this.#memory.buffer, address, 2 * count).slice();
      });
      const representatives = dimensions.flatMap((dimension) => this.#representatives(dimension) ?? []);
      return {
        kind: "result",
        diagrams,
        representatives: representatives.length === 0 ? null : representatives,
        statistics,
      };
    } finally {
      this.#exports.tda_release();
    }
  }

  #representatives(dimension: number): DimensionRepresentatives | null {
    if (this.#exports.tda_representatives(dimension) === 0) return null;
    const [bars, births, deaths, offsets, simplices, coefficients, loops] = this.#numbers() as unknown as readonly [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    const uint32 = (address: number, length: number) => new Uint32Array(this.#memory.buffer, address, length).slice();
    const chainOffsets =
      offsets === 0 ? null : Float64Array.from(new BigUint64Array(this.#memory.buffer, offsets, bars + 1), Number);
    const chained = chainOffsets?.[bars] ?? 0;
    const vertices = dimension + 1;
    return {
      birthSimplices: uint32(births, bars * vertices),
      deathSimplices: uint32(deaths, bars * (vertices + 1)),
      chainOffsets,
      chainSimplices: chainOffsets && uint32(simplices, chained * vertices),
      chainCoefficients: chainOffsets && uint32(coefficients, chained),
      loopVertices: loops === 0 ? null : uint32(loops, chained),
    };
  }

  #circularCoordinates(): ComputedAnswer {
    const status = this.#exports.tda_circular_coordinates();
    if (status !== 0) throw this.#error(status);
    try {
      const [count, address] = this.#numbers().subarray(COORDINATES_FIELDS.length) as unknown as readonly [
        number,
        number,
      ];
      const coordinates = new Float64Array(this.#memory.buffer, address, count).slice();
      return { kind: "coordinates", coordinates: { coordinates, ...this.#read(COORDINATES_FIELDS) } };
    } finally {
      this.#exports.tda_release();
    }
  }

  #computeFeatures(): ComputedAnswer {
    const status = this.#exports.tda_compute_features();
    if (status !== 0) throw this.#error(status);
    try {
      const [count, offsetsAt, valuesAt] = this.#numbers().subarray(VALUES_FIELDS.length) as unknown as readonly [
        number,
        number,
        number,
      ];
      const { buffer } = this.#memory;
      const offsets = Float64Array.from(new BigUint64Array(buffer, offsetsAt, count + 1), Number);
      const values = new Float64Array(buffer, valuesAt, offsets[count]).slice();
      return { kind: "values", values: { offsets, values, ...this.#read(VALUES_FIELDS) } };
    } finally {
      this.#exports.tda_release();
    }
  }

  #estimate(): ComputedAnswer {
    const status = this.#exports.tda_estimate();
    if (status !== 0) throw this.#error(status);
    const simplices = [
      ...this.#numbers().subarray(ESTIMATE_FIELDS.length, ESTIMATE_FIELDS.length + ESTIMATE_DIMENSIONS),
    ];
    return { kind: "estimate", estimate: { ...this.#read(ESTIMATE_FIELDS), simplices } };
  }

  #error(status: number): EngineError {
    const { row, column, bytes, dimension } = this.#read(ERROR_FIELDS);
    const orNull = (place: number) => (Number.isNaN(place) ? null : place);
    const message = this.#text(this.#exports.tda_error_message());
    return fromNativeError({
      status,
      row: orNull(row),
      column: orNull(column),
      bytes,
      dimension: orNull(dimension),
      message,
    });
  }

  #report(): number {
    return this.#onProgress(this.#read(PROGRESS_FIELDS)) ? 1 : 0;
  }

  #read<Field extends string>(fields: readonly Field[]): Record<Field, number> {
    const numbers = this.#numbers();
    return Object.fromEntries(fields.map((field, index) => [field, numbers[index]])) as Record<Field, number>;
  }

  /** A view that the next growth of the memory detaches. */
  #numbers(): Float64Array {
    return new Float64Array(this.#memory.buffer, this.#exchange, EXCHANGE_LENGTH);
  }

  #text(address: number): string {
    const bytes = new Uint8Array(this.#memory.buffer, address >>> 0);
    return new TextDecoder().decode(bytes.slice(0, bytes.indexOf(0)));
  }
}
