import * as z from "zod";
import { timestampSchema } from "./run.ts";
import { viewFilterSchema } from "./run-filter.ts";

export const viewSchema = z
  .object({
    viewId: z.string(),
    name: z.string(),
    filter: viewFilterSchema,
    shared: z
      .boolean()
      .meta({ description: "All members of the workspace see a shared view; only its owner can change it." }),
    owner: z.string(),
    mine: z.boolean(),
    createdAt: timestampSchema,
    updatedAt: timestampSchema,
  })
  .meta({ id: "View" });
export type View = z.output<typeof viewSchema>;
