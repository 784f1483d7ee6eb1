import { SFNClient, UpdateStateMachineCommand } from "@aws-sdk/client-sfn";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { JsonObject } from "../../shared/model/json/json.ts";
import { TASK_EVENT_VERSION } from "../../shared/model/machines/task-events.ts";
import { eventually } from "../harness/clients/client.ts";
import { chain, task } from "../harness/definitions.ts";
import { leftovers, sdkConfig } from "../harness/ledger/stored-items.ts";
import type { TestStack } from "../harness/stack/test-stack.ts";
import { RawTable, textOf } from "./raw-table.ts";
import { stackWith } from "./recording-stack.ts";

const LATER = TASK_EVENT_VERSION + 1;
const GATES = ["sluice-gate", "sluice-park", "sluice-human-step"];
const CAUGHT = { Catch: [{ ErrorEquals: ["States.ALL"], ResultPath: "$.error", Next: "saved" }] };
const RETRIED = { Retry: [{ ErrorEquals: ["States.ALL"], MaxAttempts: 3, IntervalSeconds: 1 }] };

/** Every step has the user's own handlers for every error. */
const flow = (): JsonObject => {
  const Approve = {
    ...{ Type: "Task", Resource: "arn:sluice:::approval", Parameters: { Title: "Go on?" } },
    ...{ ResultPath: "$.approval", ...RETRIED, ...CAUGHT },
  };
  const { StartAt, States } = chain({
    one: task("one", { ...RETRIED, ...CAUGHT }),
    Fan: {
      Type: "Parallel",
      Branches: [chain({ left: task("left") })],
      ResultPath: null,
      ...RETRIED,
      ...CAUGHT,
    },
    Approve,
    two: task("two", { ...RETRIED, ...CAUGHT }),
  });
  return {
    StartAt: StartAt ?? "",
    States: { ...(States as JsonObject), saved: task("saved", { End: true }) },
  };
};

/** After the rollback, texts that a later release has compiled call the handlers of this one, until the later one is back. */
describe("a release after a rollback to it", { timeout: 120_000 }, () => {
  let stack: TestStack;
  /** Functions of the later release, which accept events of its own version and of this one. */
  const later = new Set<string>(GATES);
  const refused = new Map<string, number>();

  beforeAll(async () => {
    stack = await stackWith((name, handler) => async (event, context) => {
      const { v } = (event ?? {}) as { v?: number };
      if (v !== LATER) return handler(event, context);
      if (later.has(name)) return handler({ ...(event as object), v: TASK_EVENT_VERSION }, context);
      refused.set(name, (refused.get(name) ?? 0) + 1);
      return handler(event, context);
    });
    await stack.admin.publish("later", flow());
    await publishLater();
  });
  afterAll(() => stack.close());

  /** The flow's version as the later release would have compiled it. */
  const publishLater = async (): Promise<void> => {
    const { compiled } = await stack.admin.expect([200], "GET", "/flows/later/versions/1");
    const definition = JSON.stringify(compiled)
      .replaceAll(`'v':${TASK_EVENT_VERSION},`, `'v':${LATER},`)
      .replaceAll(`"v":${TASK_EVENT_VERSION},`, `"v":${LATER},`);
    const table = new RawTable(stack.url);
    const states = new SFNClient(sdkConfig(stack.url, "states"));
    try {
      const version = (await table.all()).find((item) => textOf(item, "SK").startsWith("V#"));
      if (version === undefined) throw new Error("There is no version");
      const stateMachineArn = textOf(version, "machineVersionArn").replace(/:1$/, "");
      const update = new UpdateStateMachineCommand({ stateMachineArn, definition, publish: true });
      const { stateMachineVersionArn = "" } = await states.send(update);
      await table.put([{ ...version, machineVersionArn: { S: stateMachineVersionArn } }]);
    } finally {
      states.destroy();
      table.close();
    }
  };
  const asks = async (runId: string) =>
    (
      await stack.operator.expect<{ items: { runId: string; stepId: string }[] }>([200], "GET", "/inbox")
    ).items.find((item) => item.runId === runId);

  it("refuses calls that it does not understand, which wait for the later release without reaching the user's handlers", async () => {
    const { operator, admin, functions } = stack;
    functions.block("one");
    const parking = await operator.dispatch("later", {});
    const asking = await operator.dispatch("later", {});
    await eventually(() => functions.count("one") === 2 || undefined);

    later.clear();
    await operator.act(parking.runId, "pause");
    const starting = await operator.dispatch("later", {});
    const dropped = await operator.dispatch("later", {});
    functions.release("one");
    await eventually(() => (refused.get("sluice-gate") ?? 0) >= 4 || undefined);
    await admin.advance("PT6M");
    expect((await operator.run(starting.runId)).status).toBe("pending");
    expect((await operator.run(asking.runId)).status).toBe("running");
    expect((await operator.act(dropped.runId, "cancel")).status).toBe(200);
    expect(functions.count("one")).toBe(2);

    // The gate's function is updated again; those of parks and human steps are not.
    later.add("sluice-gate");
    await admin.advance("PT3M");
    await operator.untilStatus(asking.runId, "waiting");
    await admin.advance("PT3M");
    expect(refused.get("sluice-park")).toBeGreaterThan(0);
    expect(refused.get("sluice-human-step")).toBeGreaterThan(0);
    expect((await operator.run(parking.runId)).status).toBe("paused");
    expect(await asks(asking.runId)).toBeUndefined();

    for (const name of GATES) later.add(name);
    await admin.advance("PT3M");
    expect((await operator.act(parking.runId, "resume")).status).toBe(200);
    for (const { runId } of [parking, asking, starting]) {
      const step = await eventually(() => asks(runId));
      await operator.expect([200], "POST", `/runs/${runId}/steps/${step.stepId}/complete`, {
        decision: "approved",
      });
      expect((await operator.untilStatus(runId, "completed")).output).toMatchObject({ one: 1, two: 1 });
    }
    for (const name of ["one", "left", "two"]) expect([name, functions.count(name)]).toEqual([name, 3]);
    expect(functions.count("saved")).toBe(0);
    await admin.advance("PT2M");
    await eventually(async () => (await leftovers(stack.url)).length === 0 || undefined);
  });
});
