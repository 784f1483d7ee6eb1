import { passGate } from "../../shared/domain/gates/pass-gate.ts";
import { taskHandler } from "../middleware/task.ts";

/** Stands before every step of a compiled flow, and at its end. */
export const handler = taskHandler("gate", passGate);
