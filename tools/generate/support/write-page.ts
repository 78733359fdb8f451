import { existsSync, readFileSync, writeFileSync } from "node:fs";

/** Writes a page of docs/reference; with --check on the command line it fails instead where the page is another. */
export function writePage(name: string, generator: string, text: string): void {
  const page = new URL(`../../../docs/reference/${name}`, import.meta.url);
  if (!process.argv.includes("--check")) {
    writeFileSync(page, text);
  } else if (!existsSync(page) || readFileSync(page, "utf8") !== text) {
    console.error(`docs/reference/${name} is not what the contract says: run \`node tools/generate/${generator}\`.`);
    process.exitCode = 1;
  }
}

/** A text inside a table. */
export function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}

/** An unformatted number for people. */
export function number(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: 20 });
}
