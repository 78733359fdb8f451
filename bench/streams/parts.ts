/** A part that fails is told in the report, and the others go on. */
export type Attempt = <Answer>(name: string, work: () => Promise<Answer>) => Promise<Answer | null>;

export interface Failure {
  readonly part: string;
  readonly reason: string;
}

export function attempts(log: (line: string) => void): { readonly attempt: Attempt; readonly failures: Failure[] } {
  const failures: Failure[] = [];
  const attempt: Attempt = async (part, work) => {
    const startedAt = performance.now();
    try {
      return await work();
    } catch (error) {
      const reason = (error instanceof Error ? error.message : String(error)).split("\n", 1)[0]!.slice(0, 300);
      failures.push({ part, reason });
      log(`${part}: not measured: ${error instanceof Error ? error.stack : String(error)}`);
      return null;
    } finally {
      log(`${part}: ${((performance.now() - startedAt) / 1000).toFixed(0)} s`);
    }
  };
  return { attempt, failures };
}
