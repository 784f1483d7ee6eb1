import { newRun } from "../../shared/domain/dispatch/new-run.ts";
import { ending } from "../../shared/domain/runs/status-change.ts";
import { SYSTEM } from "../../shared/model/actor.ts";
import { randomIds } from "../../shared/model/ids.ts";
import { iso } from "../../shared/model/time/clock.ts";
import type { FlowIdentity } from "../../shared/store/flows/flow-item.ts";
import { queueItem } from "../../shared/store/flows/queues.ts";
import { keys } from "../../shared/store/keys.ts";
import { ParkStore } from "../../shared/store/runs/parks.ts";
import { attributeItems } from "../../shared/store/runs/run-attributes.ts";
import type { RunItem } from "../../shared/store/runs/run-item.ts";
import { applyChanges } from "../../shared/store/runs/status-change.ts";
import { newItem } from "../../shared/store/runs/stored-run.ts";
import type { Table } from "../../shared/store/table.ts";

/** Items in the format of Sluice's own stores, each a second further in the past, written without the calls. */
const SECOND = 1_000;
const BEGAN = Date.now() - 86_400_000;

/** The values of the attribute `customer`, each of a tenth of all completed runs. */
const CUSTOMERS = 10;
export const customer = (n: number): string => `customer ${n % CUSTOMERS}`;

/** A run that has just been dispatched, at `at` (epoch milliseconds). */
export const runOf = (
  flow: FlowIdentity,
  at: number,
  queued: boolean,
  attributes?: Readonly<Record<string, string>>,
): RunItem =>
  newRun(
    {
      ...{ ...flow, runId: randomIds.runId(at), version: 1, runAs: "user" },
      startedBy: { kind: "user", id: "admin" },
      ...(attributes === undefined ? {} : { attributes }),
    },
    at,
    randomIds,
    { queued },
  );

/** The given number of completed runs, with the items by which their attributes find them. */
export function* completedRuns(flow: FlowIdentity, count: number): Generator<object> {
  for (let n = 0; n < count; n += 1) {
    const at = BEGAN - n * SECOND;
    const entry = { at: iso(at), actor: SYSTEM };
    const { set, remove } = ending(at);
    const changes = [
      { transition: "begin", entry },
      { transition: "complete", entry },
    ] as const;
    const run = runOf(flow, at, false, { customer: customer(n) });
    yield newItem(applyChanges(run, changes, { set, remove: [...remove, "intent"] }).next);
    yield* attributeItems(run);
  }
}

/** The given number of runs parked by their flow's hold, each with a used token, as after an execution that was stopped. */
export async function* parkedRuns(flow: FlowIdentity, count: number): AsyncGenerator<object> {
  for (let n = 0; n < count; n += 1) {
    const at = BEGAN - n * SECOND;
    const entry = { at: iso(at), actor: SYSTEM };
    const fresh = runOf(flow, at, false);
    const changes = [
      { transition: "begin", entry },
      { transition: "hold", entry },
    ] as const;
    const { next } = applyChanges(fresh, changes, {
      set: {
        updatedAt: iso(at),
        startedAt: iso(at),
        pausedBy: { kind: "flow", at: iso(at) },
        parkedAt: iso(at),
      },
      remove: ["intent", "neverParked"],
    });
    yield newItem(next);
    const place = { state: "Second", path: "", entered: iso(at), parkedAt: iso(at) };
    const token = `${"spent".repeat(100)}-${n}`; // as long as Step Functions' own
    yield* itemsOf((table) =>
      new ParkStore(table).put(fresh, { runId: fresh.runId, token, holder: "flow", ...place }),
    );
  }
}

/** The given number of records queued behind their flow's hold. */
export function* queuedRuns(flow: FlowIdentity, count: number): Generator<object> {
  for (let n = 0; n < count; n += 1) {
    const run = runOf(flow, BEGAN - n * SECOND, true);
    yield newItem(run);
    yield { ...keys.payload(run.workspace, run.runId), payload: "{}" };
    yield queueItem(run, { runId: run.runId, time: run.createdAt, nonce: randomIds.unique() });
  }
}

/** The items that a store puts. */
async function* itemsOf(write: (table: Table) => Promise<void>): AsyncGenerator<object> {
  const items: object[] = [];
  await write({ put: async (item: object) => void items.push(item) } as unknown as Table);
  yield* items;
}
