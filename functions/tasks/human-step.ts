import { askPerson } from "../../shared/domain/people/human-step.ts";
import { taskHandler } from "../middleware/task.ts";

/** The Task behind an approval or a form: its token waits for a person's answer. */
export const handler = taskHandler("human", askPerson);
