import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openFrame, sealFrame } from "./frames.ts";
import { DataCorrupt, Keyring, MasterKeyMissing } from "./keyring.ts";
import { openValue, rewrapValue, sealValue } from "./sealed-value.ts";

const first = { id: "first", secret: randomBytes(32) };
const second = { id: "second", secret: randomBytes(32) };
const keyring = new Keyring([first]);
const bytes = fc.uint8Array({ maxLength: 300 });

describe("data keys", () => {
  it("are read back for their purpose alone", () => {
    const { dataKey, wrapped } = keyring.newDataKey("a");
    expect(keyring.unwrap(wrapped, "a").equals(dataKey)).toBe(true);
    expect(() => keyring.unwrap(wrapped, "b")).toThrow(DataCorrupt);
  });

  it("refuse a change of any byte", () => {
    const { wrapped } = keyring.newDataKey("a");
    for (let i = 0; i < wrapped.bytes.length; i++) {
      const changed = Uint8Array.from(wrapped.bytes);
      changed[i]! ^= 1;
      expect(() => keyring.unwrap({ ...wrapped, bytes: changed }, "a")).toThrow(DataCorrupt);
    }
  });

  it("move to a new master key, which is then enough", () => {
    const { dataKey, wrapped } = keyring.newDataKey("a");
    const both = new Keyring([second, first]);
    const renewed = both.rewrap(wrapped, "a");
    expect(renewed.masterKeyId).toBe("second");
    expect(new Keyring([second]).unwrap(renewed, "a").equals(dataKey)).toBe(true);
    expect(both.rewrap(renewed, "a")).toBe(renewed);
    expect(() => keyring.unwrap(renewed, "a")).toThrow(MasterKeyMissing);
  });

  it.each([
    ["no key", []],
    ["a short key", [{ id: "a", secret: randomBytes(31) }]],
    ["a wrong name", [{ id: "a:b", secret: randomBytes(32) }]],
    ["two of one name", [first, { ...second, id: first.id }]],
  ])("refuses a keyring of %s", (_, keys) => {
    expect(() => new Keyring(keys)).toThrow(RangeError);
  });
});

describe("sealed values", () => {
  it("come back, in their context alone", () => {
    fc.assert(
      fc.property(bytes, fc.string(), fc.string(), (value, context, other) => {
        const sealed = sealValue(keyring, context, value);
        expect(Uint8Array.from(openValue(keyring, context, sealed))).toEqual(value);
        if (other !== context) expect(() => openValue(keyring, other, sealed)).toThrow(DataCorrupt);
      }),
    );
  });

  it("refuse a change of any byte, and any shorter or longer form", () => {
    fc.assert(
      fc.property(bytes, fc.nat(), fc.integer({ min: 1, max: 255 }), (value, at, flip) => {
        const sealed = sealValue(keyring, "context", value);
        const changed = Uint8Array.from(sealed);
        changed[at % sealed.length]! ^= flip;
        expect(() => openValue(keyring, "context", changed)).toThrow(/./);
        expect(() => openValue(keyring, "context", sealed.subarray(0, at % sealed.length))).toThrow(/./);
        expect(() => openValue(keyring, "context", Buffer.concat([sealed, Buffer.of(flip)]))).toThrow(DataCorrupt);
      }),
    );
    const sealed = sealValue(keyring, "context", Buffer.from("every one of them"));
    for (let i = 0; i < sealed.length; i++) {
      const changed = Uint8Array.from(sealed);
      changed[i]! ^= 0x80;
      expect(() => openValue(keyring, "context", changed)).toThrow(/./);
    }
  });

  it("show nothing of the value, and differ each time", () => {
    const value = Buffer.alloc(200, "plain text");
    const one = sealValue(keyring, "context", value);
    expect(one.includes("plain text")).toBe(false);
    expect(sealValue(keyring, "context", value)).not.toEqual(one);
  });

  it("move to a new master key without touching the data", () => {
    const sealed = sealValue(keyring, "context", Buffer.from("value"));
    const both = new Keyring([second, first]);
    const renewed = rewrapValue(both, "context", sealed);
    expect(openValue(new Keyring([second]), "context", renewed).toString()).toBe("value");
    expect(Buffer.from(renewed.subarray(-33))).toEqual(sealed.subarray(-33));
    expect(rewrapValue(both, "context", renewed)).toBe(renewed);
  });
});

describe("a frame", () => {
  const { dataKey } = keyring.newDataKey("a");

  it("opens as the one it was sealed as, and as no other", () => {
    fc.assert(
      fc.property(bytes, fc.nat({ max: 1000 }), fc.boolean(), (plain, number, isLast) => {
        const stored = Buffer.concat(sealFrame(dataKey, "object", number, isLast, plain));
        expect(Uint8Array.from(openFrame(dataKey, "object", number, isLast, stored))).toEqual(plain);
        expect(() => openFrame(dataKey, "object", number, !isLast, stored)).toThrow(DataCorrupt);
        expect(() => openFrame(dataKey, "object", number + 1, isLast, stored)).toThrow(DataCorrupt);
        expect(() => openFrame(dataKey, "another", number, isLast, stored)).toThrow(DataCorrupt);
      }),
    );
  });

  it("refuses a change of any byte, and any other length", () => {
    const stored = Buffer.concat(sealFrame(dataKey, "object", 0, true, Buffer.from("content of a frame")));
    for (let i = 0; i < stored.length; i++) {
      const changed = Uint8Array.from(stored);
      changed[i]! ^= 4;
      expect(() => openFrame(dataKey, "object", 0, true, changed)).toThrow(DataCorrupt);
      expect(() => openFrame(dataKey, "object", 0, true, stored.subarray(0, i))).toThrow(DataCorrupt);
    }
  });
});
