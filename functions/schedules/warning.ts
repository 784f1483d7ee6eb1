import { warnOfResume } from "../../shared/domain/holds/warn-of-resume.ts";
import { events } from "../event-bus.ts";
import { backgroundHandler } from "../middleware/background.ts";
import { aboutHold, holdEventSchema } from "./hold-event.ts";

/** Called by a one-time schedule, a day before a hold ends by itself. */
export const handler = backgroundHandler(
  "warning",
  holdEventSchema,
  (deps, event) => warnOfResume({ ...deps, events: events() }, event),
  aboutHold,
);
