import { iso } from "../../model/time/clock.ts";
import type { AttachDependencies } from "../deps.ts";

type Timed = Pick<AttachDependencies, "clock">;

/** Longer than any attach or detach takes. */
const REPAIR_MS = 5 * 60_000;
/** The time between two looks at the machine's definition. */
const CHECK_MS = 60 * 60_000;

/** When the sweeper repairs an attach or detach whose process has died. ISO 8601. */
export const repairAt = ({ clock }: Timed): string => iso(clock.now() + REPAIR_MS);

/** When the sweeper compares the machine's definition with the one that was written. ISO 8601. */
export const checkAt = ({ clock }: Timed): string => iso(clock.now() + CHECK_MS);
