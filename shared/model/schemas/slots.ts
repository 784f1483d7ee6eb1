import * as z from "zod";

const count = (description: string) => z.int().min(0).meta({ description });

const counts = {
  used: count("Runs that hold a slot, paused ones included."),
  paused: count("Of these, runs that are paused."),
  waiting: count("Runs that wait for a slot."),
};

/** The slots of a flow's concurrency limit. */
export const flowSlotsSchema = z
  .object({
    limit: z.int().nullable().meta({ description: "Null if the flow has no limit any more." }),
    ...counts,
    atLeast: z.literal(true).optional().meta({
      description: "There are too many keys or runs to count at once: the numbers are lower bounds.",
    }),
  })
  .meta({ id: "FlowSlots" });
export type FlowSlots = z.infer<typeof flowSlotsSchema>;

const keySlotsSchema = z
  .object({
    key: z.string().optional().meta({
      description:
        "The key's value. Absent without a key expression, and for records whose payload has no value.",
    }),
    ...counts,
  })
  .meta({ id: "KeySlots" });
export type KeySlots = z.infer<typeof keySlotsSchema>;

export const slotsSchema = flowSlotsSchema
  .extend({ keys: z.array(keySlotsSchema).meta({ description: "The ten fullest." }) })
  .meta({ id: "Slots" });
export type Slots = z.infer<typeof slotsSchema>;
