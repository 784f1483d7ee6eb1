import { beforeEach, describe, expect, test, vi } from "vitest";
import { tasks } from "../../../test/harness/definitions.ts";
import { ANN, flowCalls, freshFlows, ofKind } from "../../../test/harness/domain/held-flow.ts";
import type { HoldHarness } from "../../../test/harness/domain/hold-harness.ts";
import { slotCalls } from "../../../test/harness/domain/slot-calls.ts";
import type { SluiceError } from "../../model/errors.ts";
import { nativeExecutionName, parseExecutionName } from "../../model/machines/machine-names.ts";
import { iso } from "../../model/time/clock.ts";
import type { FlowItem } from "../../store/flows/flow-item.ts";
import { keys } from "../../store/keys.ts";
import type { Table } from "../../store/table.ts";
import { dispatchBatch } from "../dispatch/dispatch-batch.ts";
import { replayRun } from "../dispatch/replay-run.ts";
import { parkGate } from "../gates/park-gate.ts";
import { passGate } from "../gates/pass-gate.ts";
import { fireTrigger } from "../triggers/fire-trigger.ts";
import { putTrigger } from "../triggers/put-trigger.ts";
import { takeMessages } from "../triggers/take-records.ts";

// A concurrency limit holds for whatever starts a run.

let table: Table;
let harness: HoldHarness;
let flow: FlowItem;
freshFlows((fresh) => {
  ({ table, harness, flow } = fresh);
});
const { asked, pause, resume } = flowCalls(() => ({ harness, flow }));
const { limit, dispatch, run, end, started, holders, waiting } = slotCalls(() => ({ harness, flow }));
const starter = { actor: ANN, permissions: [] };

test("the records of a batch get slots like single ones, and start by priority", async () => {
  await limit({ limit: 2 });
  const records = [5, 1, 9, 5, 3].map((priority) => ({ payload: {}, priority }));
  const request = { ...asked(), starter, records, claim: async () => undefined };
  const results = await dispatchBatch(harness.deps, request, (error) => error as SluiceError);
  const ids = results.map((result) => ("run" in result ? result.run.runId : ""));
  // The records of a batch are dispatched at once, so it is random which two of them are first.
  const first = started();
  expect(first).toHaveLength(2);
  const rest = ids
    .map((runId, index) => ({ runId, priority: records[index]?.priority ?? 0 }))
    .filter(({ runId }) => !first.includes(runId))
    .sort((a, b) => b.priority - a.priority);
  const expected = (await waiting()).map((runId) => records[ids.indexOf(runId)]?.priority);
  expect(expected).toEqual(rest.map(({ priority }) => priority));
  for (let nth = 0; nth < 5; nth += 1) await end(started()[nth]);
  expect(new Set(started())).toEqual(new Set(ids));
  expect(started()).toHaveLength(5);
  expect([await holders(), await waiting()]).toEqual([[], []]);
});

test("a replay waits for a slot of the key of its payload", async () => {
  const { workspace, flowId, incarnation } = flow;
  const version = { version: 1, machineVersionArn: "arn:1", runAs: "system", createdAt: flow.createdAt };
  await table.put({ ...keys.version(workspace, flowId, incarnation, 1), ...version });
  await harness.deps.versions.putText(flow, 1, "user", tasks("One"));
  await limit({ limit: 1, key: "$.customer" });
  const [over, holder] = [
    await dispatch({ payload: { customer: "ann" } }),
    await dispatch({ payload: { customer: "bea" } }),
  ];
  await end(over);
  const replay = async (more: { payload?: { customer: string } } = {}) =>
    (await replayRun(harness.deps, { workspace, runId: over, starter, ...more })).record.runId;
  const again = await replay();
  const waits = await replay({ payload: { customer: "bea" } });
  expect(started()).toEqual([over, holder, again]);
  expect(await waiting()).toEqual([waits]);
  await end(holder);
  expect(started().at(-1)).toBe(waits);
});

test("a message that comes twice gets one place in the queue, and starts once", async () => {
  await limit({ limit: 1 });
  const holder = await dispatch();
  const message = { flowId: flow.flowId, messageId: "m1", body: "{}" };
  expect(await takeMessages(harness.deps, flow.workspace, [message, message])).toEqual([]);
  const queue = await waiting();
  expect(queue).toHaveLength(1);
  expect(await takeMessages(harness.deps, flow.workspace, [message])).toEqual([]);
  await end(holder);
  expect(started()).toEqual([holder, ...queue]);
  expect(await holders()).toEqual(queue);
});

describe("a trigger", () => {
  const fires = async (whileHeld: "queue" | "drop" | "latest", count: number) => {
    await putTrigger(harness.deps, { ...asked(), triggerId: "t", schedule: "rate(1 hour)", whileHeld });
    const [event] = harness.triggerSchedules.events.values();
    if (event === undefined) throw new Error("The trigger has no schedule");
    for (let nth = 0; nth < count; nth += 1) {
      harness.now += 3_600_000;
      await fireTrigger(harness.deps, event, iso(harness.now));
    }
  };

  test.each(["queue", "drop"] as const)(
    "with %s queues for a slot, which is no hold, and nothing is dropped",
    async (whileHeld) => {
      await limit({ limit: 1 });
      await fires(whileHeld, 3);
      expect(started()).toHaveLength(1);
      expect(await waiting()).toHaveLength(2);
    },
  );

  test("with latest replaces the record that still waits for a slot, and not the one that has it", async () => {
    await limit({ limit: 1 });
    await fires("latest", 3);
    const [holder = ""] = started();
    const queue = await waiting();
    expect(queue).toHaveLength(1);
    await end(holder);
    expect(started()).toEqual([holder, ...queue]);
  });
});

describe("an execution of a team's machine", () => {
  beforeEach(async () => {
    flow = await ofKind("attached", { harness, flow });
  });
  const native = (name: string) => {
    const { workspace, flowId, incarnation } = flow;
    const machine = flow.flowId;
    const at = iso(harness.deps.clock.now());
    const arn = `${harness.deps.machinePlace.arnPrefix}:execution:${machine}:${name}`;
    const attached = { machine, name, version: 1, startedAt: at, redrives: 0 };
    const { runId = "" } = parseExecutionName(nativeExecutionName(arn, at)) ?? {};
    const event = { v: 2, workspace, flowId, incarnation, execution: name, arn, attached, path: "" } as const;
    const gates = { ...harness.deps, historyMark: () => 1_000 };
    return {
      runId,
      gate: () => {
        const entered = iso(harness.deps.clock.now());
        const visit = { state: "one", op: "gate", kind: "step", entered, payload: {} } as const;
        return passGate(gates, { ...event, ...visit, execution: nativeExecutionName(arn, at) });
      },
      park: (token: string) => {
        const entered = iso(harness.deps.clock.now());
        const visit = { state: "one", op: "park", entered, token } as const;
        return parkGate(harness.deps, { ...event, ...visit, execution: nativeExecutionName(arn, at) });
      },
    };
  };
  const tokens = () => {
    const sent: string[] = [];
    vi.spyOn(harness.deps.executions, "succeed").mockImplementation(async (token) => {
      sent.push(token);
      return "settled";
    });
    return sent;
  };

  test("waits at its first gate, behind an earlier record, and is woken when it gets its slot", async () => {
    await limit({ limit: 1 });
    const holder = await dispatch();
    const record = await dispatch();
    const waits = native("late");
    const sent = tokens();
    await expect(waits.gate()).rejects.toMatchObject({ name: "Sluice.Paused" });
    await waits.park("token");
    expect(await waiting()).toEqual([record, waits.runId]);
    await end(holder);
    expect(sent).toEqual([]);
    await end(record);
    expect(sent).toEqual(["token"]);
    await waits.gate();
    expect(await run(waits.runId)).toMatchObject({ status: "running", slot: { key: expect.any(String) } });
    expect(started()).toEqual([holder, record]); // nobody starts it a second time
  });

  test("keeps the slot that it gets while its flow is held, and waits for the end of the hold", async () => {
    await limit({ limit: 1 });
    const holder = await dispatch();
    const waits = native("held");
    const sent = tokens();
    await expect(waits.gate()).rejects.toMatchObject({ name: "Sluice.Paused" });
    await waits.park("first");
    await pause();
    await end(holder);
    expect(sent).toEqual(["first"]);
    await expect(waits.gate()).rejects.toMatchObject({ name: "Sluice.Paused" });
    await waits.park("second");
    expect(await holders()).toEqual([waits.runId]);
    expect(sent).toEqual(["first"]);
    await resume();
    await harness.drains.run();
    expect(sent).toEqual(["first", "second"]);
    await waits.gate();
    expect(await run(waits.runId)).toMatchObject({ status: "running" });
  });
});
