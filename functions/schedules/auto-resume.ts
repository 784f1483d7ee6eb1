import { autoResume } from "../../shared/domain/holds/auto-resume.ts";
import { backgroundHandler } from "../middleware/background.ts";
import { aboutHold, holdEventSchema } from "./hold-event.ts";

/** Called by the one-time schedule of a hold, at its end. */
export const handler = backgroundHandler("auto-resume", holdEventSchema, autoResume, aboutHold);
