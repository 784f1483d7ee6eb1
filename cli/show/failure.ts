import { type CliFailure, Refusal } from "../failure.ts";
import { visible } from "../terminal/style.ts";

/** What a person reads of a failure: the service's code and detail, and what its code carries besides. */
export const failureText = (failure: CliFailure): string => {
  if (!(failure instanceof Refusal)) return `sluice: ${visible(failure.message)}`;
  const {
    code,
    detail = "",
    errors = [],
    allowedActions,
    currentStatus,
    rev,
    counts,
    liftsAt,
    steps = [],
  } = failure.problem;
  const lines = [`sluice: ${code}: ${visible(detail)}`];
  for (const { path, message } of errors)
    lines.push(`  ${path === "" ? "$" : visible(path)}: ${visible(message)}`);
  if (currentStatus !== undefined)
    lines.push(`  status now: ${currentStatus}${rev === undefined ? "" : ` (rev ${rev})`}`);
  if (allowedActions !== undefined) lines.push(`  allowed: ${allowedActions.join(", ") || "nothing"}`);
  if (liftsAt !== undefined) lines.push(`  lifts at: ${liftsAt}`);
  for (const [status, count] of Object.entries(counts ?? {})) lines.push(`  ${status}: ${count}`);
  const found = filterIn(failure.problem["filter"]);
  if (found !== undefined) lines.push(`  see them: sluice runs list ${found}`);
  for (const { state, missing } of steps)
    lines.push(`  ${visible(state)}: missing ${visible(missing.join(", "))}`);
  return lines.join("\n");
};

/** The filter that a refusal names, as options of `runs list`. */
const filterIn = (value: unknown): string | undefined => {
  const { flowId, status } = (value ?? {}) as { flowId?: unknown; status?: unknown };
  if (typeof flowId !== "string" || !Array.isArray(status)) return undefined;
  return visible(`--flow ${flowId} --status ${status.join(",")}`);
};
