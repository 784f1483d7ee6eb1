import { isTerminal } from "../../../shared/model/transitions.ts";
import type { RunItem } from "../../../shared/store/runs/run-item.ts";
import type { Books } from "../../harness/ledger/ledger.ts";
import type { World } from "./world.ts";

/** The record's id, by its run: what the payload says. */
const idsOf = ({ items }: Books): Map<string, string> => {
  const ids = new Map<string, string>();
  for (const { PK, SK, payload } of items) {
    if (SK !== "IN" || typeof payload !== "string") continue;
    const { id } = JSON.parse(payload) as { id?: string };
    if (id !== undefined) ids.set(String(PK).split("#")[3] ?? "", id);
  }
  return ids;
};

/**
 * Whether the books of the records balance: each that was accepted has one run, which ended, with the right output where it completed, and
 * called each function once; each that was refused has one or none.
 */
export const unbalanced = async (world: World, books: Books): Promise<string[]> => {
  const ids = idsOf(books);
  const runsOf = Map.groupBy(
    books.runs.filter(({ runId }) => ids.has(runId)),
    ({ runId }) => ids.get(runId) ?? "",
  );
  const called = new Map<string, number>();
  for (const { name, at, event } of world.stack.functions.calls()) {
    const key = `${(event as { id?: string }).id} ${name}`;
    if (at === "begin") called.set(key, (called.get(key) ?? 0) + 1);
  }
  const wrong: string[] = [];
  const accepted = new Set(world.records.filter((one) => one.accepted).map(({ id }) => id));
  for (const record of world.records) {
    const runs = runsOf.get(record.id) ?? [];
    const own = runs.filter(({ replayOf }) => replayOf === undefined);
    if (own.length > 1) wrong.push(`${record.flowId}: ${own.length} runs of one record`);
    if (own.length === 0 && accepted.has(record.id) && !world.deleted.has(record.flowId)) {
      wrong.push(`${record.flowId}: an accepted record has no run`);
    }
    const whole = runs.filter((run) => run.status === "completed" && run.startState === undefined).length;
    for (const name of record.shape.calls) {
      const count = called.get(`${record.id} ${name}`) ?? 0;
      const { times = 1 } = record.shape;
      if (count > Math.max(runs.length, 1) * times || count < whole * times) {
        wrong.push(`${record.flowId}: "${name}" was called ${count} times for ${runs.length} runs`);
      }
    }
    for (const run of runs) wrong.push(...(await wrongOutput(world, run, record)));
  }
  return wrong;
};

const wrongOutput = async (
  world: World,
  run: RunItem,
  { id, shape, flowId }: World["records"][number],
): Promise<string[]> => {
  if (!isTerminal(run.status)) return [`${flowId}: ${run.runId} is ${run.status}`];
  if (run.status !== "completed") return [];
  const { output } = await world.stack.admin.run(run.runId);
  return shape.isRight(output, id) ? [] : [`${flowId}: ${run.runId} ended with ${JSON.stringify(output)}`];
};
