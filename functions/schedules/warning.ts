import { warnOfResume } from "../../shared/domain/warn-of-resume.ts";
import { dependencies } from "../dependencies.ts";
import { holdEventSchema } from "./hold-event.ts";

/** Called by a one-time schedule, a day before a hold ends by itself. */
export const handler = async (event: unknown): Promise<void> => {
  await warnOfResume(dependencies(), holdEventSchema.parse(event));
};
