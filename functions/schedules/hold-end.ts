import * as z from "zod";
import type { LogFields } from "../../shared/domain/deps.ts";
import { autoPause } from "../../shared/domain/holds/begin-pause.ts";
import { autoResume, warnOfResume } from "../../shared/domain/holds/scheduled-resume.ts";
import { HOLD_KINDS } from "../../shared/model/holds/kinds.ts";
import type { HoldEvent } from "../../shared/outbound/ports.ts";
import type { Dependencies } from "../dependencies/dependencies.ts";
import type { EventDependencies } from "../dependencies/event-dependencies.ts";
import { backgroundHandler } from "../middleware/background.ts";

/** The input of a one-time schedule: the hold, or the planned pause, that it was created for. Schedules outlive releases. */
const schema = z.object({
  workspace: z.string(),
  flowId: z.string(),
  incarnation: z.string(),
  kind: z.enum(HOLD_KINDS),
  holdId: z.string(),
  tries: z.int().default(0),
  begins: z.boolean().optional(),
}) satisfies z.ZodType<HoldEvent>;

const logFields = ({ workspace, flowId, kind }: HoldEvent): LogFields => ({
  workspace,
  flow: flowId,
  hold: kind,
});

/** Creates the handler of the one-time schedules at the end of a hold and at the beginning of a planned pause. */
export const createAutoResumeHandler = (deps: Dependencies) =>
  backgroundHandler(
    {
      name: "auto-resume",
      schema,
      work: (event) => (event.begins === true ? autoPause(deps, event) : autoResume(deps, event)),
      logFields,
    },
    deps,
  );

/** Creates the handler of the one-time schedule a day before a hold ends by itself. */
export const createWarningHandler = (deps: EventDependencies) =>
  backgroundHandler({ name: "warning", schema, work: (event) => warnOfResume(deps, event), logFields }, deps);
