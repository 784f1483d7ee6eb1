import * as z from "zod";
import { ERROR_CODES, type ErrorCode, type ErrorFields, type SluiceError } from "../errors.ts";
import { attachReportSchema } from "../schemas/attach-report.ts";
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

/** The names of the fields that some code has. */
type FieldName = {
  readonly [Code in ErrorCode]: string extends keyof ErrorFields[Code] ? never : keyof ErrorFields[Code];
}[ErrorCode];

/** The fields of all codes. One that a code has and that is missing here does not compile. */
const ownFields = {
  currentStatus: z.string(),
  rev: z.int(),
  allowedActions: z.array(z.string()),
  cap: plainNumber,
  used: plainNumber,
  liftsAt: z.string(),
  incidentId: z.string(),
  steps: z.array(z.object({ state: z.string(), missing: z.array(z.string()) })),
  counts: z.record(z.string(), z.int()),
  filter: z.record(z.string(), payloadSchema),
  errors: z.array(fieldErrorSchema),
  unfilled: z.array(z.string()).meta({ description: "Placeholders of a definition that have no value." }),
  report: attachReportSchema,
} satisfies Readonly<Record<FieldName, z.ZodType>>;

/** A problem document (RFC 9457). Each code has fields of its own. */
export const problemSchema = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.enum(CODES),
    requestId: z.string().optional(),
    ...z.object(ownFields).partial().shape,
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
