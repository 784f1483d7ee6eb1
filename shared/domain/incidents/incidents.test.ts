import { beforeEach, describe, expect, test } from "vitest";
import { tasks } from "../../../test/harness/definitions.ts";
import { HoldHarness } from "../../../test/harness/domain/hold-harness.ts";
import { eachWithTable } from "../../../test/harness/table/each-with-table.ts";
import { SYSTEM } from "../../model/actor.ts";
import { standingHolds } from "../../model/holds/hold.ts";
import type { FlowItem } from "../../store/flows/flow-item.ts";
import { FlowStore } from "../../store/flows/flows.ts";
import type { IncidentItem } from "../../store/flows/incidents.ts";
import type { Table } from "../../store/table.ts";
import { resumeFlow } from "../holds/resume-flow.ts";
import { sweep } from "../sweep/sweep.ts";
import { noteIncident, openIncident, resolveIncident } from "./change-incident.ts";
import { holdForIncidents, placeHold } from "./place-hold.ts";
import { showIncident } from "./read-incidents.ts";

const ANN = { kind: "user", id: "ann" } as const;
const PAY = "arn:aws:lambda:us-east-1:123456789012:function:pay";
const LIMITS = { perShard: 50, budgetMs: 60_000, concurrency: 1, tidy: { budgetMs: 5_000, concurrency: 1 } };
const MINUTE = 60_000;

let harness: HoldHarness;
let table: Table;
/** Of each test, a workspace of its own. */
let workspace: string;
eachWithTable(async (fresh, nth) => {
  table = fresh;
  workspace = `demo-${nth}`;
  harness = new HoldHarness(table);
});

const task = (FunctionName: string, next: object = { End: true }) => ({
  ...{ Type: "Task", Resource: "arn:aws:states:::lambda:invoke", Parameters: { FunctionName } },
  ...next,
});
/** Calls the function at the top level, in a Parallel and in a Map. */
const PAYING = {
  StartAt: "Charge",
  States: {
    Charge: task(`${PAY}:3`, { Next: "Fan" }),
    Fan: {
      ...{ Type: "Parallel", Next: "Each" },
      Branches: [
        { StartAt: "Refund", States: { Refund: task("pay") } },
        { StartAt: "Mail", States: { Mail: task("mail") } },
      ],
    },
    Each: {
      ...{ Type: "Map", End: true },
      ItemProcessor: { StartAt: "Book", States: { Book: { Type: "Task", Resource: PAY, End: true } } },
    },
  },
};

const PAY_NOW = { StartAt: "PayNow", States: { PayNow: task("pay") } };

const flowWith = async (flowId: string, definition: object = PAYING, more: Partial<FlowItem> = {}) => {
  const flow = await harness.flow(table, flowId, { workspace, ...more });
  await harness.deps.versions.putText(flow, 1, "user", definition as never);
  return flow;
};
const open = (asked: object = { resources: ["pay"] }): Promise<IncidentItem> =>
  openIncident(harness.deps, { workspace, actor: ANN, title: "Pay is down", ...asked });
/** Makes another version of the flow active, and lets the open incidents look at it. */
const publish = async (flowId: string, version: number, definition: object): Promise<void> => {
  const was = await now(flowId);
  await harness.deps.versions.putText(was, version, "user", definition as never);
  harness.now += 1_000;
  const updatedAt = new Date(harness.now).toISOString();
  await new FlowStore(table).change(was, { ...was, version, rev: was.rev + 1, updatedAt });
  await holdForIncidents(harness.deps, was);
};
const resolve = ({ incidentId }: IncidentItem, more: object = {}) =>
  resolveIncident(harness.deps, { workspace, incidentId, actor: ANN, ...more });
const shown = async ({ incidentId }: IncidentItem) => {
  const incident = await harness.deps.incidents.get(workspace, incidentId);
  if (incident === undefined) throw new Error("The incident is gone");
  return showIncident(harness.deps, incident);
};
const now = async (flowId: string): Promise<FlowItem> => {
  const flow = await harness.deps.flows.read(workspace, flowId);
  if (flow === undefined) throw new Error("The flow is gone");
  return flow;
};
const holdsOf = async (flowId: string) => standingHolds(await now(flowId));
const sweepAfter = async (minutes: number): Promise<void> => {
  harness.now += minutes * MINUTE;
  await sweep(harness.deps, LIMITS);
};
const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "done",
    (error: { code: string }) => error.code,
  );

describe("an incident", () => {
  test("holds just the states that call the resource, in Parallel, Map and attached flows too", async () => {
    await flowWith("managed");
    const machineArn = "arn:aws:states:us-east-1:000000000000:stateMachine:team";
    await flowWith("attached", PAYING, { attachment: { machineArn, whenUnreachable: "pass" } });
    await flowWith("other", tasks("Check"));
    const incident = await open({ resources: [PAY], note: "See the status page" });
    const { holds, timeline, progress } = await shown(incident);
    const steps = ["Charge", "Refund", "Book"];
    expect(holds).toMatchObject([
      { flowId: "attached", state: "held", steps },
      { flowId: "managed", state: "held", steps },
    ]);
    expect(progress).toBeUndefined();
    expect(timeline.map(({ event }) => event)).toEqual(["opened", "noted", "held", "held"]);
    expect(await holdsOf("other")).toEqual([]);
    expect(await holdsOf("managed")).toMatchObject([
      {
        kind: "incident",
        incidentId: incident.incidentId,
        by: ANN,
        states: [{ names: steps, versions: [1] }],
      },
    ]);
  });

  test("reports states without a gate", async () => {
    await flowWith("free", {
      StartAt: "Charge",
      States: { Charge: { ...task("pay"), Sluice: { Gate: "none" } } },
    });
    expect((await shown(await open())).holds).toMatchObject([{ steps: ["Charge"], unheld: ["Charge"] }]);
  });

  test("holds whole flows, and a resume must name it", async () => {
    const { flowId } = await flowWith("whole");
    const incident = await open({ flows: [flowId], mode: "reject" });
    expect(await holdsOf(flowId)).toMatchObject([{ kind: "incident", mode: "reject" }]);
    const resume = (holds?: string[]) => resumeFlow(harness.deps, { workspace, flowId, actor: ANN, holds });
    expect(await codeOf(resume())).toBe("incident_hold");
    await holdForIncidents(harness.deps, await resume(["incident"]), ANN.id);
    expect((await shown(incident)).holds).toMatchObject([{ state: "released", endedBy: "ann" }]);
    await sweepAfter(6);
    expect(await holdsOf(flowId)).toEqual([]);
  });

  test("holds the flows that are named as a whole, and the others by what they call", async () => {
    await flowWith("named", tasks("Check"));
    await flowWith("paying");
    await flowWith("other", tasks("Check"));
    await open({ flows: ["named"], resources: ["pay"] });
    expect(await holdsOf("named")).toMatchObject([{ kind: "incident" }]);
    expect((await now("named")).holds.incident).toBeDefined();
    expect(await holdsOf("paying")).toMatchObject([{ states: [{ names: ["Charge", "Refund", "Book"] }] }]);
    expect(await holdsOf("other")).toEqual([]);
  });

  test("is opened once for an idempotency key", async () => {
    await flowWith("once");
    const asked = { resources: ["pay"], idempotencyKey: "down-1" };
    const first = await open(asked);
    expect((await open(asked)).incidentId).toBe(first.incidentId);
    expect(await holdsOf("once")).toHaveLength(1);
    expect(await codeOf(open({ ...asked, resources: ["mail"] }))).toBe("idempotency_key_reused");
  });

  test("is resolved once, lifts everything, and says how long it lasted", async () => {
    await flowWith("one");
    const incident = await open();
    harness.now += 90_000;
    await noteIncident(harness.deps, {
      ...{
        workspace,
        incidentId: incident.incidentId,
        actor: ANN,
        text: "The provider answers again",
      },
    });
    await resolve(incident, { note: "Done" });
    expect(await holdsOf("one")).toEqual([]);
    const { status, holds, timeline } = await shown(incident);
    expect(status).toBe("resolved");
    expect(holds).toMatchObject([{ state: "lifted", stood: 0 }]);
    const lifted = timeline.find(({ event }) => event === "lifted");
    expect(lifted?.heldSeconds).toBeGreaterThanOrEqual(90);
    expect(timeline.map(({ event }) => event)).toEqual([
      "opened",
      "held",
      "noted",
      "resolved",
      "noted",
      "lifted",
    ]);
    expect(await codeOf(resolve(incident))).toBe("action_not_allowed");
    const audit = await harness.deps.flows.audit(await now("one"), 10);
    expect(audit.map(({ action, actor }) => [action, actor.id])).toEqual([
      ["incident-resolved", "ann"],
      ["incident-placed", "ann"],
    ]);
  });

  test("begins a canary in each flow, whose hold stays until then", async () => {
    await flowWith("one");
    const incident = await open();
    await resolve(incident, { canary: 2 });
    expect(await now("one")).toMatchObject({ canary: { state: "running", count: 2 } });
    expect((await shown(incident)).holds).toMatchObject([{ state: "canary" }]);
    await sweepAfter(3);
    expect(await now("one")).toMatchObject({ canary: { state: "running" } });
  });

  test("is resolved by its end, even if every schedule is lost", async () => {
    await flowWith("one");
    const incident = await open({
      resources: ["pay"],
      resumeAt: new Date(harness.now + 10 * MINUTE).toISOString(),
    });
    await sweepAfter(11);
    expect(await holdsOf("one")).toEqual([]);
    expect(await shown(incident)).toMatchObject({ status: "resolved", resolvedBy: SYSTEM.id });
  });

  test("refuses flows that do not exist, and writes nothing", async () => {
    expect(await codeOf(open({ flows: ["none"] }))).toBe("invalid_request");
    expect(await harness.deps.incidents.open(workspace)).toEqual([]);
  });
});

describe("a flow that is published in between", () => {
  test("is held where it matches, with the states of its new version", async () => {
    const incident = await open();
    const flow = await flowWith("late");
    await holdForIncidents(harness.deps, flow);
    expect(await holdsOf("late")).toMatchObject([{ states: [{ versions: [1] }] }]);
    await publish("late", 2, PAY_NOW);
    const states = [{ names: ["PayNow"], versions: [2] }];
    // A run of the version before, which no index shows yet, is held too.
    expect(await holdsOf("late")).toMatchObject([
      { states: [{ names: ["Charge", "Refund", "Book"], versions: [1] }, ...states] },
    ]);
    await sweepAfter(6);
    expect(await holdsOf("late")).toMatchObject([{ states }]);
    expect((await shown(incident)).holds).toMatchObject([{ steps: ["PayNow"] }]);
    await resolve(incident);
    expect(await holdsOf("late")).toEqual([]);
  });

  test("loses the hold when no version calls the resource any more, and gets it again", async () => {
    const incident = await open();
    await holdForIncidents(harness.deps, await flowWith("mended"));
    await publish("mended", 2, tasks("Check"));
    expect(await holdsOf("mended")).toHaveLength(1);
    await sweepAfter(6);
    expect(await holdsOf("mended")).toEqual([]);
    expect((await shown(incident)).holds).toMatchObject([{ state: "unmatched" }]);
    await publish("mended", 3, PAY_NOW);
    expect(await holdsOf("mended")).toMatchObject([{ states: [{ names: ["PayNow"], versions: [3] }] }]);
    const [again] = (await shown(incident)).holds;
    expect(again).toMatchObject({ state: "held", steps: ["PayNow"] });
    expect(again).not.toHaveProperty("endedAt");
    expect((await now("mended")).updatedAt >= (again?.since ?? "~")).toBe(true);
  });

  test("keeps its canary when its states are listed anew, and says when that was", async () => {
    const incident = await open();
    await holdForIncidents(harness.deps, await flowWith("slow"));
    const { incidentId } = incident;
    await resumeFlow(harness.deps, {
      ...{ workspace, flowId: "slow", actor: ANN, canary: 1, holds: ["incident"] },
    });
    await publish("slow", 2, PAY_NOW);
    const flow = await now("slow");
    expect(flow).toMatchObject({ canary: { state: "running", holds: [standingHolds(flow)[0]?.id] } });
    expect(standingHolds(flow)).toMatchObject([
      { incidentId, states: [{ versions: [1] }, { versions: [2] }] },
    ]);
    expect(Date.parse(flow.updatedAt)).toBeGreaterThan(Date.parse(flow.createdAt) + 1_000);
  });

  test("race 37: is held with the states of the version that was published as it was placed", async () => {
    const flow = await flowWith("racing");
    const { flows } = harness.deps;
    const change = flows.change.bind(flows);
    let isFirst = true;
    flows.change = async (...args) => {
      if (!isFirst) return change(...args);
      isFirst = false;
      await harness.deps.versions.putText(flow, 2, "user", PAY_NOW as never);
      await new FlowStore(table).change(flow, { ...flow, version: 2, rev: flow.rev + 1 });
      return change(...args);
    };
    await open();
    expect(await holdsOf("racing")).toMatchObject([{ states: [{ names: ["PayNow"], versions: [2] }] }]);
    expect(harness.schedules.holdIds).toEqual((await holdsOf("racing")).map(({ id }) => id));
  });

  test("race 37: keeps its schedules when the publisher places the hold between a placer's read and its answer", async () => {
    const flow = await flowWith("racing");
    const { flows } = harness.deps;
    const [change, read] = [flows.change.bind(flows), flows.read.bind(flows)];
    let stage: "before" | "published" | "placed" = "before";
    flows.change = async (...args) => {
      if (stage === "before") {
        stage = "published";
        await harness.deps.versions.putText(flow, 2, "user", PAY_NOW as never);
        await new FlowStore(table).change(flow, { ...flow, version: 2, rev: flow.rev + 1 });
      }
      return change(...args);
    };
    flows.read = async (...args) => {
      const found = await read(...args);
      if (stage !== "published") return found;
      stage = "placed";
      await holdForIncidents(harness.deps, flow);
      return found;
    };
    const incident = await open();
    expect(stage).toBe("placed");
    const holds = await holdsOf("racing");
    expect(holds).toMatchObject([{ states: [{ names: ["PayNow"], versions: [2] }] }]);
    expect(harness.schedules.holdIds).toEqual(holds.map(({ id }) => id));
    await resolve(incident);
    expect(harness.schedules.holdIds).toEqual([]);
  });

  test("keeps its schedules when a second placer cannot create them", async () => {
    const flow = await flowWith("racing");
    const { schedules } = harness.deps;
    const createEnd = schedules.createEnd.bind(schedules);
    let isFirst = true;
    schedules.createEnd = async (...args) => {
      if (!isFirst) return createEnd(...args);
      isFirst = false;
      await holdForIncidents(harness.deps, flow);
      throw new Error("throttled");
    };
    await open();
    expect(harness.schedules.holdIds).toEqual((await holdsOf("racing")).map(({ id }) => id));
    expect(await holdsOf("racing")).toHaveLength(1);
  });

  test("is held by the sweeper if its publisher died, and not once the incident is resolved", async () => {
    const incident = await open();
    await flowWith("late");
    await sweepAfter(6);
    expect(await holdsOf("late")).toHaveLength(1);
    await resolve(incident);
    await flowWith("later");
    await sweepAfter(6);
    expect([...(await holdsOf("late")), ...(await holdsOf("later"))]).toEqual([]);
  });

  test("is not held by a placer that comes after the resolution", async () => {
    const incident = await open();
    const flow = await flowWith("late");
    await resolve(incident);
    await placeHold(harness.deps, incident, flow); // it has read the incident while that was open
    expect(await holdsOf("late")).toEqual([]);
  });
});

describe("an incident over many flows, with deaths in between", () => {
  const FLOWS = 12;
  /** The number of the flow's change at which the process dies, before or after it takes effect. */
  let dies: { at: number; after: boolean } | undefined;
  let changes = 0;
  let undo: () => void = () => undefined;
  beforeEach(() => {
    changes = 0;
    const { flows } = harness.deps;
    const change = flows.change.bind(flows);
    flows.change = async (...args) => {
      changes += 1;
      const isDead = dies !== undefined && changes >= dies.at;
      if (isDead && (dies?.after !== true || changes > dies.at)) throw new Error("the process died");
      const written = await change(...args);
      if (isDead) throw new Error("the process died");
      return written;
    };
    undo = () => {
      dies = undefined;
    };
  });

  test.each([
    { at: 3, after: false },
    { at: 5, after: true },
  ])("goes on where it died: $at, $after", async (death) => {
    for (let nth = 0; nth < FLOWS; nth += 1)
      await flowWith(`f-${nth}`, nth % 3 === 0 ? PAYING : tasks("Check"));
    const paying = ["f-0", "f-3", "f-6", "f-9"];
    dies = death;
    const incident = await open();
    undo();
    await flowWith("between");
    await sweepAfter(2); // goes on with the placing
    await sweepAfter(6); // finds the flow that was published in between
    const held = (await shown(incident)).holds.filter(({ state }) => state === "held");
    expect(held.map(({ flowId }) => flowId)).toEqual(["between", ...paying]);
    for (const { flowId } of held) expect(await holdsOf(flowId)).toHaveLength(1);
    expect(held.every(({ steps }) => steps?.join() === "Charge,Refund,Book")).toBe(true);
    changes = 0;
    dies = death;
    await resolve(incident);
    undo();
    await sweepAfter(2);
    await sweepAfter(3);
    for (const { flowId } of held) expect(await holdsOf(flowId)).toEqual([]);
    const { holds, progress } = await shown(incident);
    expect(progress).toBeUndefined();
    expect(holds.map(({ state }) => state)).toEqual(Array(5).fill("lifted"));
    expect((await harness.deps.incidents.get(workspace, incident.incidentId))?.due).toBeUndefined();
  });
});
