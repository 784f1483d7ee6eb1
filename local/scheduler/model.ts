import * as z from "zod";
import { parseExpression } from "../../shared/model/time/schedule-expression.ts";
import { isTimezone } from "../../shared/model/triggers.ts";
import { AwsError } from "../ports/services.ts";

const name = z.string().regex(/^[0-9a-zA-Z\-_.]{1,64}$/);
const clientToken = z.string().min(1).max(64).optional();
/** Times are epoch seconds in the protocol. */
const time = z.number().nonnegative();

const targetSchema = z.object({
  Arn: z.string().min(1).max(1_600),
  RoleArn: z.string().min(1).max(1_600),
  Input: z.string().optional(),
  RetryPolicy: z
    .object({
      MaximumRetryAttempts: z.int().min(0).max(185).optional(),
      MaximumEventAgeInSeconds: z.int().min(60).max(86_400).optional(),
    })
    .optional(),
  DeadLetterConfig: z.object({ Arn: z.string().optional() }).optional(),
});

const wholeSchema = z.object({
  GroupName: name.default("default"),
  ScheduleExpression: z.string().min(1).max(256),
  ScheduleExpressionTimezone: z.string().min(1).max(50).refine(isTimezone, "Invalid timezone").optional(),
  StartDate: time.optional(),
  EndDate: time.optional(),
  Description: z.string().max(512).optional(),
  State: z.enum(["ENABLED", "DISABLED"]).default("ENABLED"),
  ActionAfterCompletion: z.enum(["NONE", "DELETE"]).default("NONE"),
  FlexibleTimeWindow: z.discriminatedUnion("Mode", [
    z.object({ Mode: z.literal("OFF") }),
    z.object({ Mode: z.literal("FLEXIBLE"), MaximumWindowInMinutes: z.int().min(1).max(1_440) }),
  ]),
  Target: targetSchema,
  ClientToken: clientToken,
});
export const scheduleSchema = wholeSchema.refine(
  ({ ScheduleExpression: text, ScheduleExpressionTimezone: zone }) =>
    parseExpression(text, zone) !== undefined,
  { path: ["ScheduleExpression"], message: "Invalid Schedule Expression" },
);
export type ScheduleInput = z.infer<typeof scheduleSchema>;

export const groupSchema = z.object({ ClientToken: clientToken });
export const nameSchema = name;

/** @throws AwsError ValidationException */
export function validate<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issues = result.error.issues.map(({ path, message }) => `${path.join(".") || "request"}: ${message}`);
  throw new AwsError("ValidationException", issues.join("; "));
}
