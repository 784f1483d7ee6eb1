import { describe, expect, it } from "vitest";
import { ARN, compiled, flow, machineOrThrow } from "../../../test/harness/asl/compiler.ts";
import { isJsonObject, type JsonObject } from "../../model/json/json.ts";
import { continueAsNewPlan } from "./continue-as-new.ts";
import { eventsUntilNextGate } from "./history-budget.ts";
import { loopingStates } from "./loops.ts";

const task = (more: JsonObject): JsonObject => ({ Type: "Task", Resource: `${ARN}f`, ...more });
const statesOf = ({ compiled }: { compiled: JsonObject }): Record<string, JsonObject> =>
  compiled.States as Record<string, JsonObject>;

const choice = (Next: string, Default: string): JsonObject => ({
  Type: "Choice",
  Choices: [{ Variable: "$.more", BooleanEquals: true, Next }],
  Default,
});
const LOOP = flow({
  First: task({ Next: "Work", Assign: { v: 1 } }),
  Work: task({ Next: "Again" }),
  Again: choice("Work", "Last"),
  Last: task({ End: true }),
});
const STRAIGHT = flow({
  First: task({ Next: "Either" }),
  Either: choice("Last", "Last"),
  Last: task({ End: true }),
});

describe("flows that can continue as new", () => {
  const names = (definition: JsonObject) =>
    loopingStates(machineOrThrow(definition).top).map(({ name }) => name);

  it("finds the states of loops, and no others", () => {
    expect(names(STRAIGHT)).toEqual([]);
    expect(names(LOOP)).toEqual(["Work", "Again"]);
    expect(
      names(flow({ A: task({ Next: "B", Retry: [] }), B: choice("B", "C"), C: task({ End: true }) })),
    ).toEqual(["B"]);
    const caught = flow({
      A: task({ Next: "B" }),
      B: task({ Catch: [{ ErrorEquals: ["States.ALL"], Next: "A" }], End: true }),
    });
    expect(names(caught)).toEqual(["A", "B"]);
    const figureOfEight = flow({
      A: choice("B", "X"),
      B: choice("A", "C"),
      C: task({ Next: "D" }),
      D: choice("C", "X"),
      X: { Type: "Succeed" },
    });
    expect(names(figureOfEight)).toEqual(["A", "B", "C", "D"]);
  });

  it("plan for every top-level gate and every top-level variable", () => {
    expect(continueAsNewPlan(machineOrThrow(LOOP))).toEqual({
      points: ["First", "Work", "Last"],
      variables: ["v"],
    });
    expect(continueAsNewPlan(machineOrThrow(STRAIGHT))).toBeUndefined();
    const ungated = flow({ A: task({ Next: "B" }), B: choice("B", "C"), C: task({ End: true }) });
    expect(continueAsNewPlan(machineOrThrow(ungated))).toBeUndefined();
  });

  it("have loops; the text of others is not changed", () => {
    const text = JSON.stringify(compiled(STRAIGHT).compiled);
    expect(text).not.toMatch(/Continuation|hand-over|growth|sluicePoint|sluiceKept/);
    expect(compiled(STRAIGHT).compiled.StartAt).toBe("Sluice gate - First");
  });
});

describe("the compiled loop", () => {
  const loop = compiled(LOOP);
  const states = statesOf(loop);

  it("begins at the flow's start, unless it continues another execution", () => {
    expect(loop.compiled.StartAt).toBe("Sluice begin");
    expect(states["Sluice begin"]).toEqual({
      Type: "Choice",
      QueryLanguage: "JSONata",
      Choices: [
        {
          Condition: "{% $substringAfter($states.context.Execution.Name,'.')='1' %}",
          Next: "Sluice gate - First",
        },
      ],
      Default: "Sluice arrive",
    });
    expect(states["Sluice arrived"]).toMatchObject({ Default: "Sluice gate - First" });
  });

  it("keeps each variable when it leaves at a top-level gate", () => {
    for (const name of ["First", "Work", "Last"]) {
      const gate = states[`Sluice gate - ${name}`] ?? {};
      const catches = (gate.Catch as JsonObject[]).filter(({ ErrorEquals }) =>
        JSON.stringify(ErrorEquals).includes("Sluice.Continuation"),
      );
      expect(catches).toEqual([
        {
          ErrorEquals: ["Sluice.Continuation"],
          Assign: { sluicePoint: name },
          Output: "{% $states.input %}",
          Next: "Sluice keep - v",
        },
      ]);
    }
    expect(states["Sluice keep - v"]).toMatchObject({ Next: "Sluice hand over" });
    expect(states["Sluice hand over"]).toMatchObject({ Next: "Sluice left" });
    expect(states["Sluice left"]).toEqual({ Type: "Succeed" });
    expect(states["Sluice complete gate"]?.Catch).not.toContainEqual(
      expect.objectContaining({ ErrorEquals: ["Sluice.Continuation"] }),
    );
  });

  it("restores the variables and continues at the gate where it left", () => {
    expect(states["Sluice restore - v"]).toMatchObject({ Assign: { v: "{% $states.result %}" } });
    const { Choices } = states["Sluice go on"] ?? {};
    expect((Choices as JsonObject[]).map(({ Next }) => Next)).toEqual([
      "Sluice gate - First",
      "Sluice gate - Work",
      "Sluice gate - Last",
    ]);
  });

  it("lists all of these states as generated", () => {
    const own = Object.keys(states).filter((name) => !loop.generated.includes(name));
    expect(own).toEqual(["First", "Work", "Again", "Last"]);
  });

  it("does the same in a replay that starts inside the loop", () => {
    const replay = compiled(LOOP, { startAt: "Work" });
    expect(statesOf(replay)["Sluice begin"]).toMatchObject({ Choices: [{ Next: "Sluice gate - Work" }] });
    expect(statesOf(replay)["Sluice hand over"]).toBeDefined();
  });
});

describe("the maximum number of events until the next gate", () => {
  const eventsOf = (name: string, States: JsonObject): number => {
    const state = machineOrThrow(flow(States)).top.states.get(name);
    if (state === undefined) throw new Error(`No ${name}`);
    return eventsUntilNextGate(state);
  };
  const end = { Type: "Succeed" };
  const map = (more: JsonObject = {}): JsonObject => ({
    Type: "Map",
    ItemProcessor: flow({ In: task({ End: true }) }, more),
    Next: "End",
  });

  it.each<[string, JsonObject, number]>([
    ["a task: its gate, itself and the end", { A: task({ Next: "End" }), End: end }, 5 + 6 + 2],
    ["a wait", { A: { Type: "Wait", Seconds: 1, Next: "End" }, End: end }, 5 + 2 + 2],
    [
      "every ungated state on any path to the next gate",
      { A: task({ Next: "B" }), B: choice("C", "D"), C: { Type: "Pass", Next: "D" }, D: task({ End: true }) },
      5 + 6 + 2 + 2,
    ],
    [
      "the maximum number of retries",
      {
        A: task({
          Next: "End",
          Retry: [{ ErrorEquals: ["X"], MaxAttempts: 5 }, { ErrorEquals: ["States.ALL"] }],
        }),
        End: end,
      },
      5 + 2 + 4 * 9 + 2,
    ],
    [
      "branches with their gates",
      {
        A: {
          Type: "Parallel",
          Branches: [flow({ L: task({ End: true }) }), flow({ R: { Type: "Pass", End: true } })],
          Next: "End",
        },
        End: end,
      },
      5 + 2 + 2 + (5 + 6) + 2 + 2,
    ],
    ["a Map: unknown", { A: map(), End: end }, 19_000],
    [
      "a loop in a branch: unknown",
      {
        A: {
          Type: "Parallel",
          Branches: [flow({ L: task({ Next: "M" }), M: choice("L", "N"), N: end })],
          Next: "End",
        },
        End: end,
      },
      19_000,
    ],
    [
      "a Distributed Map: its children have their own histories",
      { A: map({ ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" } }), End: end },
      5 + 8 + 2,
    ],
  ])("%s", (_what, states, expected) => {
    expect(eventsOf("A", states)).toBe(expected);
  });
});

describe("warnings", () => {
  const warnings = (definition: JsonObject): string[] => [...compiled(definition).warnings];

  it("none for a loop with a gate", () => {
    expect(warnings(LOOP)).toEqual([]);
  });

  it("a loop without a gate", () => {
    const ungated = flow({ A: task({ Next: "B" }), B: choice("B", "C"), C: task({ End: true }) });
    expect(warnings(ungated)).toEqual([expect.stringMatching(/^States\.B: this loop has no gate/)]);
  });

  it("a loop inside a branch", () => {
    const inside = flow({
      P: {
        Type: "Parallel",
        Branches: [flow({ L: task({ Next: "M" }), M: choice("L", "N"), N: { Type: "Succeed" } })],
        End: true,
      },
    });
    expect(warnings(inside)).toEqual([
      expect.stringMatching(/^States\.P\.Branches\[0\]\.States\.L: a loop inside a Parallel or Map/),
    ]);
  });

  it.each([
    ["JSONPath", { Parameters: { "key.$": "$$.Execution.Name" } }, 1],
    [
      "JSONata",
      { QueryLanguage: "JSONata", Arguments: { at: "{% $states.context.Execution.StartTime %}" } },
      1,
    ],
    ["the input, which does not change", { Parameters: { "first.$": "$$.Execution.Input.id" } }, 0],
  ])("a state that reads a value that differs in a fresh execution: %s", (_what, more: JsonObject, count) => {
    const definition = JSON.parse(JSON.stringify(LOOP)) as JsonObject;
    const { States } = definition;
    if (isJsonObject(States)) States.Work = task({ Next: "Again", ...more });
    expect(warnings(definition)).toEqual(
      Array(count).fill(expect.stringMatching(/^States\.Work: reads the name, ARN or start time/)),
    );
  });

  it("a variable that cannot be kept", () => {
    const definition = flow({
      Work: task({ Next: "Again", Catch: [{ ErrorEquals: ["X"], Assign: { v: 1 }, Next: "Each" }] }),
      Each: {
        Type: "Map",
        ItemProcessor: flow({ In: { Type: "Pass", Assign: { v: 2 }, End: true } }),
        Next: "Again",
      },
      Again: choice("Work", "End"),
      End: { Type: "Succeed" },
    });
    expect(warnings(definition)).toContainEqual(
      expect.stringMatching(/^The variable "v" is also assigned inside/),
    );
    expect(continueAsNewPlan(machineOrThrow(definition))?.variables).toEqual([]);
  });
});
