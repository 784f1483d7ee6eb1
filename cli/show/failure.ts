import type { FieldError, Problem } from "../../shared/model/api/problem.ts";
import type { CliFailure } from "../failure.ts";
import { visible } from "../terminal/style.ts";
import { errorLine } from "./error-line.ts";

/** Describes a failure for people: the service's code and detail, and the fields that come with the code. */
export const failureText = (failure: CliFailure): string => {
  const problem = failure.document as Partial<Problem> & CliFailure["document"];
  const {
    type,
    code,
    errors = [],
    allowedActions,
    currentStatus,
    rev,
    counts,
    liftsAt,
    steps = [],
  } = problem;
  // Only the service's own documents have a type; their codes are documented.
  const texts = errors.map(errorText);
  // The detail of an invalid request is its errors, one after the other: each is shown once.
  const isDetail = texts.length > 0 && texts.every((text) => visible(failure.message).includes(text));
  const detail = isDetail && texts.length > 1 ? (problem.title ?? "Invalid request") : failure.message;
  const lines = [`sluice: ${type === undefined ? "" : `${code}: `}${visible(detail)}`];
  if (!isDetail || texts.length > 1) lines.push(...texts.map((text) => `  ${text}`));
  for (const { name, meaning } of openPlaceholders(problem["set"]))
    lines.push(
      `  to fill it: --set ${visible(name)}=…${meaning === undefined ? "" : `  (${visible(meaning)})`}`,
    );
  if (currentStatus !== undefined)
    lines.push(`  current status: ${currentStatus}${rev === undefined ? "" : ` (rev ${rev})`}`);
  if (allowedActions !== undefined) lines.push(`  allowed actions: ${allowedActions.join(", ") || "none"}`);
  if (liftsAt !== undefined) lines.push(`  lifts at: ${liftsAt}`);
  for (const [status, count] of Object.entries(counts ?? {})) lines.push(`  ${status}: ${count}`);
  const filter = filterIn(problem.filter);
  if (filter !== undefined) lines.push(`  list them: sluice runs list ${filter}`);
  for (const { state, missing } of steps)
    lines.push(`  ${visible(state)}: missing ${visible(missing.join(", "))}`);
  return lines.join("\n");
};

/** An error of a file, or of a request, whose path is then always shown. */
const errorText = ({ file, ...error }: FieldError & { readonly file?: string }): string =>
  visible(
    file === undefined ? `${error.path === "" ? "$" : error.path}: ${error.message}` : errorLine(file, error),
  );

/** Placeholders for which `flows publish` found no value. */
const openPlaceholders = (set: unknown): { readonly name: string; readonly meaning?: string }[] =>
  Array.isArray(set) ? set : [];

/** The filter in a problem document, as options of `runs list`. */
const filterIn = (value: unknown): string | undefined => {
  const { flowId, status } = (value ?? {}) as { flowId?: unknown; status?: unknown };
  if (typeof flowId !== "string" || !Array.isArray(status)) return undefined;
  return visible(`--flow ${flowId} --status ${status.join(",")}`);
};
