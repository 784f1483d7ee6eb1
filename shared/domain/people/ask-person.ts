import { MAX_QUESTION_BYTES } from "../../model/limits.ts";
import type { HumanQuestion, HumanStepEvent } from "../../model/machines/task-events.ts";
import { iso } from "../../model/time/clock.ts";
import type { HumanTask, StepItem } from "../../store/runs/step-item.ts";
import type { RunDependencies } from "../deps.ts";
import { ofAttempt, runIdOf } from "../gates/gate-question.ts";
import { enteredAt, stepIdOf } from "../steps/visit.ts";

/** Stores the question of a human step with its task token. Throws `BadParameters` if the question is too large. */
export const askPerson = async (
  deps: RunDependencies,
  event: HumanStepEvent,
  question: HumanQuestion,
): Promise<void> => {
  const { runId } = runIdOf(event.execution);
  const human = humanTask(event, question, iso(deps.clock.now()));
  const asked = await deps.steps.ask(event.workspace, runId, stepIdOf(event), human);
  if (asked.ok || asked.current !== undefined) return;
  const run = await deps.runs.get(event.workspace, runId);
  if (run === undefined || run.deleted === true) return; // deleted in the meantime; its execution is being stopped
  // The step's gate let the visit pass and died before it wrote the step.
  const step = { ...stepOf(event, deps.clock.now()), human };
  if (await deps.steps.add(event.workspace, runId, step)) return;
  // The step's gate, or an earlier attempt of this write, was first.
  await deps.steps.ask(event.workspace, runId, step.stepId, human);
};

const humanTask = (event: HumanStepEvent, question: HumanQuestion, askedAt: string): HumanTask => {
  const { Title, Assignees, Form } = question;
  const bytes = Buffer.byteLength(JSON.stringify({ Title, Assignees, Form }));
  if (bytes > MAX_QUESTION_BYTES) {
    const limit = `${MAX_QUESTION_BYTES} bytes of JSON`;
    throw new BadParameters(
      `Title, Assignees and Form are ${bytes} bytes long; together they may have ${limit}`,
    );
  }
  return {
    kind: event.kind,
    token: event.token,
    askedAt,
    title: Title.toWellFormed(),
    ...(Assignees === undefined ? {} : { assignees: Assignees.map((name) => name.toWellFormed()) }),
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

/** The flow passed an invalid title, assignees or form to a human step. The user's own Catch can handle the error by name. */
export class BadParameters extends Error {
  override readonly name = "States.ParameterPathFailure";
}
