import { styleText } from "node:util";

export type Style = Parameters<typeof styleText>[0];

/** One of the standard streams, with what it can show. Colours follow NO_COLOR, FORCE_COLOR and whether it is a terminal. */
export interface Terminal {
  readonly isTty: boolean;
  readonly columns: number;
  write(text: string): void;
  line(text?: string): void;
  style(style: Style, text: string): string;
}

const DEFAULT_COLUMNS = 80;
const MIN_COLUMNS = 40;

export function terminalOf(stream: NodeJS.WriteStream): Terminal {
  const isTty = stream.isTTY === true;
  return {
    isTty,
    columns: Math.max(MIN_COLUMNS, (isTty ? stream.columns : 0) || Number(process.env.COLUMNS) || DEFAULT_COLUMNS),
    write: (text) => void stream.write(text),
    line: (text = "") => void stream.write(`${text}\n`),
    style: (style, text) => styleText(style, text, { stream }),
  };
}
