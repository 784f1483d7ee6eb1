import { ApiError } from "../../shared/client/api-error.ts";
import { CliFailure, failureFrom } from "../failure.ts";
import type { TemplateSource } from "./source.ts";

/** Adds to the service's refusal the positions of its errors in the user's file, and how to fill the open placeholders. */
export const placedRefusal = (error: unknown, { definition, unknown }: TemplateSource): unknown => {
  if (!(error instanceof ApiError) || error.code !== "invalid_definition") return error;
  const { exitCode, document } = failureFrom(error);
  const errors = (error.problem.errors ?? []).map(({ path, message, line, column }) => {
    if (line === undefined || column === undefined) return { path, message };
    const place = definition.place?.({ line, column }) ?? { line, column };
    return { path, message, file: definition.file, ...place };
  });
  const set = (error.problem.unfilled ?? []).map((name) => {
    const meaning = unknown.get(name);
    return { name, ...(meaning === undefined ? {} : { meaning }) };
  });
  const detail = `${definition.file} was not published.`;
  return new CliFailure(
    exitCode,
    { ...document, detail, errors, ...(set.length === 0 ? {} : { set }) },
    error,
  );
};
