import { iso } from "../../model/time/clock.ts";
import type { Recount } from "../../store/flows/flow-item.ts";
import { LATE_WRITERS_MS } from "../late-writers.ts";

/** The first count of a queue, after a change of the flow's holds or the end of a drain. `now`: epoch milliseconds. */
export const nextRecount = (now: number): Recount => ({ due: iso(now + LATE_WRITERS_MS) });
