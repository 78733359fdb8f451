import { ProblemError } from "../problem.ts";

/** One line of a CSV text. */
export interface CsvRecord {
  readonly fields: readonly string[];
  /** Counted from 1. */
  readonly line: number;
}

/** How far a text has been read that comes in parts. */
export interface CsvPosition {
  line: number;
  /** Lines without a field before it: a record each, once another follows. */
  emptyLines: number;
}

/**
 * Records of a CSV text (RFC 4180: comma, double quotes, LF or CRLF). An empty line is a record of no field; empty lines
 * at the end are left out. Linear in the text. A text may come in parts that end with records: the position goes from one to the next.
 * @throws ProblemError `invalid_csv` for a broken quoted field.
 */
export function* csvRecords(text: string, at: CsvPosition = { line: 1, emptyLines: 0 }): Generator<CsvRecord> {
  let position = at.line === 1 && text.charCodeAt(0) === 0xfeff ? 1 : 0;
  while (position < text.length) {
    const newline = text.indexOf("\n", position);
    const end = newline === -1 ? text.length : newline;
    const isQuoted = hasQuote(text, position, end);
    const record = isQuoted ? quotedRecord(text, position, at.line) : plainRecord(text, position, end);
    position = record.next;
    if (record.fields.length === 0) {
      at.emptyLines++;
    } else {
      for (; at.emptyLines > 0; at.emptyLines--) yield { fields: [], line: at.line - at.emptyLines };
      yield { fields: record.fields, line: at.line };
    }
    at.line += record.lines;
  }
}

interface Scanned {
  readonly fields: readonly string[];
  readonly next: number;
  /** Lines of the text that the record spans. */
  readonly lines: number;
}

function hasQuote(text: string, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (text.charCodeAt(i) === 0x22) return true;
  return false;
}

function plainRecord(text: string, from: number, end: number): Scanned {
  const line = text.slice(from, end > from && text.charCodeAt(end - 1) === 0x0d ? end - 1 : end);
  return { fields: line === "" ? [] : line.split(","), next: end + 1, lines: 1 };
}

function quotedRecord(text: string, from: number, line: number): Scanned {
  const fields: string[] = [];
  let position = from;
  let lines = 1;
  for (;;) {
    const field = text.charAt(position) === '"' ? quotedField(text, position, line) : plainField(text, position, line);
    fields.push(field.value);
    lines += field.lines;
    position = field.next;
    if (text.charAt(position) !== ",") break;
    position++;
  }
  if (text.charAt(position) === "\r" && text.charAt(position + 1) === "\n") position++;
  return { fields, next: position + 1, lines };
}

function plainField(text: string, from: number, line: number): { value: string; next: number; lines: number } {
  let end = from;
  while (end < text.length && !isEndOfField(text, end)) {
    if (text.charAt(end) === '"')
      throw new ProblemError("invalid_csv", `Line ${line}: a quote inside an unquoted field.`);
    end++;
  }
  return { value: text.slice(from, end), next: end, lines: 0 };
}

function quotedField(text: string, from: number, line: number): { value: string; next: number; lines: number } {
  let close = from + 1;
  for (;;) {
    close = text.indexOf('"', close);
    if (close === -1) throw new ProblemError("invalid_csv", `Line ${line}: a quoted field does not end.`);
    if (text.charAt(close + 1) !== '"') break;
    close += 2;
  }
  if (close + 1 < text.length && !isEndOfField(text, close + 1)) {
    throw new ProblemError("invalid_csv", `Line ${line}: text follows a quoted field.`);
  }
  const inside = text.slice(from + 1, close);
  return { value: inside.replaceAll('""', '"'), next: close + 1, lines: inside.split("\n").length - 1 };
}

function isEndOfField(text: string, at: number): boolean {
  const character = text.charAt(at);
  return character === "," || character === "\n" || (character === "\r" && text.charAt(at + 1) === "\n");
}
