import { continueAsNew } from "../../shared/domain/gates/continue-as-new.ts";
import { taskHandler } from "../middleware/task.ts";

/** Both ends of a hand-over to a fresh execution, before a history is full. */
export const handler = taskHandler("handOver", continueAsNew);
