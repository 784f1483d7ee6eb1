import * as z from "zod";
import { ERROR_CODES, type ErrorCode, type SluiceError } from "../errors.ts";
import { plainNumber } from "../schemas/fields.ts";
import { payloadSchema } from "../schemas/run.ts";

const fieldErrorSchema = z
  .object({
    path: z.string(),
    message: z.string(),
    line: z.int().optional().meta({
      description: "With `column`, where a definition's text has the error, counted from 1.",
    }),
    column: z.int().optional(),
  })
  .meta({ id: "FieldError" });
export type FieldError = z.infer<typeof fieldErrorSchema>;

const CODES = Object.keys(ERROR_CODES) as ErrorCode[];

/** A problem document (RFC 9457). Each code has fields of its own. */
export const problemSchema = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.enum(CODES),
    requestId: z.string().optional(),
    currentStatus: z.string().optional(),
    rev: z.int().optional(),
    allowedActions: z.array(z.string()).optional(),
    cap: plainNumber.optional(),
    used: plainNumber.optional(),
    liftsAt: z.string().optional(),
    steps: z.array(z.object({ state: z.string(), missing: z.array(z.string()) })).optional(),
    counts: z.record(z.string(), z.int()).optional(),
    filter: z.record(z.string(), payloadSchema).optional(),
    errors: z.array(fieldErrorSchema).optional(),
    unfilled: z
      .array(z.string())
      .optional()
      .meta({ description: "Placeholders of a definition that have no value." }),
  })
  .meta({ id: "Problem" });
export type Problem = z.infer<typeof problemSchema>;

export const problemOf = (error: SluiceError): Problem => {
  const { status, title } = ERROR_CODES[error.code];
  return {
    ...error.fields,
    type: `urn:sluice:problem:${error.code}`,
    title,
    status,
    detail: error.message,
    code: error.code,
  };
};
