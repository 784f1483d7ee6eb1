import { parkGate } from "../../shared/domain/gates/park-gate.ts";
import { taskHandler } from "../middleware/task.ts";

/** Where a gate's refused visit waits on a task token until its hold is lifted. */
export const handler = taskHandler("park", parkGate);
