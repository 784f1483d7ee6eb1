import * as z from "zod";
import { RESUMABLE_HOLDS } from "../holds/kinds.ts";
import {
  MAX_CANARY,
  MAX_DRAIN_RATE,
  MAX_HELD_STEPS,
  MAX_NAMED_HOLDS,
  MAX_PLAN_DAYS,
  MAX_STATE_NAME,
} from "../limits.ts";
import { duration, NO_TIME, plainNumber, reason, text } from "../schemas/fields.ts";
import { CAPS, holdIdSchema, rampStopSchema } from "../schemas/flow.ts";
import { durationMilliseconds } from "../time/clock.ts";

const MAX_FINISH_MS = 14 * 86_400_000;
const isFinishTime = (value: string): boolean => {
  const time = durationMilliseconds(value);
  return time !== undefined && time > 0 && time <= MAX_FINISH_MS;
};

export const pauseFlowSchema = z
  .strictObject({
    mode: z.enum(["queue", "reject", "finish"]).optional().meta({
      description:
        "Whether new records are queued (default) or rejected. With `finish`, they are queued, and runs that have begun go on to their end.",
    }),
    finishWithin: text(40)
      .refine(isFinishTime, "Must be a duration in ISO 8601 of at most 14 days, e.g. PT2H")
      .optional()
      .meta({
        description:
          "Only with the mode `finish`: how long runs may go on before those that are left stop, too. By default, until the flow resumes.",
      }),
    steps: z.array(z.string().min(1).max(MAX_STATE_NAME)).min(1).max(MAX_HELD_STEPS).optional().meta({
      description:
        "Hold only these states, in all versions. Everything else goes on, and new records start. Such holds stand beside each other, and beside a pause of the whole flow.",
    }),
    resumeAt: z.iso.datetime({ offset: true, error: NO_TIME }).optional().meta({
      description: "When the flow resumes automatically: at most, and by default, after 14 days.",
    }),
    startAt: z.iso
      .datetime({ offset: true, error: NO_TIME })
      .optional()
      .meta({
        description: `Plans the pause instead: it begins at this time, at most ${MAX_PLAN_DAYS} days ahead. \`resumeAt\` then counts from there. It replaces a pause that was planned before.`,
      }),
    dryRun: z.boolean().optional().meta({
      description: "Pause nothing; return what the pause would hold. The permission to read flows is enough.",
    }),
    reason: reason.optional(),
  })
  .check(({ value, issues }) => {
    if (value.finishWithin === undefined || value.mode === "finish") return;
    const message = "Needs the mode finish";
    issues.push({ code: "custom", path: ["finishWithin"], message, input: value });
  })
  .meta({ id: "PauseFlow" });

export const rampSchema = z
  .strictObject({
    from: z.int().min(1).max(MAX_DRAIN_RATE).meta({ description: "Wakes and starts per second at first." }),
    factor: plainNumber.min(1.1).max(100).optional().meta({
      description: "What the rate is multiplied by at each interval; 2 by default.",
    }),
    every: duration("PT1S", "P1D")
      .optional()
      .meta({ description: "The interval: an ISO 8601 duration, PT1M by default." }),
    stopOn: rampStopSchema.optional(),
  })
  .meta({
    id: "AskedRamp",
    description:
      "Begins slowly and grows to `drainRate`. Until then, new records are queued. Too many failures hold the flow again.",
  });

export const resumeFlowSchema = z
  .strictObject({
    drainRate: z
      .int()
      .min(1)
      .max(MAX_DRAIN_RATE)
      .optional()
      .meta({ description: "Queued records to start per second." }),
    holds: z
      .array(z.union([z.enum(RESUMABLE_HOLDS), holdIdSchema]))
      .min(1)
      .max(MAX_NAMED_HOLDS)
      .optional()
      .meta({
        description:
          "Kinds or ids of the holds to lift; by default `manual`, `throughput` and `errors`. The hold of an incident is lifted when the incident is resolved, or if you name it here; it is then not placed again. A spend hold lifts automatically.",
      }),
    ramp: rampSchema.optional(),
    canary: z.int().min(1).max(MAX_CANARY).optional().meta({
      description:
        "The number of runs that go first, the oldest first. The holds are lifted when all of them have completed, or wait for a timer or a person.",
    }),
    canaryWithin: duration("PT1S", "P14D").optional().meta({
      description: "The time that they have: an ISO 8601 duration, PT1H by default.",
    }),
    reason: reason.optional(),
  })
  .meta({ id: "ResumeFlow" });

export const putCapsSchema = z
  .strictObject(CAPS)
  .meta({ id: "PutCaps", description: "An omitted cap stays as it is; null removes it." });
