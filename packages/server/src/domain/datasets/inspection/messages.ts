import type { DatasetFormat, DatasetKind } from "@tda-platform/contract/datasets";
import type { PlainProblem } from "../../problem.ts";
import type { TableShape } from "../formats/inspector.ts";

/** To an inspecting thread. Bytes are owned by the message. */
export type InspectionRequest =
  | { readonly kind: "open"; readonly session: number; readonly format: DatasetFormat; readonly rows: DatasetKind }
  | { readonly kind: "piece"; readonly session: number; readonly bytes: Uint8Array }
  | { readonly kind: "finish"; readonly session: number }
  | { readonly kind: "close"; readonly session: number }
  | {
      readonly kind: "stored";
      readonly session: number;
      readonly format: DatasetFormat;
      readonly rows: DatasetKind;
      readonly length: number;
    }
  | { readonly kind: "range"; readonly session: number; readonly bytes: Uint8Array };

/** From it. */
export type InspectionAnswer =
  /** Gives the piece's bytes back. */
  | { readonly kind: "next"; readonly session: number; readonly bytes: Uint8Array }
  | { readonly kind: "problem"; readonly session: number; readonly problem: PlainProblem }
  /** `shape` null: the content has to be inspected once it is stored. */
  | { readonly kind: "done"; readonly session: number; readonly shape: TableShape | null; readonly sha256: string }
  /** Asks for a part of a stored content. */
  | { readonly kind: "read"; readonly session: number; readonly start: number; readonly end: number };
