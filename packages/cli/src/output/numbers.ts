const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];

/** A value of a diagram in at most four digits: 0.3125, 12.5, 1.2e-7. */
export function shortNumber(value: number): string {
  if (value === 0) return "0";
  const text = Number(value.toPrecision(4));
  return Math.abs(text) >= 1e6 || Math.abs(text) < 1e-4 ? text.toExponential() : String(text);
}

/** 7140 → "7,140". */
export function count(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

/** "1 bar", "2 bars". */
export function counted(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? "" : "s"}`;
}

export function duration(ms: number): string {
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

export function byteSize(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    ++unit;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit]}`;
}
