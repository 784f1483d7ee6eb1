import { afterEach, expect, it } from "vitest";
import type { Json, JsonObject } from "../../../shared/model/json/json.ts";
import { lambdaArn, Rig, Thrown, type UserFunction } from "../../harness/engine/gated-run.ts";

const rigs: Rig[] = [];
afterEach(async () => {
  for (const harness of rigs.splice(0)) await harness.close();
});

const FUNCTIONS: Readonly<Record<string, UserFunction>> = {
  echo: (event) => event,
  double: (event) => Number(event) * 2,
  boom: () => {
    throw new Thrown("Boom", "it broke");
  },
};

function harness(functions: Readonly<Record<string, UserFunction>> = FUNCTIONS): Rig {
  const made = new Rig(functions);
  rigs.push(made);
  return made;
}

const task = (name: string, fields: JsonObject = { End: true }): JsonObject => ({
  Type: "Task",
  Resource: lambdaArn(name),
  ...fields,
});
const flow = (states: JsonObject, fields: JsonObject = {}): JsonObject => ({
  StartAt: Object.keys(states)[0] ?? "",
  States: states,
  ...fields,
});
const jsonata = (states: JsonObject): JsonObject => flow(states, { QueryLanguage: "JSONata" });
const pass = (fields: JsonObject = { End: true }): JsonObject => ({ Type: "Pass", ...fields });

const CATCH_ALL = [{ ErrorEquals: ["States.ALL"], ResultPath: "$.error", Next: "Handled" }];

/** Definitions whose end must be the same with gates and without, each with an input. */
const SAME: Readonly<Record<string, readonly [JsonObject, Json]>> = {
  "a pipe with ResultPath": [
    flow({ A: task("echo", { Next: "B" }), B: task("echo", { ResultPath: "$.again", End: true }) }),
    { x: [1] },
  ],
  "an input that is a list": [flow({ A: task("echo") }), [[1], [], [null]]],
  "an input that is a number": [flow({ A: task("double") }), 21],
  "an input that is null": [flow({ A: task("echo") }), null],
  "Succeed with filters": [
    flow({ A: pass({ Next: "S" }), S: { Type: "Succeed", InputPath: "$.a", OutputPath: "$.b" } }),
    { a: { b: 7 } },
  ],
  "Succeed with Output": [
    jsonata({ S: { Type: "Succeed", Output: { sum: "{% $sum($states.input) %}" } } }),
    [1, 2],
  ],
  "Choice and Fail": [
    flow({
      C: { Type: "Choice", Choices: [{ Variable: "$.n", NumericLessThan: 5, Next: "F" }], Default: "S" },
      F: { Type: "Fail", Error: "TooSmall", CausePath: "$.why" },
      S: { Type: "Succeed" },
    }),
    { n: 1, why: "of the number" },
  ],
  "Fail without anything": [flow({ F: { Type: "Fail" } }), {}],
  "Fail with an intrinsic": [
    flow({ F: { Type: "Fail", ErrorPath: "States.Format('E{}', $.n)", Cause: "c" } }),
    { n: 3 },
  ],
  "Fail that reads its own name": [flow({ F: { Type: "Fail", ErrorPath: "$$.State.Name", Cause: "c" } }), {}],
  "Fail in JSONata": [jsonata({ F: { Type: "Fail", Error: "{% $states.input.e %}" } }), { e: "Named" }],
  "Fail whose expression fails": [
    jsonata({ F: { Type: "Fail", Error: "{% $states.input.e + 1 %}" } }),
    { e: "x" },
  ],
  "an uncaught error": [flow({ A: task("boom") }), {}],
  "an uncaught error in JSONata": [jsonata({ A: task("boom") }), {}],
  "a caught error": [
    flow({ A: task("boom", { Catch: CATCH_ALL, End: true }), Handled: pass() }),
    { kept: 1 },
  ],
  "a branch that fails with an error only": [
    flow({
      P: { Type: "Parallel", End: true, Branches: [flow({ F: { Type: "Fail", Error: "OnlyName" } })] },
    }),
    {},
  ],
  "a branch that fails with a cause only": [
    flow({
      P: { Type: "Parallel", End: true, Branches: [flow({ F: { Type: "Fail", Cause: "only why" } })] },
    }),
    {},
  ],
  "a branch that fails with nothing": [
    flow({ P: { Type: "Parallel", End: true, Branches: [flow({ F: { Type: "Fail" } })] } }),
    {},
  ],
  "a branch's error caught outside": [
    flow({
      P: { Type: "Parallel", End: true, Catch: CATCH_ALL, Branches: [flow({ A: task("boom") })] },
      Handled: pass(),
    }),
    { kept: 1 },
  ],
  "a Wait": [
    flow({ W: { Type: "Wait", SecondsPath: "$.wait.for", Next: "A" }, A: task("echo") }),
    { wait: { for: 30 } },
  ],
  "a Wait whose path is missing": [
    flow({ W: { Type: "Wait", SecondsPath: "$.none", Next: "A" }, A: task("echo") }),
    {},
  ],
  "a Wait whose expression fails": [
    jsonata({ W: { Type: "Wait", Seconds: "{% $states.input.x + 1 %}", Next: "A" }, A: task("echo") }),
    { x: "no number" },
  ],
  "variables in both languages": [
    flow({
      A: pass({ Assign: { "total.$": "$.n" }, Next: "B" }),
      B: task("echo", { QueryLanguage: "JSONata", Arguments: { t: "{% $total + 1 %}" }, Next: "C" }),
      C: task("echo", { Parameters: { "old.$": "$total", "new.$": "$.t" }, End: true }),
    }),
    { n: 4 },
  ],
  "Map in Parallel in Map": [
    flow({
      Outer: {
        Type: "Map",
        End: true,
        ItemProcessor: flow({
          Fork: {
            Type: "Parallel",
            End: true,
            Branches: [
              flow({ Inner: { Type: "Map", End: true, Iterator: flow({ Leaf: task("double") }) } }),
              flow({ Side: task("echo", { Next: "Shape" }), Shape: pass({ Result: "side", End: true }) }),
            ],
          },
        }),
      },
    }),
    [[1, 2], [], [3]],
  ],
  "a JSONata Map": [
    jsonata({
      Each: {
        Type: "Map",
        Items: "{% $states.input.items %}",
        ItemSelector: { n: "{% $states.context.Map.Item.Value %}" },
        ItemProcessor: flow({ Leaf: task("echo", { Output: "{% $states.result.n %}", End: true }) }),
        End: true,
      },
    }),
    { items: [5, 6] },
  ],
};

it.each(Object.entries(SAME))("ends like the uncompiled flow: %s", async (_name, [definition, input]) => {
  const plain = harness();
  const gated = harness();
  const bare = await plain.start(definition, input, "run-1.1");
  const compiled = await gated.startGated(definition, input);
  await plain.pass(60);
  await gated.pass(60);
  const withoutEvents = (value: unknown) =>
    JSON.parse(JSON.stringify(value).replace(/event id #\d+/g, "event id"));
  const expected = await plain.outcome(bare);
  expect(expected.status).not.toBe("RUNNING");
  expect(withoutEvents(await gated.outcome(compiled))).toEqual(withoutEvents(expected));
  const own = new Set(await plain.entered(bare));
  expect((await gated.entered(compiled)).filter((name) => own.has(name)).sort()).toEqual(
    (await plain.entered(bare)).sort(),
  );
});

it("costs one transition per step, and one for the end", async () => {
  const run = harness();
  const arn = await run.startGated(flow({ A: task("echo", { Next: "B" }), B: task("echo") }), {});
  expect(await run.entered(arn)).toHaveLength(2 + 3);
  expect(run.gates.map(({ kind, state, after }) => [kind, state, after])).toEqual([
    ["step", "A", undefined],
    ["step", "B", ["A"]],
    ["complete", "", ["B"]],
  ]);
});

it("passes an input at the limit, without sending it to the gate", async () => {
  const run = harness();
  const input = "é".repeat(131_000);
  const arn = await run.startGated(flow({ A: task("echo") }), input);
  expect(await run.outcome(arn)).toEqual({ status: "SUCCEEDED", output: input });
  expect(run.gates.map((event) => event.input)).toEqual([undefined, undefined]);
});

it("parks at the top level, begins a new visit after each park and continues", async () => {
  const run = harness();
  let held = true;
  run.decide = ({ state }) => (held && state === "B" ? "Sluice.Paused" : undefined);
  const arn = await run.startGated(flow({ A: task("echo", { Next: "B" }), B: task("echo") }), { n: 1 });
  expect(run.parks.map(({ state, path }) => [state, path])).toEqual([["B", ""]]);
  await run.wakeAll();
  expect(run.parks).toHaveLength(1);
  held = false;
  await run.wakeAll();
  expect(await run.outcome(arn)).toEqual({ status: "SUCCEEDED", output: { n: 1 } });
  const visits = run.gates.filter(({ state }) => state === "B");
  expect(visits).toHaveLength(3);
  expect(new Set(visits.map(({ arn }) => arn))).toEqual(new Set([arn]));
  expect((await run.entered(arn)).slice(2)).toEqual([
    "Sluice gate - B",
    "Sluice park - B",
    "Sluice gate - B",
    "Sluice park - B",
    "Sluice gate - B",
    "B",
    "Sluice complete gate",
  ]);
  expect(run.calls).toEqual(["echo", "echo"]);
});

it("parks each branch and each iteration under a visit of its own", async () => {
  const run = harness();
  let held = true;
  run.decide = ({ state }) => (held && ["Leaf", "Side"].includes(state) ? "Sluice.Paused" : undefined);
  const [definition, input] = SAME["Map in Parallel in Map"] ?? [{}, null];
  const arn = await run.startGated(definition, input);
  const expected = [
    "Outer[0]/Fork[0]/Inner[0]",
    "Outer[0]/Fork[0]/Inner[1]",
    "Outer[0]/Fork[1]",
    "Outer[1]/Fork[1]",
    "Outer[2]/Fork[0]/Inner[0]",
    "Outer[2]/Fork[1]",
  ];
  expect(run.parks.map(({ path }) => path).sort()).toEqual(expected);
  held = false;
  await run.wakeAll();
  expect(await run.outcome(arn)).toEqual({
    status: "SUCCEEDED",
    output: [
      [[2, 4], "side"],
      [[], "side"],
      [[6], "side"],
    ],
  });
  const visits = run.gates.filter(({ state }) => ["Leaf", "Side"].includes(state));
  expect(visits.map(({ path }) => path).sort()).toEqual([...expected, ...expected].sort());
});

const CAREFUL = {
  Retry: [{ ErrorEquals: ["States.ALL"], MaxAttempts: 3, IntervalSeconds: 1 }],
  Catch: CATCH_ALL,
};

const DEEP = flow({
  P: {
    Type: "Parallel",
    End: true,
    ...CAREFUL,
    Branches: [
      flow({
        M: {
          Type: "Map",
          ItemsPath: "$.items",
          End: true,
          ...CAREFUL,
          Catch: [{ ErrorEquals: ["States.ALL"], Next: "Inner" }],
          ItemProcessor: flow({ T: task("echo") }),
        },
        Inner: task("echo"),
      }),
      flow({ Other: { Type: "Wait", Seconds: 3000, End: true } }),
    ],
  },
  Handled: task("echo"),
});

it("parks in branches without the user's Retry and Catch, and ends there", async () => {
  const run = harness();
  run.decide = ({ state }) => (state === "T" ? "Sluice.Paused" : undefined);
  const arn = await run.startGated(DEEP, { items: [1, 2] });
  await run.pass(30);
  expect(run.parks).toHaveLength(2);
  await run.stop(arn);
  expect(await run.outcome(arn)).toEqual({ status: "ABORTED", error: "Sluice.Cancelled" });
  expect(run.calls).toEqual([]);
  expect(run.gates.filter(({ kind }) => kind === "fail" || kind === "complete")).toEqual([]);
  expect(await run.entered(arn)).not.toContain("Handled");
});

it("parks without the user's Retry and Catch at the top level and at the end", async () => {
  for (const kind of ["step", "complete"]) {
    const run = harness();
    run.decide = (event) => (event.kind === kind ? "Sluice.Paused" : undefined);
    const arn = await run.startGated(
      flow({ A: task("echo", { ...CAREFUL, End: true }), Handled: pass() }),
      {},
    );
    await run.pass(30);
    expect(run.parks.map(({ state }) => state)).toEqual([kind === "step" ? "A" : ""]);
    await run.stop(arn);
    expect(await run.outcome(arn)).toEqual({ status: "ABORTED", error: "Sluice.Cancelled" });
    expect(await run.entered(arn)).not.toContain("Handled");
  }
});

const REQUIRES = { Sluice: { Requires: ["orders:charge"] } };

it("passes a denial to the user's Catch as AWS passes a task's error", async () => {
  const denied = (event: { state: string }) => (event.state === "A" ? "Sluice.AccessDenied" : undefined);
  const catchers: JsonObject[] = [
    { ResultPath: "$.error" },
    { ResultPath: null },
    {},
    { ResultPath: "$.a.b", Assign: { "why.$": "$.Error", "input.$": "$$.Execution.Input.n" } },
  ];
  for (const fields of catchers) {
    const definition = (resource: string, extra: JsonObject) =>
      flow({
        A: task(resource, {
          Catch: [
            { ErrorEquals: ["Other"], Next: "Z" },
            { ErrorEquals: ["States.ALL"], ...fields, Next: "B" },
          ],
          Next: "Z",
          ...extra,
        }),
        B: pass({
          ...("Assign" in fields
            ? { Parameters: { "in.$": "$", "why.$": "$why", "input.$": "$input" } }
            : {}),
          End: true,
        }),
        Z: pass(),
      });
    const plain = harness({
      denied: () => {
        throw new Thrown("Sluice.AccessDenied", "as the test says");
      },
    });
    const bare = await plain.start(definition("denied", {}), { n: 1 });
    const gated = harness();
    gated.decide = denied;
    const arn = await gated.startGated(definition("echo", REQUIRES), { n: 1 });
    expect(await gated.outcome(arn)).toEqual(await plain.outcome(bare));
    expect((await gated.outcome(arn)).status).toBe("SUCCEEDED");
  }
});

it("passes a denial to a JSONata Catch, and to one outside the branch", async () => {
  const Catch = [
    {
      ErrorEquals: ["Sluice.AccessDenied"],
      Output: { was: "{% $states.input.n %}", error: "{% $states.errorOutput.Error %}" },
      Next: "B",
    },
  ];
  const inside = harness();
  inside.decide = ({ state }) => (state === "A" ? "Sluice.AccessDenied" : undefined);
  const one = await inside.startGated(
    jsonata({ A: task("echo", { ...REQUIRES, Catch, End: true }), B: pass() }),
    { n: 1 },
  );
  expect(await inside.outcome(one)).toEqual({
    status: "SUCCEEDED",
    output: { was: 1, error: "Sluice.AccessDenied" },
  });

  const outside = harness();
  outside.decide = inside.decide;
  const parallel = {
    Type: "Parallel",
    Catch,
    End: true,
    Branches: [flow({ A: task("echo", { ...REQUIRES, End: true }) })],
  };
  const two = await outside.startGated(jsonata({ P: parallel, B: pass() }), { n: 2 });
  expect(await outside.outcome(two)).toEqual({
    status: "SUCCEEDED",
    output: { was: 2, error: "Sluice.AccessDenied" },
  });
});

it("fails the run on a denial that nobody catches", async () => {
  const run = harness();
  run.decide = ({ state, kind }) => (state === "A" && kind === "step" ? "Sluice.AccessDenied" : undefined);
  const arn = await run.startGated(
    flow({
      A: task("echo", { ...REQUIRES, Catch: [{ ErrorEquals: ["Other"], Next: "B" }], End: true }),
      B: pass(),
    }),
    {},
  );
  expect(await run.outcome(arn)).toMatchObject({ status: "FAILED", error: "Sluice.AccessDenied" });
  expect(run.gates.at(-1)).toMatchObject({
    kind: "fail",
    state: "",
    error: "Sluice.AccessDenied",
  });
});

it("gives the fail gate the reason, and the state unless it is the current step", async () => {
  for (const [fields, state] of [
    [{}, ""],
    [{ Sluice: { Gate: "none" } }, "A"],
    [{ Sluice: { Gate: "none" }, QueryLanguage: "JSONata" }, "A"],
    [{ Sluice: { Gate: "inline" } }, "A"],
  ] as const) {
    const run = harness();
    const arn = await run.startGated(flow({ A: task("boom", { ...fields, End: true }) }), {});
    expect(await run.outcome(arn)).toMatchObject({ status: "FAILED", error: "Boom" });
    const fail = run.gates.at(-1);
    expect(fail).toMatchObject({ kind: "fail", state, path: "", error: "Boom" });
    expect(JSON.parse(fail?.cause ?? "{}")).toMatchObject({ errorMessage: "it broke" });
  }
});

it("reproduces a timeout without a cause", async () => {
  const run = harness({ slow: () => new Promise(() => undefined) });
  const arn = await run.startGated(flow({ A: task("slow", { TimeoutSeconds: 5, End: true }) }), {});
  await run.pass(10);
  expect(await run.outcome(arn)).toEqual({ status: "FAILED", error: "States.Timeout" });
  expect(run.gates.at(-1)).toMatchObject({ kind: "fail", error: "States.Timeout" });
  expect(run.gates.at(-1)).not.toHaveProperty("cause");
});

it("race 22: retries a gate until it answers, and never shows its errors to the flow", async () => {
  const run = harness();
  let outage = true;
  run.decide = () => (outage ? "Lambda.TooManyRequestsException" : undefined);
  const arn = await run.startGated(flow({ A: task("echo", { ...CAREFUL, End: true }), Handled: pass() }), {});
  await run.pass(3600);
  expect((await run.outcome(arn)).status).toBe("RUNNING");
  outage = false;
  await run.pass(120);
  expect(await run.outcome(arn)).toEqual({ status: "SUCCEEDED", output: {} });
  expect(new Set(run.gates.filter(({ state }) => state === "A").map(({ entered }) => entered)).size).toBe(1);
  expect(await run.entered(arn)).not.toContain("Handled");
});

it("shows what a wait is waiting for", async () => {
  const run = harness();
  await run.startGated(
    jsonata({
      W: { Type: "Wait", Seconds: "{% $states.input.s * 2 %}", Next: "X" },
      X: { Type: "Wait", Timestamp: "2020-01-01T00:00:00Z", Next: "Y" },
      Y: {
        Type: "Task",
        Resource: "arn:aws:states:::lambda:invoke.waitForTaskToken",
        Arguments: { FunctionName: "echo", Payload: { token: "{% $states.context.Task.Token %}" } },
        TimeoutSeconds: 90,
        End: true,
      },
    }),
    { s: 7 },
  );
  await run.pass(60);
  expect(run.gates.map(({ kind, waitingOn }) => [kind, waitingOn])).toEqual([
    ["wait", { kind: "delay", seconds: 14 }],
    ["wait", { kind: "delay", timestamp: "2020-01-01T00:00:00Z" }],
    ["wait", { kind: "callback", seconds: 90 }],
  ]);
});

const APPROVAL = { Type: "Task", Resource: "arn:sluice:::approval" };

it("asks people in either query language, even inside a Map", async () => {
  const run = harness();
  const arn = await run.startGated(
    flow({
      Each: {
        Type: "Map",
        ItemProcessor: flow({
          Ask: {
            ...APPROVAL,
            Parameters: { "Title.$": "$.title", Assignees: ["ann"] },
            ResultPath: "$.answer",
            Next: "Sure",
          },
          Sure: {
            ...APPROVAL,
            QueryLanguage: "JSONata",
            Arguments: { Title: "{% 'Sure of ' & $states.input.title %}" },
            Output: "{% $states.result.decision %}",
            End: true,
          },
        }),
        End: true,
      },
    }),
    [{ title: "one" }, { title: "two" }],
  );
  expect(run.questions.map(({ state, path, kind, spec }) => [state, path, kind, spec])).toEqual([
    ["Ask", "Each[0]", "approval", { Title: "one", Assignees: ["ann"] }],
    ["Ask", "Each[1]", "approval", { Title: "two", Assignees: ["ann"] }],
  ]);
  expect(run.questions.map(({ entered, path }) => [path, entered])).toEqual(
    run.gates.filter(({ state }) => state === "Ask").map(({ entered, path }) => [path, entered]),
  );
  await run.answer(0, { decision: "approved" });
  await run.answer(1, { decision: "approved" });
  await run.answer(2, { decision: "approved" });
  await run.answer(3, { decision: "approved" });
  expect(run.questions.slice(2).map(({ spec, path }) => [path, spec])).toEqual([
    ["Each[0]", { Title: "Sure of one" }],
    ["Each[1]", { Title: "Sure of two" }],
  ]);
  expect(await run.outcome(arn)).toEqual({ status: "SUCCEEDED", output: ["approved", "approved"] });
});

it("lets the user catch a rejection, and only that", async () => {
  const run = harness();
  const arn = await run.startGated(
    flow({
      Ask: {
        ...APPROVAL,
        Parameters: { Title: "Charge?" },
        Catch: [{ ErrorEquals: ["Sluice.Rejected"], Next: "No" }],
        End: true,
      },
      No: pass({ Parameters: { "error.$": "$.Error" }, End: true }),
    }),
    {},
  );
  await run.reject(0);
  expect(await run.outcome(arn)).toEqual({ status: "SUCCEEDED", output: { error: "Sluice.Rejected" } });
});
