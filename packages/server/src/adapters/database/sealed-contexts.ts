/** A part of an input or of a result; whether it is the last is sealed too, so that none can be cut off. */
export interface PartPlace {
  readonly projectId: string;
  readonly jobId: string;
  readonly part: number;
  readonly isLast: boolean;
}

/** What a sealed value is, authenticated with it: none opens in another row's place. */
export function inputContext({ projectId, jobId, part, isLast }: PartPlace): string {
  return `job input\n${projectId}\n${jobId}\n${part}\n${isLast ? "last" : "more"}`;
}

export function resultContext({ projectId, jobId, part, isLast }: PartPlace, attempt: number): string {
  return `job result\n${projectId}\n${jobId}\n${attempt}\n${part}\n${isLast ? "last" : "more"}`;
}

export function answerContext(projectId: string, operation: string, keySha256: Buffer): string {
  return `idempotent answer\n${projectId}\n${operation}\n${keySha256.toString("hex")}`;
}

export function recordContext(topic: string, partition: number, offset: number): string {
  return `log record\n${topic}\n${partition}\n${offset}`;
}

export function streamStateContext(log: string, partition: number, streamId: string, key: string): string {
  return `stream state\n${log}\n${partition}\n${streamId}\n${key}`;
}

export interface ResultPlace {
  readonly projectId: string;
  readonly streamId: string;
  readonly version: number;
  readonly key: string;
  readonly windowSeq: number;
  readonly revision: number;
  readonly openedAt: number;
}

/** The key comes last: it may hold any character. */
export function streamResultContext(place: ResultPlace): string {
  const { projectId, streamId, version, key, windowSeq, revision, openedAt } = place;
  return `stream result\n${projectId}\n${streamId}\n${version}\n${windowSeq}\n${revision}\n${openedAt}\n${key}`;
}

export function rejectedContext(place: {
  readonly projectId: string;
  readonly streamId: string;
  readonly key: string;
  readonly origin: string;
}): string {
  return `rejected point\n${place.projectId}\n${place.streamId}\n${JSON.stringify(place.origin)}\n${place.key}`;
}
