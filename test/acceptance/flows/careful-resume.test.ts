import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../../harness/clients/client.ts";
import { FlowClient } from "../../harness/clients/flow-client.ts";
import { tasks } from "../../harness/definitions.ts";
import { leftovers } from "../../harness/ledger/stored-items.ts";
import { Team } from "../../harness/stack/team-machine.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";
import { complaintsAbout } from "../../proofs/careful-resume/judge.ts";
import { FUNCTIONS, playStory } from "../../proofs/careful-resume/story.ts";

describe("a flow that returns carefully", { timeout: 240_000 }, () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await testStack(...FUNCTIONS);
  });
  afterAll(() => stack.close());

  it("is held by its error cap, sends a canary, resumes slowly, and is held again when failures return", async () => {
    const size = {
      ...{ runs: 100, breaksAt: 20, cap: 5, inSecond: 8, inFirst: 10 },
      ...{ canary: 3, drainRate: 8, every: 3, breaksAgainAt: 5 },
    };
    const story = await playStory(stack, "orders", size);
    expect(complaintsAbout(story, size), JSON.stringify(story)).toEqual([]);
    expect(await leftovers(stack.url)).toEqual([]);
  });

  it("works for an attached flow: its cap, its canary, and a ramp for what stands and for what others start", async () => {
    const { admin, functions } = stack;
    functions.forget();
    functions.mend("charge");
    const machine = await new Team(stack.url).create("bills", tasks(...FUNCTIONS));
    await admin.expect([200], "POST", "/flows/bills/attach", { stateMachineArn: machine.arn });
    const flow = new FlowClient(admin, "bills");
    await flow.caps({ errors: { count: 2, per: "day" } });
    const start = async (count: number) => {
      const arns: string[] = [];
      for (let n = 0; n < count; n += 1) arns.push(await machine.start({ n }));
      return arns;
    };
    functions.fail("charge", "ProviderDown");
    functions.block("charge");
    await start(2);
    await eventually(() => functions.count("charge") === 2 || undefined, 60);
    functions.block("reserve");
    const standing = await start(3);
    await eventually(() => functions.count("reserve") === 5 || undefined, 60);
    functions.release("charge");
    const held = await flow.until(({ status }) => status === "paused_safety", 60);
    expect(held.holds.map(({ kind, reason }) => `${kind}: ${reason}`)).toEqual([
      "errors: Error cap reached: 2 per day",
    ]);
    functions.release("reserve");
    await flow.untilCensus({ failed: 2, paused: 3 }, 60);
    functions.mend("charge");

    await flow.resume({ canary: 1, drainRate: 2, ramp: { from: 1, every: "PT5S" } });
    const passed = await flow.until(({ canary }) => canary?.state === "passed", 60);
    const oldest = (await flow.runs()).find(({ status }) => status !== "failed");
    expect(passed.canary?.runs).toEqual([oldest?.runId]);
    const late = await start(3);
    await admin.advance("PT1M");
    await flow.untilCensus({ failed: 2, completed: 6 }, 60);
    for (const arn of [...standing, ...late])
      expect(await machine.ended(arn)).toMatchObject({ status: "SUCCEEDED" });
    // Nothing that others started in the ramp was faster than it: one a second at first.
    const begun = (await flow.runs()).slice(-3).map(({ startedAt }) => Date.parse(startedAt ?? ""));
    expect(Math.max(...begun) - Math.min(...begun)).toBeGreaterThanOrEqual(1_000);
    expect((await flow.now()).ramp).toBeUndefined();
  });
});
