import { describe, expect, it } from "vitest";
import { Argon2Hasher } from "./password-hasher.ts";

const hasher = new Argon2Hasher();

describe("passwords", () => {
  it("are kept as argon2id with a salt of their own, and verified", async () => {
    const [one, two] = [await hasher.hash("correct horse"), await hasher.hash("correct horse")];
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(one).not.toBe(two);
    expect(await hasher.verify(one, "correct horse")).toBe(true);
    expect(await hasher.verify(one, "correct horsf")).toBe(false);
    expect(await hasher.verify(one, "")).toBe(false);
  });

  it("are derived with the parameters that their text names", async () => {
    const stored = await hasher.hash("x");
    expect(await hasher.verify(stored.replace("t=2", "t=1"), "x")).toBe(false);
    expect(await hasher.verify(stored.replace("m=19456", "m=19464"), "x")).toBe(false);
  });

  it.each([
    "",
    "plain",
    "$argon2i$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "$argon2id$v=19$m=9999999,t=999,p=99$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
  ])("stored as %j are nobody's", async (stored) => {
    expect(await hasher.verify(stored, "")).toBe(false);
  });

  it("of nobody take the work of a real one, and never match", async () => {
    expect(await hasher.verify(null, "anything")).toBe(false);
  });

  it("are checked two at a time, and beyond a bound refused", async () => {
    const asked = await Promise.allSettled(Array.from({ length: 80 }, () => hasher.verify(null, "x")));
    const refused = asked.filter(({ status }) => status === "rejected");
    expect(refused.length).toBe(80 - 2 - 64);
    for (const one of refused) expect(one).toMatchObject({ reason: { code: "overloaded" } });
    expect(await hasher.verify(null, "x")).toBe(false);
  });
});
