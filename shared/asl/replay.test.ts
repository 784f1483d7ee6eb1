import { expect, it } from "vitest";
import { ARN, compile, compiled } from "../../test/harness/asl/compiler.ts";
import type { JsonObject } from "../model/json/json.ts";
import { statesAhead, topLevelStateOf } from "./parse/graph.ts";
import { replayObstacle } from "./replay.ts";

const task = (Next: string, fields: JsonObject = {}): JsonObject => ({
  Type: "Task",
  Resource: `${ARN}f`,
  Next,
  ...fields,
});
const flow = (...states: [string, JsonObject][]): JsonObject => ({
  StartAt: states[0]?.[0] ?? "",
  States: Object.fromEntries(states),
});
const END: [string, JsonObject] = ["Done", { Type: "Succeed" }];

const ORDER = flow(
  ["Check", task("Fan", { Catch: [{ ErrorEquals: ["X"], Next: "Refuse" }], Sluice: { Requires: ["a"] } })],
  [
    "Fan",
    {
      Type: "Parallel",
      Next: "Done",
      Branches: [
        flow(["In", { Type: "Task", Resource: `${ARN}f`, Sluice: { Requires: ["b", "c"] }, End: true }]),
      ],
    },
  ],
  ["Refuse", { Type: "Fail" }],
  END,
);

it("finds the top-level state that contains a state", () => {
  expect(topLevelStateOf(ORDER, "In")).toBe("Fan");
  expect(topLevelStateOf(ORDER, "Check")).toBe("Check");
  expect(topLevelStateOf(ORDER, "Nowhere")).toBeUndefined();
});

it("lists the states that a run can still reach", () => {
  const ahead = (state?: string, entered = false) =>
    Object.fromEntries(
      statesAhead(ORDER, state === undefined ? undefined : { state, entered }).map(({ name, requires }) => [
        name,
        requires,
      ]),
    );
  expect(ahead()).toEqual({ Check: ["a"], Fan: [], In: ["b", "c"], Refuse: [], Done: [] });
  expect(ahead("In")).toEqual({ Fan: [], In: ["b", "c"], Done: [] });
  expect(ahead("Done")).toEqual({ Done: [] });
  expect(ahead("Nowhere")).toEqual({});
  // Past its own gate, a step is ahead only if the flow loops back to it. Its contents may not have begun.
  expect(ahead("Check", true)).toEqual({ Fan: [], In: ["b", "c"], Refuse: [], Done: [] });
  expect(ahead("Fan", true)).toEqual({ In: ["b", "c"], Done: [] });
  const round = flow(["A", task("B", { Sluice: { Requires: ["a"] } })], ["B", task("A")]);
  expect(statesAhead(round, { state: "A", entered: true }).map(({ name }) => name)).toEqual(["A", "B"]);
});

it.each<[string, JsonObject, string, RegExp | undefined]>([
  ["a plain state", ORDER, "Fan", undefined],
  ["no such state", ORDER, "Nowhere", /no state "Nowhere"/],
  ["a nested state", ORDER, "In", /inside "Fan"/],
  [
    "a variable that is needed",
    flow(["A", task("B", { Assign: { v: 1 } })], ["B", task("Done", { Parameters: { "x.$": "$v" } })], END),
    "B",
    /"B" needs the variable "v"/,
  ],
  [
    "a variable that is not needed",
    flow(["A", task("B", { Assign: { v: 1 } })], ["B", task("Done", { Parameters: { "x.$": "$vv" } })], END),
    "B",
    undefined,
  ],
  [
    "a variable assigned later",
    flow(
      ["A", task("B")],
      ["B", task("C", { Assign: { v: 1 } })],
      ["C", task("Done", { Parameters: { "x.$": "$v" } })],
      END,
    ),
    "B",
    undefined,
  ],
  [
    "a variable assigned in a loop",
    flow(
      ["A", task("C", { Assign: { v: 1 } })],
      ["C", { Type: "Choice", Choices: [{ Variable: "$v", IsNull: true, Next: "A" }], Default: "Done" }],
      END,
    ),
    "A",
    /needs the variable/,
  ],
  [
    "a variable assigned by a catcher",
    flow(
      ["A", task("B", { Catch: [{ ErrorEquals: ["X"], Assign: { "v.$": "$" }, Next: "B" }] })],
      ["B", task("Done", { QueryLanguage: "JSONata", Arguments: { x: "{% $v.Error %}" } })],
      END,
    ),
    "B",
    /needs the variable/,
  ],
  [
    "the execution's input later",
    flow(["A", task("B")], ["B", task("Done", { InputPath: "$$.Execution.Input" })], END),
    "B",
    /reads the execution's input/,
  ],
  [
    "the whole context later",
    flow(["A", task("B")], ["B", task("Done", { Parameters: { "c.$": "$$" } })], END),
    "B",
    /reads the execution's input/,
  ],
  [
    "the execution's input in JSONata",
    flow(
      ["A", task("B")],
      [
        "B",
        task("Done", {
          QueryLanguage: "JSONata",
          Arguments: { x: "{% $states.context.Execution.Input.n %}" },
        }),
      ],
      END,
    ),
    "B",
    /reads the execution's input/,
  ],
  [
    "the execution's input before",
    flow(["A", task("B", { InputPath: "$$.Execution.Input" })], ["B", task("Done")], END),
    "B",
    undefined,
  ],
  [
    "other parts of the context",
    flow(
      ["A", task("B")],
      ["B", task("Done", { Parameters: { "n.$": "$$.Execution.Name", "t.$": "$$.State.EnteredTime" } })],
      END,
    ),
    "B",
    undefined,
  ],
])("decides whether a replay can start at a state: %s", (_what, definition, state, expected) => {
  const obstacle = replayObstacle(definition, state);
  if (expected === undefined) expect(obstacle).toBeUndefined();
  else expect(obstacle).toMatch(expected);
});

it("compiles a machine that begins at the state's gate, without the states that it cannot reach", () => {
  const { compiled: machine, generated } = compiled(ORDER, { startAt: "Fan" });
  expect(machine.StartAt).toBe("Sluice gate - Fan");
  const states = Object.keys(machine.States ?? {});
  expect(states.filter((name) => !generated.includes(name))).toEqual(["Fan", "Done"]);
});

it("rejects a replay that cannot start at the state", () => {
  expect(compile(ORDER, { startAt: "In" })).toEqual({
    ok: false,
    errors: [{ path: "States.In", message: expect.stringContaining(`inside "Fan"`) }],
  });
});
