import { handOver } from "../../shared/domain/gates/hand-over.ts";
import { taskHandler } from "../middleware/task.ts";

/** Both ends of a hand-over to a fresh execution, before a history is full. */
export const handler = taskHandler("handOver", handOver);
