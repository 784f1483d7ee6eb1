import * as v from "valibot";
import { askPerson, BadParameters } from "../../shared/domain/people/ask-person.ts";
import { isJsonObject, type Json, type JsonObject } from "../../shared/model/json/json.ts";
import type { HumanQuestion } from "../../shared/model/machines/task-events.ts";
import type { TaskDependencies } from "../dependencies/task-dependencies.ts";
import { taskHandler } from "../middleware/task.ts";

const questionSchema = v.object({
  Title: v.string(),
  Assignees: v.exactOptional(v.array(v.string())),
  Form: v.exactOptional(v.custom<JsonObject>(isJsonObject, "Must be a JSON object")),
});

/** Checks the evaluated parameters of the user's state. It throws an error that the state's Catch can handle. */
const questionIn = (spec: Json): HumanQuestion => {
  const { success, output, issues } = v.safeParse(questionSchema, spec);
  if (!success) throw new BadParameters(v.summarize(issues));
  return output;
};

/** Creates the handler of approvals and forms, whose task tokens wait for a person's answer. */
export const createHumanStepHandler = (deps: TaskDependencies) =>
  taskHandler("human", (event) => askPerson(deps, event, questionIn(event.spec)), deps);
