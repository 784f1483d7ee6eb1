import * as z from "zod";
import { ACTOR_KINDS, type Actor } from "../actor.ts";
import { DEFAULT_PAGE, MAX_PAGE } from "../limits.ts";
import { durationMilliseconds } from "../time/clock.ts";

export const NO_TIME = "Must be a time in ISO 8601, e.g. 2026-01-31T12:00:00.000Z";
const NO_NUL = /^[^\0]*$/;
export const text = (max: number) =>
  z.string().max(max).regex(NO_NUL, "Must not contain the character U+0000");
/** A number that survives JSON and whose integer part is exact. */
export const plainNumber = z.number().min(Number.MIN_SAFE_INTEGER).max(Number.MAX_SAFE_INTEGER);
/** The version on which a run continues. */
export const versionChoice = z.union([z.enum(["same", "latest"]), z.int().min(1)], {
  error: "Must be same, latest or a version's number",
});
export const reason = text(1_000).meta({ description: "Reason for the change; the audit shows it." });

/** An ISO 8601 duration within these bounds, which are durations too. */
export const duration = (least: string, most: string) =>
  z
    .string()
    .max(40)
    .refine(
      (given) =>
        isBetween(durationMilliseconds(given), durationMilliseconds(least), durationMilliseconds(most)),
      `Must be a duration in ISO 8601 from ${least} to ${most}`,
    );
const isBetween = (given = Number.NaN, least = 0, most = 0): boolean => given >= least && given <= most;

const cursor = z
  .string()
  .min(1)
  .max(2_000)
  .optional()
  .meta({ description: "`nextCursor` of the previous page." });
const limit = z
  .string()
  .regex(/^\d{1,4}$/, `Must be a whole number from 1 to ${MAX_PAGE}`)
  .transform(Number)
  .pipe(z.int().min(1).max(MAX_PAGE))
  .optional()
  .transform((value) => value ?? DEFAULT_PAGE)
  .meta({ override: { type: "integer", minimum: 1, maximum: MAX_PAGE, default: DEFAULT_PAGE } });

export const pageQuerySchema = z.strictObject({ limit, cursor });

export const actorSchema = z
  .object({ kind: z.enum(ACTOR_KINDS), id: z.string() })
  .meta({ id: "Actor" }) satisfies z.ZodType<Actor>;
