import { describe, expect, test } from "vitest";
import { deleteFlow } from "../../shared/domain/flows/delete-flow.ts";
import { pauseFlow } from "../../shared/domain/holds/pause-flow.ts";
import { resumeFlow } from "../../shared/domain/holds/resume-flow.ts";
import { sweep } from "../../shared/domain/sweep/sweep.ts";
import { fireTrigger } from "../../shared/domain/triggers/fire-trigger.ts";
import { deleteTrigger, putTrigger } from "../../shared/domain/triggers/put-trigger.ts";
import { takeEvent, takeMessages } from "../../shared/domain/triggers/take-records.ts";
import type { WhileHeld } from "../../shared/model/triggers.ts";
import { within } from "../../shared/store/expressions.ts";
import { TriggerStore } from "../../shared/store/flows/triggers.ts";
import { afterFirst, beforeFirst } from "../harness/domain/between.ts";
import { ANN, type Fresh, freshFlows, ofKind } from "../harness/domain/held-flow.ts";

describe("triggers", () => {
  let it: Fresh;
  freshFlows((fresh) => {
    it = fresh;
  });
  const asked = () => ({ workspace: it.flow.workspace, flowId: it.flow.flowId, actor: ANN });
  const put = async (whileHeld: WhileHeld, deps = it.harness.deps) => {
    const when = { schedule: "rate(1 hour)", whileHeld, payload: { n: 1 } };
    return (await putTrigger(deps, { ...asked(), triggerId: "hourly", ...when })).trigger;
  };
  /** The only schedule's event. */
  const event = () => {
    const [only, ...more] = it.harness.triggerSchedules.events.values();
    if (only === undefined || more.length > 0) throw new Error(`${more.length} schedules too many`);
    return only;
  };
  const pause = (mode: "queue" | "reject" = "queue") => pauseFlow(it.harness.deps, { ...asked(), mode });
  const resume = async () => {
    await resumeFlow(it.harness.deps, asked());
    await it.harness.drains.run();
  };
  const at = (hour: number): string => `2026-03-02T${String(hour).padStart(2, "0")}:00:00Z`;
  const fire = (hour: number, deps = it.harness.deps, which = event()) => fireTrigger(deps, which, at(hour));
  const runs = async () => {
    const { workspace, flowId } = it.flow;
    const index = it.harness.deps.runIndex;
    const { listRuns } = await import("../../shared/domain/runs/lists/list-runs.ts");
    const { records } = await listRuns(index, { workspace, filter: { flowId }, limit: 50 });
    return records;
  };
  const statuses = async () =>
    (await runs()).map(({ status, queuedAt }) => `${status}${queuedAt === undefined ? "" : ", queued"}`);

  test("race 40: a time that comes twice is one run, its flow paused between the two", async () => {
    await put("queue");
    await fire(1);
    await pause();
    await fire(1);
    expect(await runs()).toMatchObject([{ startedBy: { kind: "schedule", id: "hourly" } }]);
    await Promise.all([fire(2), fire(2)]);
    expect((await runs()).length).toBe(2);
  });

  test("race 40: a dropped time that comes again after the resume stays dropped, and later ones run", async () => {
    await put("drop");
    await pause();
    await fire(1);
    await resume();
    await fire(1);
    expect(await runs()).toEqual([]);
    await fire(2);
    expect((await runs()).length).toBe(1);
  });

  test("race 40: the trigger is deleted, or put again, while its schedule fires: late events do nothing", async () => {
    await put("queue");
    const old = event();
    await put("queue");
    expect(event().generation).not.toBe(old.generation);
    await fire(1, it.harness.deps, old);
    await deleteTrigger(it.harness.deps, { ...asked(), triggerId: "hourly" });
    expect(it.harness.triggerSchedules.events.size).toBe(0);
    await fire(2, it.harness.deps, old);
    expect(await runs()).toEqual([]);
  });

  test.each(["queue", "drop", "latest"] as const)(
    "race 40: a trigger with %s that is deleted, or put again, in the middle of its event has one run of it at most",
    async (whileHeld) => {
      const { deps } = it.harness;
      const meanwhile = (happens: () => Promise<unknown>) => ({
        ...deps,
        triggers: afterFirst(deps.triggers, "get", happens),
      });
      await put(whileHeld);
      const old = event();
      await fire(
        1,
        meanwhile(() => put(whileHeld)),
        old,
      );
      await fire(1, deps, old);
      expect((await runs()).length).toBe(1);
      const next = event();
      await pause();
      await fire(2, meanwhile(remove), next);
      await fire(2, deps, next);
      // The event had read the trigger: its record is queued, unless it is dropped.
      expect((await runs()).length).toBe(whileHeld === "drop" ? 1 : 2);
      expect(it.harness.triggerSchedules.events.size).toBe(0);
    },
  );

  test.each(["put again", "deleted"] as const)(
    "race 40: a trigger with latest that is %s in the middle of its event leaves one record in the queue",
    async (change) => {
      await put("latest");
      const old = event();
      await pause();
      await fire(1, it.harness.deps, old);
      const { deps } = it.harness;
      const meanwhile = () => (change === "deleted" ? remove() : put("latest"));
      await fire(2, { ...deps, triggers: afterFirst(deps.triggers, "get", meanwhile) }, old);
      expect(await statuses()).toEqual(["pending, queued", "cancelled, queued"]);
      if (change === "put again") {
        await fire(3);
        expect((await statuses()).filter((status) => status === "pending, queued").length).toBe(1);
      }
    },
  );

  test("race 40: a flow that is deleted in the middle of its trigger's event has no run", async () => {
    await put("queue");
    const { deps } = it.harness;
    const triggers = afterFirst(deps.triggers, "get", () => deleteFlow(deps, asked()));
    await fire(1, { ...deps, triggers });
    expect(await runs()).toEqual([]);
    expect(it.harness.triggerSchedules.events.size).toBe(0);
  });

  /** Everything that is due in the given time. */
  const sweepAfter = (milliseconds: number, deps = it.harness.deps) => {
    it.harness.now += milliseconds;
    return sweep(deps, {
      ...{ perShard: 10, concurrency: 1, budgetMs: 60_000 },
      tidy: { budgetMs: 60_000, concurrency: 1 },
    });
  };
  const dies = async (): Promise<never> => {
    throw new Error("The process died");
  };
  const notes = async () => {
    const found: unknown[] = [];
    for await (const item of it.table.query({
      key: within(`W#${it.flow.workspace}`, `SCHEDULES#${it.flow.flowId}#`),
    }))
      found.push(item);
    return found;
  };
  const schedules = () => [...it.harness.triggerSchedules.events.keys()];
  const remove = (deps = it.harness.deps) => deleteTrigger(deps, { ...asked(), triggerId: "hourly" });

  test.each(["create", "replace", "delete"] as const)(
    "the sweeper deletes the schedules that a process left when it died before or after its %s",
    async (call) => {
      const change = (deps = it.harness.deps) => (call === "delete" ? remove(deps) : put("queue", deps));
      if (call !== "create") await put("queue");
      const { deps } = it.harness;
      await expect(change({ ...deps, triggers: beforeFirst(deps.triggers, call, dies) })).rejects.toThrow(
        "died",
      );
      // A process that is only slow still needs its schedule.
      await sweepAfter(60_000);
      expect(schedules().length).toBe(call === "replace" ? 2 : 1);
      await sweepAfter(90_000);
      const before = (await new TriggerStore(it.table).get(it.flow, "hourly"))?.generation;
      expect(schedules()).toEqual(before === undefined ? [] : [before]);

      await expect(change({ ...deps, triggers: afterFirst(deps.triggers, call, dies) })).rejects.toThrow(
        "died",
      );
      await sweepAfter(150_000);
      const after = (await new TriggerStore(it.table).get(it.flow, "hourly"))?.generation;
      expect(after === undefined).toBe(call === "delete");
      expect(schedules()).toEqual(after === undefined ? [] : [after]);
      expect(await notes()).toEqual([]);
    },
  );

  test("a schedule that could not be deleted is deleted by the sweeper, as often as it needs", async () => {
    await put("queue");
    const { deps } = it.harness;
    const failing = { ...deps, triggerSchedules: { ...deps.triggerSchedules, create: dies, delete: dies } };
    await remove(failing);
    await sweepAfter(150_000, failing);
    expect([schedules().length, (await notes()).length]).toEqual([1, 2]);
    await sweepAfter(150_000);
    expect([schedules().length, (await notes()).length]).toEqual([0, 0]);
  });

  test("a trigger that is put while its flow is deleted leaves no schedule", async () => {
    const { deps } = it.harness;
    const slow = {
      ...deps,
      triggers: beforeFirst(deps.triggers, "create", () => deleteFlow(deps, asked())),
    };
    await put("queue", slow);
    expect(schedules().length).toBe(1);
    await sweepAfter(150_000);
    expect(schedules()).toEqual([]);
    expect(await new TriggerStore(it.table).all(it.flow)).toEqual([]);
    expect(await notes()).toEqual([]);
  });

  test("two puts at once leave one trigger with its own schedule", async () => {
    await Promise.all([put("queue"), put("drop"), put("latest")]);
    const trigger = await new TriggerStore(it.table).get(it.flow, "hourly");
    expect(event().generation).toBe(trigger?.generation);
  });

  test("latest: only the newest queued record stays, in whatever order they come, and a death in between changes nothing", async () => {
    await put("latest");
    await fire(1);
    await pause("reject");
    await fire(2);
    await fire(4);
    await fire(3);
    const { deps } = it.harness;
    const dying = {
      ...deps,
      triggers: beforeFirst(deps.triggers, "setLatest", async () => {
        throw new Error("The process died");
      }),
    };
    await expect(fire(5, dying)).rejects.toThrow("The process died");
    await fire(5);
    await Promise.all([fire(6), fire(7), fire(7)]);
    const all = await runs();
    expect(all.filter(({ queuedAt, status }) => status === "pending" && queuedAt !== undefined).length).toBe(
      1,
    );
    expect(all.filter(({ status }) => status === "cancelled").length).toBe(5);
    expect(all.find(({ status }) => status === "cancelled")?.cancelReason).toContain(
      "Replaced by a newer record",
    );
    await resume();
    expect((await statuses()).filter((status) => status === "pending").length).toBe(2);
  });

  test("the intake queues, whatever the pause's mode", async () => {
    await put("queue");
    await pause("reject");
    await fire(1);
    const { workspace, flowId } = it.flow;
    const bus = { id: "e-1", source: "shop" };
    expect(await takeEvent(it.harness.deps, { workspace, flowId }, bus)).toMatchObject({ status: "pending" });
    expect((await statuses()).every((status) => status === "pending, queued")).toBe(true);
  });

  test("an event of Sluice itself, or of an execution of its state machines or of the flow's own one, is refused", async () => {
    const { workspace, flowId } = it.flow;
    const take = (event: { source: string; detail?: Record<string, unknown> }) =>
      takeEvent(
        it.harness.deps,
        { workspace, flowId },
        { id: `e-${JSON.stringify(event)}`.slice(0, 99), ...event },
      );
    const ended = (name: string) => ({
      source: "aws.states",
      detail: { stateMachineArn: `arn:aws:states:us-east-1:123456789012:stateMachine:${name}` },
    });
    const own = ["sluice-demo-aaaaaaaaaaaaaaaa", "sluice-demo-aaaaaaaaaaaaaaaa-0123456789ab", "sluice-drain"];
    for (const event of [{ source: "sluice" }, ...own.map(ended)]) expect(await take(event)).toBeUndefined();
    expect(await runs()).toEqual([]);
    expect(await take(ended("sluice-import"))).toBeDefined();
    await ofKind("attached", it);
    const machine = (name: string) => ({
      source: "aws.states",
      detail: { stateMachineArn: `arn:aws:states:us-east-1:000000000000:stateMachine:${name}` },
    });
    for (const name of [flowId, `${flowId}/Each`]) expect(await take(machine(name))).toBeUndefined();
    expect((await runs()).length).toBe(1);
    expect(await take(machine(`${flowId}-2`))).toBeDefined();
  });

  test("messages that fail are reported with the reason, the others run once, also after a death in the middle", async () => {
    const { workspace, flowId } = it.flow;
    const batch = Array.from({ length: 10 }, (_, n) => ({
      flowId: n === 4 ? "no-such-flow" : flowId,
      messageId: `m-${n}`,
      body: n === 7 ? "{" : JSON.stringify({ n }),
    }));
    const { deps } = it.harness;
    const dying = {
      ...deps,
      flows: afterFirst(deps.flows, "read", async () => {
        throw new Error("The process died");
      }),
    };
    await takeMessages(dying, workspace, batch.slice(0, 3));
    const logged: unknown[] = [];
    const log = { ...deps.log, warn: (_message: string, fields: object) => logged.push(fields) };
    const failed = await takeMessages({ ...deps, log: log as never }, workspace, batch);
    expect(logged).toMatchObject([
      { messageId: "m-4", reason: "not_found" },
      { messageId: "m-7", reason: "not_json" },
    ]);
    expect(failed).toEqual([
      { messageId: "m-4", reason: "There is no flow no-such-flow" },
      { messageId: "m-7", reason: "The message is not JSON" },
    ]);
    await takeMessages(deps, workspace, batch);
    expect((await runs()).length).toBe(8);
  });

  test("the flow's deletion deletes its triggers and their schedules, and a flow of the same id inherits nothing", async () => {
    await put("queue");
    const late = event();
    await deleteFlow(it.harness.deps, asked());
    expect(it.harness.triggerSchedules.events.size).toBe(0);
    expect(await new TriggerStore(it.table).all(it.flow)).toEqual([]);
    await fire(1, it.harness.deps, late);
    expect(await runs()).toEqual([]);
  });
});
