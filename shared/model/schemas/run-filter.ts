import * as z from "zod";
import { type AttributeFilters, attributeName } from "../attributes.ts";
import { MAX_CHANGED_RUNS } from "../limits.ts";
import { ATTENTION_STATUSES, RUN_STATUSES, type RunStatus } from "../transitions.ts";
import { NO_TIME, pageQuerySchema } from "./fields.ts";

/** Accepts ISO 8601 with any time zone and converts it to the stored form. */
const instant = z.iso
  .datetime({ offset: true, error: NO_TIME })
  .transform((value) => new Date(value).toISOString())
  .meta({ override: { type: "string", format: "date-time" } });
const filterText = z.string().min(1).max(1_000);

/** Filters of lists of runs. A run must match all given filters. */
const conditions = {
  flowId: filterText.optional(),
  startedBy: filterText.optional().meta({
    description: "Id of the user or client that dispatched the run, or name of the execution that began it.",
  }),
  pausedBy: filterText.optional().meta({
    description:
      "Id of the user who paused the run, or `user`, `flow` or `error` for all pauses of that kind.",
  }),
  createdAfter: instant.optional(),
  createdBefore: instant.optional(),
  failure: filterText.optional().meta({
    description:
      "Id of a failure group. The list then has the group's failed runs and those that an error paused, the latest failure first.",
  }),
  error: filterText.optional().meta({ description: "Part of the error's name or cause, ignoring case." }),
};

const VERSION = "The version of the flow that the run is on.";
const version = z.int().min(1).max(999_999);
const versionText = z
  .string()
  .regex(/^[1-9]\d{0,5}$/, "Must be the number of a version")
  .transform(Number)
  .optional()
  .meta({ override: { type: "integer", minimum: 1, maximum: 999_999 }, description: VERSION });

/** Accepts a comma-separated list of values. */
const commaList = <T extends string>(values: readonly T[]) =>
  z
    .string()
    .transform((value, context): T[] => {
      const asked = [...new Set(value.split(",").map((part) => part.trim()))];
      const known = values.filter((one) => asked.includes(one));
      if (known.length === asked.length) return known;
      context.addIssue(`Must be a comma-separated list of ${values.join(", ")}`);
      return z.NEVER;
    })
    .optional()
    .meta({ override: { type: "string" }, description: `Comma-separated list of ${values.join(", ")}.` });

const ATTRIBUTE_FIELDS = {
  patternProperties: { "^attribute\\.[A-Za-z_][A-Za-z0-9_-]{0,39}$": { type: "string" } },
  additionalProperties: false,
} as const;

/** A parameter of the OpenAPI document that stands for the filters by attributes, whatever their names. */
export const ATTRIBUTES_PARAMETER = {
  name: "attributes",
  in: "query",
  style: "form",
  explode: true,
  description:
    "Values of the run's attributes: `attribute.<name>=<value>`. The flow's `Index` says which attributes its runs have.",
  schema: { type: "object", ...ATTRIBUTE_FIELDS },
} as const;

/** Adds filters by attributes, `attribute.<name>`. Any other field that the schema does not name is refused. */
const withAttributes = <Shape extends z.ZodRawShape>(shape: Shape) => {
  const schema = z.object(shape);
  const open = schema.catchall(z.unknown()).check(({ value, issues }) => {
    const others = Object.entries(value).filter(([field]) => !Object.hasOwn(shape, field));
    const keys = others.map(([field]) => field).filter((field) => attributeName(field) === undefined);
    if (keys.length > 0) issues.push({ code: "unrecognized_keys", keys, input: value });
    for (const [field, text] of others) {
      if (keys.includes(field)) continue;
      const checked = filterText.safeParse(text);
      for (const { message } of checked.error?.issues ?? [])
        issues.push({ code: "custom", path: [field], message, input: value });
    }
  });
  const described = open.meta({
    override: ({ jsonSchema }: { readonly jsonSchema: object }) => {
      Object.assign(jsonSchema, ATTRIBUTE_FIELDS);
    },
  });
  return described as unknown as z.ZodObject<Shape> &
    z.ZodType<z.output<typeof schema> & AttributeFilters, z.input<typeof schema> & AttributeFilters>;
};

export const listRunsQuerySchema = withAttributes({
  ...pageQuerySchema.shape,
  status: commaList(RUN_STATUSES),
  ...conditions,
  flowVersion: versionText,
});

/** Filters of the list of failure groups. */
export const failuresQuerySchema = z.strictObject({
  flowId: conditions.flowId,
  since: instant.optional().meta({ description: "Only count failures since this time." }),
  limit: pageQuerySchema.shape.limit,
});

const WAITING = "waiting" satisfies RunStatus;
const included = commaList([WAITING]).meta({
  override: { type: "string", enum: [WAITING] },
  description: "With `waiting`, the list also contains runs that wait for a timer, a person or a callback.",
});
export const attentionQuerySchema = withAttributes({
  ...pageQuerySchema.shape,
  status: commaList([...ATTENTION_STATUSES, WAITING]),
  ...conditions,
  flowVersion: versionText,
  include: included,
}).check(({ value, issues }) => {
  if (value.include !== undefined || value.status?.includes(WAITING) !== true) return;
  const message = "The list contains waiting runs only with include=waiting";
  issues.push({ code: "custom", path: ["status"], message, input: value });
});

/** The filters of the list, the runs of it that are shown, and where it begins. */
export const runChangesQuerySchema = withAttributes({
  list: z
    .enum(["runs", "attention"])
    .optional()
    .transform((value) => value ?? "runs")
    .meta({ override: { type: "string", enum: ["runs", "attention"], default: "runs" } }),
  runIds: z
    .string()
    .transform((value, context): string[] => {
      const ids = distinct(value.split(",").map((id) => id.trim().toLowerCase()));
      if (ids.length <= MAX_CHANGED_RUNS && ids.every((id) => z.guid().safeParse(id).success)) return ids;
      context.addIssue(`Must be a comma-separated list of at most ${MAX_CHANGED_RUNS} ids of runs`);
      return z.NEVER;
    })
    .optional()
    .transform((value) => value ?? [])
    .meta({
      override: { type: "string" },
      description: `Comma-separated list of the runs to read, at most ${MAX_CHANGED_RUNS}.`,
    }),
  after: instant.optional().meta({
    description:
      "The time of the newest run shown: `createdAt` in the list of runs, `since` in the attention list.",
  }),
  status: commaList(RUN_STATUSES),
  ...conditions,
  flowVersion: versionText,
  include: included,
});

const distinct = <T>(values: T[]): T[] => [...new Set(values)];

/** The same filters as a JSON object. */
export const runFilterSchema = withAttributes({
  status: z.array(z.enum(RUN_STATUSES)).min(1).overwrite(distinct).optional(),
  ...conditions,
  flowVersion: version.optional().meta({ description: VERSION }),
}).meta({ id: "RunFilter" });
export type RunFilter = z.output<typeof runFilterSchema>;

/** The filters of a saved view, and the statuses that its attention list includes. */
export const viewFilterSchema = withAttributes({
  ...runFilterSchema.shape,
  include: z.array(z.literal(WAITING)).min(1).overwrite(distinct).optional(),
}).meta({ id: "ViewFilter" });
export type ViewFilter = z.output<typeof viewFilterSchema>;
