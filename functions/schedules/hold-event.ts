import * as z from "zod";
import type { LogFields } from "../../shared/domain/deps.ts";
import { HOLD_KINDS } from "../../shared/model/holds.ts";
import type { HoldEvent } from "../../shared/outbound/schedules.ts";

/** What a one-time schedule hands over: the hold that it was made for. Schedules outlive releases. */
export const holdEventSchema = z.object({
  workspace: z.string(),
  flowId: z.string(),
  incarnation: z.string(),
  kind: z.enum(HOLD_KINDS),
  holdId: z.string(),
  tries: z.int().default(0),
}) satisfies z.ZodType<HoldEvent>;

/** For the log. */
export const aboutHold = ({ workspace, flowId, kind }: HoldEvent): LogFields => ({
  workspace,
  flow: flowId,
  hold: kind,
});
