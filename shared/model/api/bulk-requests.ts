import * as z from "zod";
import { BULK_ACTIONS, type BulkAction, type BulkOptions } from "../bulk.ts";
import { MAX_BULK_RATE, MAX_BULK_RUN_IDS } from "../limits.ts";
import { reason, text, versionChoice } from "../schemas/fields.ts";
import { runFilterSchema } from "../schemas/run-filter.ts";

const isUnique = (values: readonly unknown[]): boolean => new Set(values).size === values.length;
const isEmpty = (value: object): boolean => Object.values(value).every((field) => field === undefined);

const filterSchema = runFilterSchema
  .refine((filter) => !isEmpty(filter), "Must have at least one filter")
  .meta({ id: "BulkFilter", description: "At least one filter of the list of runs." });

const OPTIONS_OF: Readonly<Partial<Record<BulkAction, readonly (keyof BulkOptions)[]>>> = {
  resume: ["at", "version", "giveUp"],
  replay: ["from", "version"],
};

/** Returns the options that the action does not have, or not together, each with the message. */
const misplacedOptions = ({
  action,
  ...options
}: BulkOptions & { readonly action: BulkAction }): [path: string, message: string][] => {
  const { at, version, giveUp, from } = options;
  const given = Object.entries({ at, version, giveUp, from }).filter(([, value]) => value !== undefined);
  const known: readonly string[] = OPTIONS_OF[action] ?? [];
  const misplaced = given.filter(([name]) => !known.includes(name));
  if (misplaced.length > 0)
    return misplaced.map(([name]) => [name, `A bulk ${action} does not take this field`]);
  if (action === "replay" && typeof version === "number")
    return [["version", 'A replay can use only the version "same" or "latest"']];
  if (giveUp === true && given.length > 1)
    return [["giveUp", "Cannot be combined with at or version: a run that is given up does not continue"]];
  return [];
};

export const startBulkSchema = z
  .strictObject({
    action: z.enum(BULK_ACTIONS),
    filter: filterSchema.optional(),
    runIds: z
      .array(z.guid("Must be the id of a run").toLowerCase())
      .min(1)
      .max(MAX_BULK_RUN_IDS)
      .refine(isUnique, "Must not contain a run twice")
      .optional(),
    revs: z.array(z.int().min(1).max(999_999_999)).min(1).max(MAX_BULK_RUN_IDS).optional().meta({
      description:
        "The revision of each run of `runIds` that the caller saw, in the same order, as `If-Match` of a single request. A run with another one is skipped with `state_changed`.",
    }),
    dryRun: z.boolean().optional().meta({
      description:
        "Only count the matching runs; for a resume with `at` or `version`, and for a replay, also say what would happen to them. Nothing is changed.",
    }),
    rate: z
      .int()
      .min(1)
      .max(MAX_BULK_RATE)
      .optional()
      .meta({ description: "Maximum number of runs per second. The deployment sets the default." }),
    reason: reason.optional(),
    at: text(80).min(1).optional().meta({
      description:
        "Of a resume: each run continues at this top-level state. Needs the permission of an administrator, or the scope `runs:repair`.",
    }),
    version: versionChoice.optional().meta({
      description:
        "Of a resume: the version on which each run continues, which needs the same permission. Of a replay: `same` or `latest`, as for a single one.",
    }),
    giveUp: z.boolean().optional().meta({
      description: "Of a resume: runs that an error paused become `failed` with their errors.",
    }),
    from: text(80).min(1).optional().meta({
      description: "Of a replay: `start` (default), `failed-step` or the name of a state.",
    }),
  })
  .check(({ value, issues }) => {
    for (const [path, message] of misplacedOptions(value))
      issues.push({ code: "custom", path: [path], message, input: value });
  })
  .refine(({ runIds, revs }) => revs === undefined || revs.length === runIds?.length, {
    path: ["revs"],
    message: "Must have one revision for each of runIds",
  })
  .refine(({ filter, runIds }) => (filter === undefined) !== (runIds === undefined), {
    path: ["filter"],
    message: "Give either filter or runIds",
  })
  .meta({ id: "StartBulkOperation" });
export type StartBulk = z.output<typeof startBulkSchema>;
