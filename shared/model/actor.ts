import * as z from "zod";

/** Who did it. */
export const actorSchema = z
  .object({
    kind: z.enum(["user", "client", "schedule", "cap", "system"]),
    id: z.string(),
  })
  .meta({ id: "Actor" });
export type Actor = z.infer<typeof actorSchema>;
