import type { Intent } from "../../../shared/store/intent.ts";
import { keys } from "../../../shared/store/keys.ts";
import type { HumanTask, StepItem } from "../../../shared/store/runs/step-item.ts";
import { StepStore } from "../../../shared/store/runs/steps.ts";
import { type ConditionalWrite, changing, deleting, type Prepared } from "./conditional-write.ts";

const AT = "2026-03-01T12:00:00.000Z";
const HUMAN: HumanTask = { kind: "approval", token: "m", askedAt: AT, title: "Approve?" };
const END = { at: AT, status: "completed" } as const;
const intent = (id: string): Intent => ({ id, due: AT, kinds: ["wake"], tries: 0 });

interface Subject {
  readonly steps: StepStore;
  readonly runId: string;
  readonly set: (attributes: Readonly<Record<string, unknown>>) => () => Promise<unknown>;
  readonly gone: () => Promise<unknown>;
}

const ofStep =
  (
    human: HumanTask | undefined,
    use: (subject: Subject) => Pick<Prepared, "write" | "rivals">,
  ): ConditionalWrite =>
  async (table, nth) => {
    const steps = new StepStore(table);
    const runId = `run-${nth}`;
    const step: StepItem = {
      ...{ stepId: "s", name: "One", type: "Task", path: "", entered: AT, startedAt: AT, after: [] },
      ...(human === undefined ? {} : { human }),
    };
    await steps.add("demo", runId, step);
    const key = keys.step("demo", runId, "s");
    const subject = {
      ...{ steps, runId, gone: deleting(table, key) },
      set: (attributes: Readonly<Record<string, unknown>>) => changing(table, key, attributes),
    };
    return { items: [key], ...use(subject) };
  };

export const STEP_WRITES: Readonly<Record<string, ConditionalWrite>> = {
  "a step's creation": async (table, nth) => {
    const step: StepItem = {
      ...{ stepId: "s", name: "One", type: "Task", path: "", entered: AT, startedAt: AT, after: [] },
    };
    const key = keys.step("demo", `new-${nth}`, "s");
    return {
      write: () => new StepStore(table).add("demo", `new-${nth}`, step),
      items: [key],
      rivals: { "the same gate, delivered twice": () => table.put({ ...key, ...step, name: "Two" }) },
    };
  },
  "a step's end": ofStep(undefined, ({ steps, runId, set, gone }) => ({
    write: () => steps.end("demo", runId, "s", END).then(() => false),
    rivals: { "an earlier end": set({ end: { ...END, status: "failed" } }), "the deletion of the run": gone },
  })),
  "a question": ofStep(undefined, ({ steps, runId, set, gone }) => ({
    write: () => steps.ask("demo", runId, "s", HUMAN),
    rivals: {
      "the deletion of the run": gone,
      "an answer to the same question": set({ human: { ...HUMAN, answer: "{}" } }),
    },
  })),
  "another question": ofStep({ ...HUMAN, token: "earlier", answer: "{}" }, ({ steps, runId, set, gone }) => ({
    write: () => steps.ask("demo", runId, "s", HUMAN),
    rivals: {
      "the deletion of the run": gone,
      "an answer to the same question": set({ human: { ...HUMAN, answer: "{}" } }),
    },
  })),
  "an assignment to others": ofStep(HUMAN, ({ steps, runId, set, gone }) => ({
    write: () =>
      steps.assign("demo", runId, "s", {
        ...{ token: "m", assignees: ["bob"], assigned: { by: "ann", at: AT } },
      }),
    rivals: {
      "an answer": set({ human: { ...HUMAN, answer: "{}" } }),
      "a later question": set({ human: { ...HUMAN, token: "z" } }),
      "another question": set({ human: { ...HUMAN, token: "a" } }),
      "the step's end": set({ end: END }),
      "the deletion of the run": gone,
    },
  })),
  "an answer": ofStep(HUMAN, ({ steps, runId, set, gone }) => ({
    write: () => steps.answer("demo", runId, "s", "{}", intent("m")),
    rivals: {
      "another answer": set({ human: { ...HUMAN, answer: "[]" } }),
      "the step's end": set({ end: END }),
      "a step that asks nobody": set({ human: undefined }),
      "the deletion of the run": gone,
    },
  })),
  "the end of an answer's intent": ofStep(
    { ...HUMAN, answer: "{}", intent: intent("m") },
    ({ steps, runId, set }) => ({
      write: () => steps.clearIntent("demo", runId, "s", "m").then(() => false),
      rivals: {
        "a later intent": set({ human: { ...HUMAN, intent: intent("z") } }),
        "another intent": set({ human: { ...HUMAN, intent: intent("a") } }),
      },
    }),
  ),
  "the next try of an answer's intent": ofStep(
    { ...HUMAN, answer: "{}", intent: intent("m") },
    ({ steps, runId, set }) => ({
      write: () => steps.retryIntent("demo", runId, "s", { ...intent("m"), tries: 1 }),
      rivals: {
        "a later intent": set({ human: { ...HUMAN, intent: intent("z") } }),
        "another intent": set({ human: { ...HUMAN, intent: intent("a") } }),
      },
    }),
  ),
};
