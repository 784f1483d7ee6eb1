import * as z from "zod";
import { MAX_QUESTION_BYTES } from "../../model/limits.ts";
import type { HumanStepEvent } from "../../model/machines/task-events.ts";
import { iso } from "../../model/time/clock.ts";
import type { HumanTask, StepItem } from "../../store/runs/step-item.ts";
import type { RunDependencies } from "../deps.ts";
import { ofAttempt, runIdOf } from "../gates/gate-question.ts";
import { enteredAt, stepIdOf } from "../steps/visit.ts";

/** The user's Parameters or Arguments, once evaluated: what a dynamic one turned out to be is checked here. */
const specSchema = z.object({
  Title: z.string(),
  Assignees: z.array(z.string()).optional(),
  Form: z.record(z.string(), z.json()).optional(),
});

/**
 * Keeps what a person needs to answer a step, with its task token. Throws an error named after what is wrong with the
 * user's own parameters, which their Catch can take.
 */
export const askPerson = async (deps: RunDependencies, event: HumanStepEvent): Promise<void> => {
  const { runId } = runIdOf(event.execution);
  const human = humanTask(event, iso(deps.clock.now()));
  const asked = await deps.steps.ask(event.workspace, runId, stepIdOf(event), human);
  if (asked.ok || asked.current !== undefined) return;
  const run = await deps.runs.get(event.workspace, runId);
  if (run === undefined || run.deleted === true) return; // deleted meanwhile: its execution is being stopped
  // Its gate passed and died before it wrote the step.
  const step = { ...stepOf(event, deps.clock.now()), human };
  if (await deps.steps.add(event.workspace, runId, step)) return;
  // Its gate, or an earlier try of this very write, was there first.
  await deps.steps.ask(event.workspace, runId, step.stepId, human);
};

const humanTask = (event: HumanStepEvent, askedAt: string): HumanTask => {
  const spec = specSchema.safeParse(event.spec);
  if (!spec.success) throw new BadParameters(z.prettifyError(spec.error));
  const { Title, Assignees, Form } = spec.data;
  const bytes = Buffer.byteLength(JSON.stringify(spec.data));
  if (bytes > MAX_QUESTION_BYTES)
    throw new BadParameters(
      `Title, Assignees and Form have ${bytes} bytes of JSON; together they may have ${MAX_QUESTION_BYTES}`,
    );
  return {
    kind: event.kind,
    token: event.token,
    askedAt,
    title: Title,
    ...(Assignees === undefined ? {} : { assignees: Assignees }),
    ...(Form === undefined ? {} : { form: JSON.stringify(Form) }),
  };
};

const stepOf = (event: HumanStepEvent, now: number): StepItem => ({
  ...ofAttempt(event),
  stepId: stepIdOf(event),
  name: event.state,
  type: "Task",
  path: event.path,
  entered: enteredAt(event),
  startedAt: iso(now),
  after: [],
  waitingOn: { kind: event.kind },
});

/** The flow gave a step for people something that is no title, no list of people or no form. */
class BadParameters extends Error {
  override readonly name = "States.ParameterPathFailure";
}
