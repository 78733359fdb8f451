import { expect, it } from "vitest";
import { BoundedLines } from "./bounded-lines.ts";

function collect(maxLines: number, maxLength: number): { lines: string[]; log: BoundedLines } {
  const lines: string[] = [];
  return { lines, log: new BoundedLines(maxLines, maxLength, (line) => lines.push(line)) };
}

const bytes = (text: string) => new TextEncoder().encode(text);

it("joins what chunks cut apart, characters included", () => {
  const { lines, log } = collect(10, 100);
  const text = bytes("first – line\nsecond\nthe rest");
  for (const byte of text) log.push(Uint8Array.of(byte));
  log.end();
  expect(lines).toEqual(["first – line", "second", "the rest"]);
});

it("cuts long lines and stops after the last allowed one", () => {
  const { lines, log } = collect(2, 5);
  log.push(bytes("0123456789"));
  log.push(bytes("0123456789\nb\nc\n"));
  log.end();
  expect(lines).toEqual(["01234", "b"]);
});
