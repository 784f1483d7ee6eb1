import { isTerminal } from "../../../shared/model/transitions.ts";
import type { RunItem } from "../../../shared/store/runs/run-item.ts";
import type { Ledger } from "../harness/ledger/ledger.ts";
import { stepCalls, stepKey } from "../harness/ledger/step-calls.ts";
import type { ScenarioContext } from "./scenario-context.ts";

/** Ids of records by their runs, from the payloads. */
const recordIds = ({ items }: Ledger): Map<string, string> => {
  const ids = new Map<string, string>();
  for (const { PK, SK, payload } of items) {
    if (SK !== "IN" || typeof payload !== "string") continue;
    const { id } = JSON.parse(payload) as { id?: string };
    if (id !== undefined) ids.set(String(PK).split("#")[3] ?? "", id);
  }
  return ids;
};

/**
 * Violations of what holds for each record in the end. An accepted record has one run, a refused one has one or none. The run has ended,
 * with the right output if it completed, and called each function as often as its flow says.
 */
export const recordViolations = async (context: ScenarioContext, ledger: Ledger): Promise<string[]> => {
  const ids = recordIds(ledger);
  const runsOf = Map.groupBy(
    ledger.runs.filter(({ runId }) => ids.has(runId)),
    ({ runId }) => ids.get(runId) ?? "",
  );
  const calls = stepCalls(context.environment.functions);
  const wrong: string[] = [];
  const accepted = new Set(context.records.filter((one) => one.accepted).map(({ id }) => id));
  for (const record of context.records) {
    const runs = runsOf.get(record.id) ?? [];
    const own = runs.filter(({ replayOf }) => replayOf === undefined);
    if (own.length > 1) wrong.push(`${record.flowId}: ${own.length} runs of one record`);
    if (own.length === 0 && accepted.has(record.id) && !context.deleted.has(record.flowId)) {
      wrong.push(`${record.flowId}: an accepted record has no run`);
    }
    const whole = runs.filter((run) => run.status === "completed" && run.startState === undefined).length;
    for (const name of record.shape.calls) {
      const count = calls.get(stepKey(name, { id: record.id }))?.length ?? 0;
      const { times = 1 } = record.shape;
      if (count > Math.max(runs.length, 1) * times || count < whole * times) {
        wrong.push(`${record.flowId}: "${name}" was called ${count} times for ${runs.length} runs`);
      }
    }
    for (const run of runs) wrong.push(...(await runViolations(context, run, record)));
  }
  return wrong;
};

const runViolations = async (
  context: ScenarioContext,
  run: RunItem,
  { id, shape, flowId }: ScenarioContext["records"][number],
): Promise<string[]> => {
  if (!isTerminal(run.status)) return [`${flowId}: ${run.runId} is ${run.status}`];
  if (run.status !== "completed") return [];
  const { output } = await context.environment.admin.run(run.runId);
  return shape.isRight(output, id)
    ? []
    : [`${flowId}: ${run.runId} completed with ${JSON.stringify(output)}`];
};
