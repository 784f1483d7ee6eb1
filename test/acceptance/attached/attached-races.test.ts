import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { UsageReport } from "../../../local/metering/usage.ts";
import type { Json, JsonObject } from "../../../shared/model/json/json.ts";
import { clientFor, eventually } from "../../harness/clients/client.ts";
import { FlowClient } from "../../harness/clients/flow-client.ts";
import { chain, task } from "../../harness/definitions.ts";
import { allItems, sdkConfig } from "../../harness/ledger/stored-items.ts";
import { runOf, Team, type TeamMachine } from "../../harness/stack/team-machine.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";

const ORDERS = chain({ one: task("one"), two: task("two") });
const ARN = "arn:aws:states:us-east-1:000000000000";

interface Forged extends Origin {
  readonly alias: string | undefined;
  readonly hasOrigin: boolean;
}

/** Events with parts of real ones and of none, and nonsense in one place. */
const forgedBy = (real: Readonly<Record<"machines" | "incarnations" | "names", readonly string[]>>) => {
  const word = fc.string({ minLength: 1, maxLength: 20 }).map((text) => text.replaceAll(":", ""));
  const either = (values: readonly string[]) => fc.oneof(fc.constantFrom(...values), word);
  return fc.record({
    alias: fc.constantFrom(undefined, "ws-demo", "ws-other", "ws-none", "ws-", "demo", "$LATEST"),
    machine: either(real.machines),
    name: either([...real.names, "by-hand"]),
    flow: either(["mine", "theirs", "managed"]),
    incarnation: either(real.incarnations),
    startedAt: fc.constantFrom("2026-03-01T12:00:00.000Z", "2026-03-01T12:00:00.001Z"),
    hasOrigin: fc.boolean(),
    park: fc.boolean(),
    /** A question of an execution that continues a run. */
    part: fc.constantFrom(undefined, undefined, "arrive", "variable", "input", "keep", "leave"),
    place: fc.constantFrom(
      undefined,
      undefined,
      "kind",
      "payload",
      "path",
      "state",
      "child",
      "cost",
      "v",
      "flow",
    ),
    nonsense: fc.jsonValue() as fc.Arbitrary<Json>,
  });
};

/** Executions that start at the same moment, most of them beyond the cap. */
const STARTS = 100;

/** The identity of an execution in a gate's event. */
interface Origin {
  readonly machine: string;
  readonly name: string;
  readonly flow: string;
  readonly incarnation: string;
  readonly startedAt?: string;
}

describe("gates of a team's own state machine", { timeout: 120_000 }, () => {
  let stack: TestStack;
  let team: Team;
  let lambda: LambdaClient;
  beforeAll(async () => {
    // Forged events fail, and what the handlers log about them is noise.
    vi.stubEnv("POWERTOOLS_LOG_LEVEL", "CRITICAL");
    stack = await testStack("one", "two");
    team = new Team(stack.url);
    lambda = new LambdaClient(sdkConfig(stack.url, "lambda"));
  });
  afterAll(async () => {
    lambda.destroy();
    vi.unstubAllEnvs();
    await stack.close();
  });

  const attached = async (flowId: string, definition: JsonObject = ORDERS): Promise<TeamMachine> => {
    const machine = await team.create(flowId, definition);
    await stack.admin.expect([200], "POST", `/flows/${flowId}/attach`, { stateMachineArn: machine.arn });
    return machine;
  };
  const incarnationOf = async (machine: TeamMachine): Promise<string> =>
    /'incarnation':'([a-z2-7]{16})'/.exec(await machine.text())?.[1] ?? "";

  /** Calls a function as a compiled text does, or as anyone may who can invoke it. Returns the name of the error. */
  const call = async (name: string, event: JsonObject, alias: string | undefined) => {
    const { FunctionError, Payload } = await lambda.send(
      new InvokeCommand({
        FunctionName: name,
        ...(alias === undefined ? {} : { Qualifier: alias }),
        Payload: Buffer.from(JSON.stringify(event)),
      }),
    );
    if (FunctionError === undefined) return undefined;
    return (JSON.parse(Buffer.from(Payload ?? []).toString()) as { errorType: string }).errorType;
  };
  const gateEvent = (origin: Origin, payload: Json = {}, own = true): JsonObject => ({
    v: 2,
    at: [
      `${ARN}:execution:${origin.machine}:${origin.name}`,
      { Name: "Sluice gate - one", EnteredTime: "2026-03-01T12:00:00.000Z" },
    ],
    flow: origin.flow,
    ...(own
      ? {
          attached: {
            incarnation: origin.incarnation,
            version: 1,
            startedAt: origin.startedAt ?? "2026-03-01T12:00:00.000Z",
            redrives: 0,
          },
          payload,
        }
      : {}),
  });
  const usage = () => stack.admin.expect<UsageReport>([200], "GET", "/local/usage");

  it("race 31: create one run when an execution's first gates arrive together, and another for the next execution of the same name", async () => {
    const machine = await attached("doubled");
    const incarnation = await incarnationOf(machine);
    const origin = { machine: "doubled", name: "again", flow: "doubled", incarnation };
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => call("sluice-gate", gateEvent(origin, { n: 1 }), "ws-demo")),
    );
    expect(new Set(answers)).toEqual(new Set([undefined]));
    const runs = async () => (await new FlowClient(stack.operator, "doubled").runs()).length;
    expect(await runs()).toBe(1);
    const later = { ...origin, startedAt: "2026-06-01T12:00:00.000Z" };
    expect(await call("sluice-gate", gateEvent(later, { n: 2 }), "ws-demo")).toBe(undefined);
    expect(await runs()).toBe(2);
  });

  it("refuse every forged event, and write nothing", async () => {
    const mine = await attached("mine");
    const theirs = await attached("theirs");
    await stack.admin.publish("managed", ORDERS);
    stack.functions.block("one");
    const dispatched = await stack.operator.dispatch("managed", {});
    const own = await stack.operator.dispatch("mine", {});
    await eventually(() => stack.functions.count("one") === 2 || undefined);
    const managedMachine =
      String((await stack.operator.run(dispatched.runId)).executionArn).split(":")[6] ?? "";
    const incarnations = { mine: await incarnationOf(mine), theirs: await incarnationOf(theirs) };
    const platform = await clientFor(stack.url, "platform");
    await platform.expect([200, 201], "PUT", "/v1/workspaces/other", { admins: ["admin"] });

    const stored = async () =>
      new Map((await allItems(stack.url)).map((item) => [`${item["PK"]} ${item["SK"]}`, item]));
    const before = await stored();
    const names = [`${dispatched.runId}.1`, `${own.runId}.1`, "by-hand"];
    let refused = 0;
    for (const alias of [undefined, "ws-demo", "ws-other", "ws-none"])
      for (const machine of ["mine", "theirs", "nobodys", managedMachine])
        for (const incarnation of [...Object.values(incarnations), "aaaaaaaaaaaaaaaa"])
          for (const flow of ["mine", "managed"])
            for (const name of names)
              for (const hasOrigin of [true, false]) {
                // These are what the machine itself says.
                const isRight =
                  alias === "ws-demo" && machine === "mine" && incarnation === incarnations.mine;
                if (isRight && hasOrigin && (flow === "mine" || name === `${own.runId}.1`)) continue;
                // So is what the managed flow's machine says.
                if (alias === undefined && machine === managedMachine && !hasOrigin) {
                  if (name === names[0]) continue;
                }
                const event = gateEvent({ machine, name, flow, incarnation }, {}, hasOrigin);
                const error = await call("sluice-gate", event, alias);
                expect([error, JSON.stringify({ alias, event })]).toEqual([
                  // A managed flow's gate has one refusal, which leads to the park; the park ends the execution.
                  expect.stringMatching(/^Sluice\.(NotARun|Paused)$/),
                  expect.any(String),
                ]);
                refused += 1;
              }
    expect(refused).toBeGreaterThan(500);
    expect(await stored()).toEqual(before);

    const isRight = ({ alias, machine, incarnation, hasOrigin }: Forged) =>
      alias === "ws-demo"
        ? incarnation === incarnations[machine as keyof typeof incarnations]
        : alias === undefined && machine === managedMachine && !hasOrigin;
    const forged = fc.sample(
      forgedBy({
        machines: ["mine", "theirs", "nobodys", managedMachine],
        incarnations: Object.values(incarnations),
        names,
      }).filter((one) => !isRight(one)),
      { numRuns: 300, seed: 18 },
    );
    for (const { alias, nonsense, place, park, part, hasOrigin, ...origin } of forged) {
      const event = gateEvent(origin, {}, hasOrigin) as Record<string, Json>;
      const at = park ? [...(event["at"] as Json[]), "token"] : (event["at"] ?? []);
      // The park of a managed machine's execution that Sluice has not started ends that execution.
      const error = await call(
        park ? "sluice-park" : "sluice-gate",
        {
          ...{ ...event, at },
          ...(part === undefined || park ? {} : { part, variable: "kept", state: "one" }),
          ...(place === undefined ? {} : { [place]: nonsense }),
        },
        alias,
      );
      if (!park) expect([error, alias, event]).toEqual([expect.any(String), alias, event]);
    }
    expect(await stored()).toEqual(before);
    stack.functions.release("one");
    await stack.operator.untilStatus(dispatched.runId, "completed");
    await stack.operator.untilStatus(own.runId, "completed");
  });

  it("are in all states or in none when an execution starts while the flow is being attached", async () => {
    const machine = await team.create("written", ORDERS);
    let isAttached = false;
    const before = await machine.start({});
    const attaching = stack.admin
      .expect([200], "POST", "/flows/written/attach", { stateMachineArn: machine.arn })
      .then(() => {
        isAttached = true;
      });
    const between: string[] = [];
    while (!isAttached && between.length < 200) between.push(await machine.start({}));
    await attaching;
    const after = await machine.start({});
    const gated: string[] = [];
    for (const arn of [before, ...between, after]) {
      expect(await machine.ended(arn)).toMatchObject({ status: "SUCCEEDED", output: '{"one":1,"two":1}' });
      const states = await machine.entered(arn);
      expect([
        ["one", "two"],
        ["Sluice gate - one", "one", "Sluice gate - two", "two", "Sluice complete gate"],
      ]).toContainEqual(states);
      if (states.length > 2) gated.push(arn);
    }
    expect(gated).toContain(after);
    expect(gated).not.toContain(before);
    const runs = await eventually(async () => {
      const found = await new FlowClient(stack.operator, "written").runs();
      return found.every(({ status }) => status === "completed") ? found : undefined;
    });
    expect(runs.map(({ executionArn }) => executionArn).sort()).toEqual(gated.sort());
  });

  it("never stop an execution that DescribeExecution does not confirm", async () => {
    const machine = await attached("made-up");
    const incarnation = await incarnationOf(machine);
    stack.functions.block("one");
    const before = stack.functions.count("one");
    const real = await machine.start({}, "real");
    await eventually(() => stack.functions.count("one") === before + 1 || undefined);
    const honest = await runOf(stack.operator, real);
    const origin = { machine: "made-up", name: "real", flow: "made-up", incarnation };
    expect(await call("sluice-gate", gateEvent(origin), "ws-demo")).toBe(undefined);
    const { items } = await stack.operator.expect<{ items: { runId: string }[] }>(
      [200],
      "GET",
      "/runs?flowId=made-up",
    );
    const madeUp = items.find(({ runId }) => runId !== honest.runId);
    if (madeUp === undefined) throw new Error("The forged event made no run");
    await stack.admin.expect([200], "DELETE", "/local/usage");
    expect((await stack.operator.act(madeUp.runId, "cancel")).status).toBe(200);
    await stack.admin.advance("PT10M");
    expect((await usage()).stepFunctions["StopExecution"] ?? 0).toBe(0);
    stack.functions.release("one");
    expect(await machine.ended(real)).toMatchObject({ status: "SUCCEEDED" });
  });

  it("cost a native start at most one write more than a dispatched one, and no gate or transition, nor more than in a managed flow", async () => {
    const machine = await attached("priced");
    await stack.admin.publish("priced-managed", ORDERS);
    const writes = async (work: () => Promise<string>) => {
      await stack.admin.advance("PT0S");
      await stack.admin.expect([200], "DELETE", "/local/usage");
      await stack.operator.untilStatus(await work(), "completed");
      await stack.admin.advance("PT0S");
      const { dynamodb, lambdaInvocations, stateTransitions } = await usage();
      const { "sluice-dispatch": dispatch, "sluice-gate": gate } = dynamodb.byFunction;
      const written = (dispatch?.writeUnits ?? 0) + (gate?.writeUnits ?? 0);
      return { written, gates: lambdaInvocations["sluice-gate"], stateTransitions };
    };
    const managed = await writes(async () => (await stack.operator.dispatch("priced-managed", {})).runId);
    const dispatched = await writes(async () => (await stack.operator.dispatch("priced", {})).runId);
    const native = await writes(async () => (await runOf(stack.operator, await machine.start({}))).runId);
    expect(dispatched).toEqual(managed);
    expect(native.gates).toBe(dispatched.gates);
    expect(native.stateTransitions).toBe(dispatched.stateTransitions);
    expect(native.written - dispatched.written).toBeLessThanOrEqual(1);
  });

  it("race 32: count native starts against the throughput cap, and start each that waited once", async () => {
    const machine = await attached("capped");
    const flow = new FlowClient(stack.admin, "capped");
    await stack.admin.expect([200], "PUT", "/flows/capped/caps", { throughput: { limit: 5, per: "day" } });
    const before = stack.functions.count("one");
    const started = await Promise.all(Array.from({ length: STARTS }, (_, n) => machine.start({ n })));
    await stack.admin.advance("PT0S");
    const runs = await eventually(async () => {
      const found = await flow.runs();
      const stand = found.filter(({ status, parkedAt }) => status === "completed" || parkedAt !== undefined);
      return stand.length === STARTS ? found : undefined;
    }, 100);
    expect(new Set(runs.map(({ executionArn }) => executionArn))).toEqual(new Set(started));
    expect(stack.functions.count("one") - before).toBeLessThanOrEqual(5);
    expect((await flow.resume({})).status).toBe(200);
    await stack.admin.advance("PT0S");
    for (const arn of started) expect(await machine.ended(arn)).toMatchObject({ status: "SUCCEEDED" });
    expect(stack.functions.count("one")).toBe(before + STARTS);
    expect(await flow.runs()).toHaveLength(STARTS);
  });
});
