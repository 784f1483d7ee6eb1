import { autoResume } from "../../shared/domain/auto-resume.ts";
import { dependencies } from "../dependencies.ts";
import { holdEventSchema } from "./hold-event.ts";

/** Called by the one-time schedule of a hold, at its end. */
export const handler = async (event: unknown): Promise<void> => {
  await autoResume(dependencies(), holdEventSchema.parse(event));
};
