import { functions } from "../../../../infra/functions.ts";
import { SHAPES } from "../flows.ts";
import type { Scenario } from "../scenario.ts";
import type { ScenarioContext } from "../scenario-context.ts";

/** Far away, so that no event comes by itself. */
export const TRIGGER = { schedule: "at(2200-01-01T00:00:00)", whileHeld: "drop" };

/** A flow with the trigger `nightly`. */
export const triggered = async (context: ScenarioContext): Promise<string> => {
  const flowId = await context.flow(SHAPES.line);
  await context.must("PUT", `/flows/${flowId}/triggers/nightly`, TRIGGER);
  return flowId;
};

const TIME = "2026-01-01T00:00:00Z";

/** An event of the trigger's schedule, or of one that is no more. */
const firing = (name: string, isCurrent: boolean): Scenario => ({
  name,
  handler: "intake",
  prepare: async (context) => {
    const flowId = await triggered(context);
    await context.must("POST", `/flows/${flowId}/pause`, {});
    const act = async () => {
      const current = await context.environment.ledger.triggerEvent(flowId, "nightly");
      const trigger = isCurrent ? current : { ...current, generation: "aaaaaaaaaaaaaaaa" };
      await context.environment.invoke(functions.intake.name, { trigger, time: TIME });
    };
    return { matches: (event) => event.includes(flowId) && event.includes(TIME), act };
  },
});

export const intakeScenarios: readonly Scenario[] = [
  firing("a trigger's time while its flow is held", true),
  firing("a trigger's late event", false),
  {
    name: "wait for the end of a run",
    handler: "wait",
    prepare: async (context) => {
      const runId = await context.run(await context.flow(SHAPES.line));
      await context.environment.admin.untilStatus(runId, "completed", 60);
      const event = { workspace: "demo", runId, seconds: 1 };
      return {
        matches: (text) => text.includes(runId) && text.includes('"seconds"'),
        act: () => context.environment.invoke(functions.wait.name, event),
      };
    },
  },
];
