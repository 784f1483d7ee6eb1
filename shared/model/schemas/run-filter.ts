import * as z from "zod";
import { ATTENTION_STATUSES, RUN_STATUSES, type RunStatus } from "../transitions.ts";
import { NO_TIME, pageQuerySchema } from "./fields.ts";

/** ISO 8601 with any zone, as the store writes times. */
const instant = z.iso
  .datetime({ offset: true, error: NO_TIME })
  .transform((value) => new Date(value).toISOString())
  .meta({ override: { type: "string", format: "date-time" } });
const filterText = z.string().min(1).max(1_000);

/** What a list of runs may be narrowed by; a run must match all that is given. */
const conditions = {
  flowId: filterText.optional(),
  startedBy: filterText.optional().meta({ description: "Id of the user or client that dispatched it." }),
  pausedBy: filterText.optional().meta({
    description: "Id of the user who paused it; `user` or `flow` for either kind of pause.",
  }),
  createdAfter: instant.optional(),
  createdBefore: instant.optional(),
  error: filterText.optional().meta({ description: "Part of the error's name or cause, in whichever case." }),
};

/** A comma list of some of the values. */
const commaList = <T extends string>(values: readonly T[]) =>
  z
    .string()
    .transform((value, context): T[] => {
      const asked = [...new Set(value.split(",").map((part) => part.trim()))];
      const known = values.filter((one) => asked.includes(one));
      if (known.length === asked.length) return known;
      context.addIssue(`Must be a comma list of ${values.join(", ")}`);
      return z.NEVER;
    })
    .optional()
    .meta({ override: { type: "string" }, description: `Comma list of ${values.join(", ")}.` });

export const listRunsQuerySchema = z.strictObject({
  ...pageQuerySchema.shape,
  status: commaList(RUN_STATUSES),
  ...conditions,
});

const WAITING = "waiting" satisfies RunStatus;
export const attentionQuerySchema = z
  .strictObject({
    ...pageQuerySchema.shape,
    status: commaList([...ATTENTION_STATUSES, WAITING]),
    ...conditions,
    include: commaList([WAITING]).meta({
      override: { type: "string", enum: [WAITING] },
      description: "`waiting`: runs that wait on a timer, a person or a callback too.",
    }),
  })
  .check(({ value, issues }) => {
    if (value.include !== undefined || value.status?.includes(WAITING) !== true) return;
    const message = "Waiting runs are in the list with include=waiting only";
    issues.push({ code: "custom", path: ["status"], message, input: value });
  });

const distinct = <T>(values: T[]): T[] => [...new Set(values)];

/** The same conditions as a JSON object. */
export const runFilterSchema = z
  .strictObject({
    status: z.array(z.enum(RUN_STATUSES)).min(1).overwrite(distinct).optional(),
    ...conditions,
  })
  .meta({ id: "RunFilter" });
export type RunFilter = z.output<typeof runFilterSchema>;

/** What a saved view holds: the conditions, and what the attention list includes. */
export const viewFilterSchema = z
  .strictObject({
    ...runFilterSchema.shape,
    include: z.array(z.literal(WAITING)).min(1).overwrite(distinct).optional(),
  })
  .meta({ id: "ViewFilter" });
export type ViewFilter = z.output<typeof viewFilterSchema>;
