import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { UsageReport } from "../../../local/metering/usage.ts";
import { eventually } from "../../harness/clients/client.ts";
import { FlowClient } from "../../harness/clients/flow-client.ts";
import { chain, task, tasks } from "../../harness/definitions.ts";
import { leftovers } from "../../harness/ledger/stored-items.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";

/** Each item with `charge` goes to the step of that name, the others to `ship`. */
const FAN = chain({
  Fan: {
    Type: "Map",
    ItemsPath: "$.items",
    ItemProcessor: {
      ProcessorConfig: { Mode: "INLINE" },
      StartAt: "check",
      States: {
        check: task("check", { Next: "Which" }),
        Which: {
          Type: "Choice",
          Choices: [{ Variable: "$.charge", BooleanEquals: true, Next: "charge" }],
          Default: "ship",
        },
        charge: task("charge", { End: true }),
        ship: task("ship", { End: true }),
      },
    },
  },
});

describe("a hold on steps", { timeout: 120_000 }, () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await testStack("check", "charge", "ship");
    await stack.admin.publish("orders", tasks("check", "charge", "ship"));
    await stack.admin.publish("drained", tasks("check", "charge", "ship"));
    await stack.admin.publish("fan", FAN);
  });
  afterAll(() => stack.close());
  const flow = (flowId: string) => new FlowClient(stack.operator, flowId);
  const gates = async (): Promise<number> =>
    (await stack.admin.expect<UsageReport>([200], "GET", "/local/usage")).lambdaInvocations["sluice-gate"] ??
    0;
  /** Real time on purpose: only waiting for a while shows that nothing happens. */
  const whileNothingHappens = () => delay(500);

  it("lets runs before and after it go on and new ones start, which stand there until it is lifted", async () => {
    const { functions } = stack;
    functions.block("check");
    functions.block("ship");
    const [behind] = await flow("orders").dispatchAll([{}]);
    await eventually(() => functions.count("check") === 1 || undefined);
    functions.release("check");
    await eventually(() => functions.count("ship") === 1 || undefined);
    functions.block("check");
    const [ahead] = await flow("orders").dispatchAll([{}]);
    await eventually(() => functions.count("check") === 2 || undefined);

    const held = await flow("orders").pause({ steps: ["charge"], reason: "the bank is down" });
    expect(held.status).toBe(200);
    const [hold] = (await flow("orders").now()).holds;
    expect(held.body).toMatchObject({ status: "active", partlyHeld: true });
    expect(hold).toMatchObject({ kind: "manual", steps: ["charge"], mode: "queue", by: "operator" });
    const [fresh] = await flow("orders").dispatchAll([{}]);
    expect(fresh).toMatchObject({ queued: false });
    for (const name of ["check", "ship"]) functions.release(name);

    await stack.operator.untilStatus(behind?.runId ?? "", "completed");
    for (const run of [ahead, fresh]) {
      const { pausedBy } = await stack.operator.untilStatus(run?.runId ?? "", "paused");
      expect(pausedBy).toMatchObject({ kind: "flow", holdIds: [hold?.holdId] });
    }
    expect(functions.count("charge")).toBe(1);
    expect((await flow("orders").resume({ holds: [hold?.holdId ?? ""] })).status).toBe(200);
    await flow("orders").untilCensus({ completed: 3 });
    expect(["check", "charge", "ship"].map((name) => functions.count(name))).toEqual([3, 3, 3]);
    expect((await flow("orders").now()).holds).toEqual([]);
  });

  it("rejects states that the flow does not have, and the eleventh hold", async () => {
    const unknown = await flow("orders").pause({ steps: ["charge", "refund"] });
    expect(unknown.status).toBe(422);
    expect(unknown.body).toMatchObject({ code: "invalid_request", errors: [{ path: "steps[1]" }] });
    for (const more of [{}, { dryRun: true }]) {
      const finishing = await flow("orders").pause({ steps: ["ship"], mode: "finish", ...more });
      expect(finishing.status).toBe(422);
      expect(finishing.body).toMatchObject({ code: "invalid_request", errors: [{ path: "mode" }] });
    }
    for (let i = 0; i < 10; i += 1)
      expect((await flow("orders").pause({ steps: ["ship"] })).status).toBe(200);
    expect((await flow("orders").pause({ steps: ["ship"] })).status).toBe(409);
    const preview = await flow("orders").pause({ steps: ["ship"], dryRun: true });
    expect(preview.body).toMatchObject({ underWay: 0, queuedByResume: 0, unheld: [] });
    expect((await flow("orders").resume()).body).toMatchObject({ holds: [] });
  });

  it("race 41: stays while a whole hold is lifted and drained, and wakes nobody in vain", async () => {
    expect((await flow("drained").pause({ steps: ["charge"] })).status).toBe(200);
    await flow("drained").dispatchAll(Array.from({ length: 5 }, (_, i) => ({ i })));
    await flow("drained").untilCensus({ paused: 5 });
    expect((await flow("drained").pause()).status).toBe(200);
    await flow("drained").dispatchAll(Array.from({ length: 3 }, (_, i) => ({ i })));
    const { holds } = await flow("drained").now();
    const whole = holds.find(({ steps }) => steps === undefined);
    const before = await gates();
    expect((await flow("drained").resume({ holds: [whole?.holdId ?? ""] })).status).toBe(200);
    await stack.admin.advance("PT2M");
    await flow("drained").untilCensus({ paused: 8 });
    // The queued ones passed the gate of their first step, and were refused by that of the second.
    expect((await gates()) - before).toBe(6);
    expect((await flow("drained").now()).draining).toBeNull();
    expect((await flow("drained").resume()).status).toBe(200);
    await flow("drained").untilCensus({ completed: 8 });
    await stack.admin.advance("PT2M");
    await eventually(async () => (await leftovers(stack.url)).length === 0 || undefined);
  });

  it("race 42: stops only the branches at its state, at which nothing happens while they stand", async () => {
    const { functions, operator } = stack;
    const [charged, shipped] = [functions.count("charge"), functions.count("ship")];
    expect((await flow("fan").pause({ steps: ["charge"] })).status).toBe(200);
    functions.block("ship");
    const before = await gates();
    const items = Array.from({ length: 12 }, (_, i) => ({ i, charge: i < 4 }));
    const { runId } = await operator.dispatch("fan", { items });
    await eventually(() => functions.count("ship") === shipped + 8 || undefined);
    // Those of the Map, of twelve steps "check", and of the step after each.
    const settled = before + 1 + 12 + 12;
    await eventually(async () => (await gates()) === settled || undefined);
    expect((await operator.run(runId)).status).toBe("running");
    expect((await operator.act(runId, "pause")).status).toBe(200);
    expect((await operator.act(runId, "resume")).status).toBe(200);
    await whileNothingHappens();
    expect(await gates()).toBe(settled);
    functions.release("ship");
    await whileNothingHappens();
    expect((await operator.run(runId)).status).toBe("running");
    expect([await gates(), functions.count("charge")]).toEqual([settled, charged]);
    expect((await flow("fan").resume()).status).toBe(200);
    await operator.untilStatus(runId, "completed");
    expect([functions.count("charge"), functions.count("ship")]).toEqual([charged + 4, shipped + 8]);
    expect(await gates()).toBeLessThanOrEqual(settled + 5);
  });
});
