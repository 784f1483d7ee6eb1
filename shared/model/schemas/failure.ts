import * as z from "zod";
import { timestampSchema } from "./run.ts";

export const failureSchema = z
  .object({
    failureId: z.string(),
    flowId: z.string(),
    state: z.string().meta({ description: "The state that failed; empty if no state did." }),
    error: z.string().meta({ description: "Name of the error." }),
    cause: z.string().meta({
      description:
        "What the causes have in common: the message, with `…` in place of ids, numbers, times, addresses and quoted values.",
    }),
    count: z.int().meta({ description: "Runs that are failed, or paused by the error." }),
    paused: z.int().meta({ description: "Of these, the runs that are paused and can be resumed." }),
    versions: z.array(z.int()).meta({ description: "The versions that these runs are on." }),
    firstAt: timestampSchema,
    lastAt: timestampSchema,
    exampleRunId: z.string().meta({ description: "The run that failed last." }),
  })
  .meta({ id: "Failure" });
export type FailureGroup = z.infer<typeof failureSchema>;
