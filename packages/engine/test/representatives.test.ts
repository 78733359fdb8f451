/** Representatives through both native bindings, and the frames that carry them. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FRAME_HEADER_BYTES, FRAME_TYPES } from "../src/frame-layout.ts";
import { FrameReader } from "../src/frame-reader.ts";
import { readRepresentatives } from "../src/host-messages.ts";
import { createInProcessEngine, createTypeScriptEngine, type Engine } from "../src/index.ts";
import { NO_VERTEX } from "../src/types.ts";
import { engines } from "./support/engines.ts";
import { defaults, full, pointsOf, randomNumbers, randomPoints, unitSquare } from "./support/inputs.ts";

/** Consecutive points of a loop at 1.1, 1, 1, 1, 1.2, all others at 2. */
const loop = full([
  [0, 1.1, 2, 2, 1.2],
  [1.1, 0, 1, 2, 2],
  [2, 1, 0, 1, 2],
  [2, 2, 1, 0, 1],
  [1.2, 2, 2, 1, 0],
]);

describe.each(engines.filter(({ isNative }) => isNative))("the $name engine", ({ create }) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await create();
  });
  afterAll(() => engine.close());

  it("gives none unless asked", async () => {
    expect((await engine.vietorisRips(unitSquare, defaults)).representatives).toBeNull();
  });

  it("gives the birth and death simplices of each bar", async () => {
    const { representatives, diagrams } = await engine.vietorisRips(loop, {
      ...defaults,
      representatives: "simplices",
    });
    expect(representatives).toHaveLength(2);
    const [components, loops] = representatives!;
    expect(diagrams[0]).toEqual(Float64Array.of(0, 1, 0, 1, 0, 1, 0, 1.1, 0, Infinity));
    expect([...components!.birthSimplices].toSorted()).toEqual([0, 1, 2, 3, 4]);
    expect([...components!.deathSimplices].slice(6)).toEqual([0, 1, NO_VERTEX, NO_VERTEX]);
    expect(loops!.birthSimplices).toEqual(Uint32Array.of(0, 4));
    expect(loops!.deathSimplices).toHaveLength(3);
    for (const one of representatives!) {
      expect(one).toMatchObject({
        chainOffsets: null,
        chainSimplices: null,
        chainCoefficients: null,
        loopVertices: null,
      });
    }
  });

  it("gives cocycles over a field", async () => {
    const options = { ...defaults, coefficientField: 17, representatives: "cocycles" } as const;
    const [components, loops] = (await engine.vietorisRips(loop, options)).representatives!;
    expect(components!.chainOffsets).toBeNull();
    const { chainOffsets, chainSimplices, chainCoefficients, loopVertices } = loops!;
    expect(chainOffsets![0]).toBe(0);
    expect(chainSimplices!.subarray(0, 2)).toEqual(loops!.birthSimplices);
    expect(chainCoefficients![0]).toBe(1);
    expect(chainOffsets![1]).toBe(chainCoefficients!.length);
    expect(chainSimplices).toHaveLength(2 * chainCoefficients!.length);
    expect(loopVertices).toBeNull();
  });

  it("gives loops in their order", async () => {
    const options = { ...defaults, coefficientField: 3, representatives: "cycles" } as const;
    const loops = (await engine.vietorisRips(loop, options)).representatives![1]!;
    expect(loops.loopVertices).toEqual(Uint32Array.of(0, 4, 3, 2, 1));
    expect(loops.chainSimplices).toEqual(Uint32Array.of(0, 4, 3, 4, 2, 3, 1, 2, 0, 1));
    expect(loops.chainCoefficients).toEqual(Uint32Array.of(1, 2, 2, 2, 2));
  });

  it("gives dimensions without bars, and inputs without points", async () => {
    for (const input of [pointsOf(new Float64Array(0), 2), pointsOf(Float64Array.of(0, 1), 1)]) {
      const options = { ...defaults, maxDimension: 3, representatives: "cycles" } as const;
      const { representatives } = await engine.vietorisRips(input, options);
      expect(representatives).toHaveLength(4);
      expect(representatives![3]).toMatchObject({ chainOffsets: Float64Array.of(0) });
    }
  });
});

it("both bindings give the same bytes", async () => {
  const all = await Promise.all(engines.filter(({ isNative }) => isNative).map(({ create }) => create()));
  for (const representatives of ["simplices", "cocycles", "cycles"] as const) {
    const options = { ...defaults, maxDimension: 2, coefficientField: 3, representatives };
    const [first, second] = await Promise.all(all.map((one) => one.vietorisRips(randomPoints(80, 3), options)));
    expect(first!.diagrams[2]!.length).toBeGreaterThan(0);
    expect(second!.representatives).toEqual(first!.representatives);
  }
  await Promise.all(all.map((one) => one.close()));
});

it("names points by their rows whatever their order", async () => {
  const engine = await createInProcessEngine();
  const angles = randomNumbers(200, 8);
  const values = [...angles].flatMap((a) => [Math.cos(2 * Math.PI * a), Math.sin(2 * Math.PI * a)]);
  const options = { ...defaults, threshold: 1, representatives: "cycles" } as const;
  const loops = (await engine.vietorisRips(pointsOf(Float64Array.from(values), 2), options)).representatives![1]!;
  const around = [...loops.loopVertices!].map((vertex) => angles[vertex]!);
  const turns = around.map((a, i) => {
    const step = around[(i + 1) % around.length]! - a;
    return step - Math.round(step);
  });
  expect(Math.abs(turns.reduce((sum, turn) => sum + turn, 0))).toBeCloseTo(1, 9);
  await engine.close();
});

it("the TypeScript engine has none", async () => {
  const engine = createTypeScriptEngine();
  const call = engine.vietorisRips(unitSquare, { ...defaults, representatives: "simplices" });
  await expect(call).rejects.toMatchObject({ code: "not_supported" });
});

describe("a frame of representatives", () => {
  const payload = (head: readonly number[], bytes: number): ArrayBuffer => {
    const buffer = new ArrayBuffer(bytes);
    const view = new DataView(buffer);
    head.slice(0, 4).forEach((value, i) => {
      view.setUint32(4 * i, value, true);
    });
    head.slice(4).forEach((value, i) => {
      view.setBigUint64(16 + 8 * i, BigInt(value), true);
    });
    return buffer;
  };

  it("is read where its lengths agree", () => {
    expect(readRepresentatives(payload([1, 0, 0, 0, 1, 0], 32 + 8 + 16), 1)).toMatchObject({ chainOffsets: null });
    expect(readRepresentatives(payload([3, 1, 1, 0, 0, 0], 32 + 8), 1)).toMatchObject({
      loopVertices: new Uint32Array(0),
    });
  });

  it.each([
    ["too short", [1, 0, 0, 0, 2, 0], 32 + 8],
    ["too long", [1, 0, 0, 0, 1, 0], 32 + 8 + 24],
    ["impossible counts", [2, 1, 0, 0, Number.MAX_SAFE_INTEGER, 7], 32 + 8],
  ])("is refused where it is %s", (_name, head, bytes) => {
    expect(readRepresentatives(payload(head as number[], bytes as number), 1)).toBeNull();
  });

  it("is bounded like a diagram", () => {
    const header = new Uint8Array(FRAME_HEADER_BYTES);
    const view = new DataView(header.buffer);
    view.setUint32(0, 0x4641_4454, true);
    view.setUint16(4, 1, true);
    view.setUint16(6, FRAME_TYPES.representatives, true);
    view.setBigUint64(8, 1n, true);
    view.setBigUint64(16, 1024n, true);
    view.setUint32(24, 3, true);
    expect(() => new FrameReader(1016).push(header)).toThrow(expect.objectContaining({ code: "frame_too_long" }));
    expect(new FrameReader(1024).push(header)).toEqual([]);
    view.setBigUint64(16, 36n, true);
    expect(() => new FrameReader(1024).push(header)).toThrow(expect.objectContaining({ code: "invalid_header" }));
  });
});
