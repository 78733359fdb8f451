import { PROBLEMS, type Problem, problemType } from "@tda-platform/contract/problems";
import { ProblemError } from "../problem.ts";

/** What a job says of its failure: the document that a request with the same problem would have been answered with. */
export function jobProblem(job: { readonly id: string; readonly requestId: string }, error: unknown): Problem {
  const problem =
    error instanceof ProblemError
      ? error
      : new ProblemError("internal_error", "An unexpected error.", { cause: error });
  const { title, status } = PROBLEMS[problem.code];
  return {
    type: problemType(problem.code),
    title,
    status,
    detail: problem.message,
    instance: `/v1/jobs/${job.id}`,
    code: problem.code,
    request_id: job.requestId,
    ...(problem.places.length === 0 ? {} : { errors: [...problem.places] }),
    ...problem.members,
  };
}
