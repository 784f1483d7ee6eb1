import * as z from "zod";
import { plainNumber } from "./fields.ts";

/** The result of attaching a state machine, or of a dry run. */
export const attachReportSchema = z
  .object({
    unsupported: z.array(z.object({ path: z.string(), message: z.string() })),
    warnings: z.array(z.string()),
    missingGrants: z.array(z.object({ action: z.string(), resource: z.string() })),
    transitionsPerRun: z.object({ before: plainNumber, after: plainNumber }).meta({
      description:
        "State transitions of a run without and with gates, as an average of the newest executions.",
    }),
    versions: z.array(z.string()).meta({
      description: "ARNs of the state machine's versions, whose definitions never change.",
    }),
    aliases: z.array(z.string()).meta({
      description: "Names of the state machine's aliases, which point to versions.",
    }),
  })
  .meta({ id: "AttachReport" });
