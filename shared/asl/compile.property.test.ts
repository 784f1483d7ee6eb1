import aslValidator from "asl-validator";
import fc from "fast-check";
import { expect, it } from "vitest";
import { ARN, compile, compiled } from "../../test/harness/asl/compiler.ts";
import { isJsonObject, type Json, type JsonObject } from "../model/json/json.ts";
import { machineOf, statesAhead, topLevelStateOf } from "./parse/graph.ts";
import { replayObstacle } from "./replay.ts";

/** A state and its contents, without a name and Next. */
type Body = (name: () => string) => JsonObject;

const plain = (fields: JsonObject): fc.Arbitrary<Body> => fc.constant(() => structuredClone(fields));
const CATCH = [
  { ErrorEquals: ["States.TaskFailed"], ResultPath: "$.error" },
  { ErrorEquals: ["States.ALL"] },
];

const leaf: fc.Arbitrary<Body> = fc.oneof(
  plain({ Type: "Task", Resource: `${ARN}charge` }),
  plain({ Type: "Task", Resource: `${ARN}charge`, Catch: CATCH, Sluice: { Requires: ["p"], Cost: 2 } }),
  plain({
    Type: "Task",
    QueryLanguage: "JSONata",
    Resource: `${ARN}charge`,
    Catch: [{ ErrorEquals: ["Sluice.AccessDenied"], Output: "{% $states.errorOutput %}" }],
    Sluice: { Requires: ["p"] },
  }),
  plain({ Type: "Task", Resource: `${ARN}charge`, Sluice: { Gate: "none" } }),
  plain({
    Type: "Task",
    Resource: "arn:aws:states:::lambda:invoke.waitForTaskToken",
    Parameters: { FunctionName: "ask", Payload: { "t.$": "$$.Task.Token" } },
    TimeoutSeconds: 9,
  }),
  plain({
    Type: "Task",
    Resource: "arn:sluice:::approval",
    Parameters: { "Title.$": "$.title" },
    Retry: [{ ErrorEquals: ["States.ALL"] }],
  }),
  plain({ Type: "Wait", SecondsPath: "$.seconds" }),
  plain({ Type: "Wait", QueryLanguage: "JSONata", Seconds: "{% $states.input.seconds %}" }),
  plain({ Type: "Pass", Result: { data: [1, null] } }),
  plain({ Type: "Choice" }),
);

const { body } = fc.letrec<{ body: Body; scope: Body }>((tie) => ({
  body: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    leaf,
    fc.array(tie("scope"), { minLength: 1, maxLength: 2 }).map(
      (branches): Body =>
        (name) => ({
          Type: "Parallel",
          Catch: structuredClone(CATCH),
          Branches: branches.map((branch) => branch(name)),
        }),
    ),
    tie("scope").map(
      (scope): Body =>
        (name) => ({ Type: "Map", ItemProcessor: scope(name) }),
    ),
  ),
  scope: fc.array(tie("body"), { minLength: 1, maxLength: 3 }).map(
    (bodies): Body =>
      (name) =>
        chained(bodies, name),
  ),
}));

/** Joins bodies into a scope: each leads to the next; catchers and choices lead to the last one, which ends. */
function chained(bodies: readonly Body[], name: () => string): JsonObject {
  const names = [...bodies.map(() => name()), name()];
  const last = names.at(-1) ?? "";
  const states = bodies.map((make, index): [string, JsonObject] => {
    const state = make(name);
    const next = names[index + 1] ?? last;
    if (Array.isArray(state.Catch))
      state.Catch = state.Catch.map((entry) => (isJsonObject(entry) ? { ...entry, Next: last } : entry));
    if (state.Type === "Choice")
      return [
        names[index] ?? "",
        { ...state, Choices: [{ Variable: "$.x", IsPresent: true, Next: last }], Default: next },
      ];
    return [names[index] ?? "", { ...state, Next: next }];
  });
  return {
    StartAt: names[0] ?? "",
    States: Object.fromEntries([...states, [last, { Type: "Succeed", OutputPath: "$.out" }]]),
  };
}

const NAMES = fc.constantFrom(
  "A",
  "Sluice gate - A1",
  "Größe",
  `"quoted" {% x %}`,
  "with/slash[0]",
  "n".repeat(70),
);

const definitions = fc
  .tuple(fc.array(body, { minLength: 1, maxLength: 4 }), NAMES, fc.boolean())
  .map(([bodies, prefix, timed]) => {
    let count = 0;
    const definition = chained(bodies, () => `${prefix}${count++}`);
    return timed ? { ...definition, TimeoutSeconds: 60 } : definition;
  });

const scopesIn = (value: Json): JsonObject[] => {
  if (Array.isArray(value)) return value.flatMap(scopesIn);
  if (!isJsonObject(value)) return [];
  const inner = Object.entries(value).flatMap(([key, item]) =>
    ["States", "Branches", "ItemProcessor"].includes(key) ? scopesIn(item) : [],
  );
  const states = Object.values(value)
    .filter((item) => isJsonObject(item) && "Type" in item)
    .flatMap(scopesIn);
  return "StartAt" in value ? [value, ...inner] : [...inner, ...states];
};

it("compiles to text that asl-validator accepts, with unique names and the user's graph", () => {
  fc.assert(
    fc.property(definitions, (definition) => {
      const result = compiled(definition);
      expect(aslValidator(structuredClone(result.compiled)).errors).toEqual([]);

      const generated = new Set(result.generated);
      const users = machineOf(definition)?.all ?? [];
      for (const { name } of users) expect(generated.has(name)).toBe(false);
      for (const name of generated) expect(name).toMatch(/^Sluice [A-Za-z0-9 _.-]{1,73}$/);
      expect(graphWithoutGates(result.compiled, generated)).toEqual(userGraph(definition));
    }),
    { numRuns: 25 },
  );
}, 120_000);

/** The edges between the user's states. A path through generated states follows only `Next`. */
function graphWithoutGates(definition: JsonObject, generated: ReadonlySet<string>): Set<string> {
  const edges = new Set<string>();
  for (const scope of scopesIn(definition)) {
    const states = isJsonObject(scope.States) ? scope.States : {};
    const through = (name: string): string | undefined => {
      let at: string | undefined = name;
      while (at !== undefined && generated.has(at)) {
        const state: Json | undefined = states[at];
        at = isJsonObject(state) && typeof state.Next === "string" ? state.Next : undefined;
      }
      return at;
    };
    addEdges(edges, scope, through);
  }
  return edges;
}

function userGraph(definition: JsonObject): Set<string> {
  const edges = new Set<string>();
  for (const scope of scopesIn(definition)) addEdges(edges, scope, (name) => name);
  return edges;
}

function addEdges(
  edges: Set<string>,
  scope: JsonObject,
  through: (name: string) => string | undefined,
): void {
  edges.add(`start ${through(String(scope.StartAt))}`);
  for (const [name, state] of Object.entries(isJsonObject(scope.States) ? scope.States : {})) {
    if (through(name) !== name || !isJsonObject(state)) continue;
    const lists = [state.Choices, state.Catch].filter(Array.isArray).flat().filter(isJsonObject);
    for (const target of [state.Next, state.Default, ...lists.map((entry) => entry.Next)]) {
      const reached = typeof target === "string" ? through(target) : undefined;
      if (reached !== undefined) edges.add(`${name} -> ${reached}`);
    }
  }
}

/** JSON that resembles a definition. */
const junk = fc.letrec<{ json: Json; states: Json }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom<Json>(
      null,
      true,
      -1,
      1e308,
      "",
      "$",
      "$.a[",
      "{% ( %}",
      "A",
      "Task",
      "Map",
      "DISTRIBUTED",
      "arn:sluice:::form",
      "States.ALL",
    ),
    fc.array(tie("json"), { maxLength: 3 }),
    tie("states"),
  ),
  states: fc.dictionary(
    fc.constantFrom(
      "StartAt",
      "States",
      "Type",
      "Comment",
      "Next",
      "End",
      "Default",
      "Choices",
      "Branches",
      "ItemProcessor",
      "Iterator",
      "ProcessorConfig",
      "Mode",
      "Catch",
      "Retry",
      "ErrorEquals",
      "Assign",
      "Parameters",
      "Arguments",
      "Output",
      "Sluice",
      "Requires",
      "Resource",
      "QueryLanguage",
      "Seconds",
      "TimeoutSeconds",
      "A",
      "B",
      "__proto__",
      "constructor",
      "toString",
    ),
    tie("json"),
    { maxKeys: 6 },
  ),
})).states;

const typed = fc
  .tuple(
    fc.constantFrom("Task", "Pass", "Choice", "Wait", "Succeed", "Fail", "Parallel", "Map"),
    junk,
    fc.constantFrom("JSONPath", "JSONata"),
  )
  .map(
    ([Type, fields, QueryLanguage]): JsonObject => ({
      StartAt: "A",
      States: {
        A: { Resource: `${ARN}f`, End: true, ...(isJsonObject(fields) ? fields : {}), Type, QueryLanguage },
      },
    }),
  );

it("returns a result for any input, and never throws", () => {
  fc.assert(
    fc.property(fc.oneof(junk, typed, fc.jsonValue() as fc.Arbitrary<Json>), (definition) => {
      const result = compile(definition);
      if (!result.ok) {
        expect(result.errors.length).toBeGreaterThan(0);
        for (const { message } of result.errors) expect(message).not.toBe("");
      }
      machineOf(definition);
      statesAhead(definition, { state: "A", entered: true });
      topLevelStateOf(definition, "B");
      expect(["string", "undefined"]).toContain(typeof replayObstacle(definition, "A"));
    }),
    { numRuns: 300 },
  );
}, 120_000);

const deep = (levels: number, wrap: (inner: Json) => Json): Json => {
  let value: Json = 1;
  for (let level = 0; level < levels; level++) value = wrap(value);
  return value;
};
const inPass = (Parameters: Json): JsonObject => ({
  StartAt: "A",
  States: { A: { Type: "Pass", Parameters, End: true } },
});

it.each<[string, JsonObject]>([
  ["nested 100,000 levels deep", inPass(deep(100_000, (inner) => [inner]))],
  ["nested deeper than the limit", inPass(deep(300, (a) => ({ a })))],
  [
    "a state called __proto__",
    JSON.parse(`{"StartAt":"__proto__","States":{"__proto__":{"Type":"Succeed"}}}`),
  ],
  ["states in a comment", { StartAt: "A", States: { A: { Type: "Succeed", Comment: { States: null } } } }],
  ["larger than the quota", inPass({ text: "x".repeat(1024 * 1024) })],
  [
    "an expression with 50,000 brackets",
    {
      QueryLanguage: "JSONata",
      StartAt: "A",
      States: { A: { Type: "Pass", Output: `{% ${"(".repeat(50_000)} %}`, End: true } },
    },
  ],
  [
    "twenty thousand invalid states",
    {
      StartAt: "A",
      States: Object.fromEntries(
        Array.from({ length: 20_000 }, (_, index) => [`${index}`, { Type: "Pass", Next: "X" }]),
      ),
    },
  ],
])("rejects hostile input in bounded time: %s", (_what, definition) => {
  const result = compile(definition);
  expect(result.ok).toBe(false);
  expect(!result.ok && result.errors.length).toBeLessThanOrEqual(100);
});

it("does not take longer for deep nesting", () => {
  const scope = (level: number): JsonObject => ({
    StartAt: `S${level}`,
    States: {
      [`S${level}`]:
        level === 0 ? { Type: "Succeed" } : { Type: "Parallel", Branches: [scope(level - 1)], End: true },
    },
  });
  expect(compile(scope(30)).ok).toBe(true);
}, 10_000);
