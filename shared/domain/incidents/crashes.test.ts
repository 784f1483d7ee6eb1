import { expect, test } from "vitest";
import { dailyPart } from "../../../test/harness/daily-part.ts";
import { tasks } from "../../../test/harness/definitions.ts";
import { HoldHarness } from "../../../test/harness/domain/hold-harness.ts";
import { crashingTable } from "../../../test/harness/table/crashing-process.ts";
import { eachWithTable } from "../../../test/harness/table/each-with-table.ts";
import { standingHolds } from "../../model/holds/hold.ts";
import type { Table } from "../../store/table.ts";
import { sweep } from "../sweep/sweep.ts";
import { openIncident, resolveIncident } from "./change-incident.ts";
import { holdForIncidents } from "./place-hold.ts";
import { showIncident } from "./read-incidents.ts";

const LIMITS = { perShard: 50, budgetMs: 60_000, concurrency: 1, tidy: { budgetMs: 5_000, concurrency: 1 } };
const MINUTE = 60_000;
const CALLING = ["a", "c"];
const ALL = [...CALLING, "late"];
const HELD = ALL.map((flowId) => `${flowId} incident pay`);

let table: Table;
eachWithTable(async (fresh) => {
  table = fresh;
});

const OPERATIONS = ["open", "publish", "resolve"] as const;
type Operation = (typeof OPERATIONS)[number];
let nth = 0;

/** Plays an incident in which one process dies at its nth call. Returns whether it makes so many. */
const play = async (operation: Operation, at: number): Promise<boolean> => {
  nth += 1;
  const workspace = `crash-${nth}`;
  const harness = new HoldHarness(table);
  const { deps } = harness;
  const dying = crashingTable(table, { at, when: "after" });
  const other = new HoldHarness(dying.table);
  /** The dependencies of the process that dies, if it is this operation's. */
  const of = (one: Operation) => (one === operation ? { ...other.deps, clock: deps.clock } : deps);
  const flow = async (flowId: string) => {
    const made = await harness.flow(table, flowId, { workspace });
    await deps.versions.putText(made, 1, "user", flowId === "b" ? tasks("mail") : tasks("pay", "mail"));
    return made;
  };
  for (const flowId of [...CALLING, "b"]) await flow(flowId);
  const about = { workspace, actor: { kind: "user", id: "ann" } } as const;
  // Whoever opens it repeats the call with the same key.
  const asked = { ...about, title: "Down", resources: ["pay"], idempotencyKey: "once" };
  await openIncident(of("open"), asked).catch(() => undefined);
  const { incidentId } = await openIncident(deps, asked);
  await holdForIncidents(of("publish"), await flow("late"));
  const sweeps = async (...minutes: number[]): Promise<void> => {
    for (const some of minutes) {
      harness.now += some * MINUTE;
      await sweep(deps, LIMITS);
    }
  };
  await sweeps(2, 6);
  const held = async (): Promise<string[]> => {
    const flows = await deps.flows.readMany(workspace, [...ALL, "b"]);
    return flows
      .flatMap((one) =>
        standingHolds(one).map((hold) => `${one.flowId} ${hold.kind} ${hold.states?.[0]?.names}`),
      )
      .sort();
  };
  expect(await held(), `${operation} ${at}`).toEqual(HELD);
  await resolveIncident(of("resolve"), { ...about, incidentId }).catch(() => undefined);
  await resolveIncident(deps, { ...about, incidentId }).catch(() => undefined);
  await sweeps(2, 3);
  expect(await held(), `${operation} ${at}`).toEqual([]);
  const incident = await deps.incidents.get(workspace, incidentId);
  const shown = incident && (await showIncident(deps, incident));
  expect([incident?.due, shown?.holds.map(({ state }) => state)], `${operation} ${at}`).toEqual([
    undefined,
    ALL.map(() => "lifted"),
  ]);
  return dying.calls >= at;
};

/** A thirtieth of the calls, others each day; CRASHES=all dies at each of them. */
const STEP = process.env["CRASHES"] === "all" ? 1 : 30;

test.each(OPERATIONS)(
  "a process that dies at any call of %s leaves no hold too many or too few",
  async (operation) => {
    let calls = 0;
    for (let at = dailyPart(STEP) + 1; await play(operation, at); at += STEP) calls += 1;
    // Of a short operation, a part may have no call.
    if (STEP === 1) expect(calls).toBeGreaterThan(20);
  },
);
