/** One step of the schema, forward only. Once released it never changes; a mistake is mended by the next step. */
export interface Migration {
  /** 1, 2, 3, … without gaps. */
  readonly version: number;
  readonly name: string;
  /** Run in one transaction, by the role that owns the schema `tda`. Names are written with their schema. */
  readonly statements: readonly string[];
}
