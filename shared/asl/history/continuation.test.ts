import { describe, expect, it } from "vitest";
import { isJsonObject, type JsonObject } from "../../model/json/json.ts";
import { type Compilation, compileFlow } from "../compile.ts";
import type { Machine } from "../parse/machine.ts";
import { readMachine } from "../parse/parse.ts";
import { continuationOf } from "./continuation.ts";
import { growthOf } from "./history-events.ts";
import { loopingStates } from "./loops.ts";

const ARN = "arn:aws:lambda:eu-west-1:123456789012:function:";
const task = (more: JsonObject): JsonObject => ({ Type: "Task", Resource: `${ARN}f`, ...more });
const flow = (States: JsonObject, more: JsonObject = {}): JsonObject => ({
  StartAt: Object.keys(States)[0] ?? "",
  States,
  ...more,
});
const machine = (definition: JsonObject): Machine => {
  const read = readMachine(definition, (path, message) => {
    throw new Error(`${path}: ${message}`);
  });
  if (read === undefined) throw new Error("No machine");
  return read;
};
const compile = (definition: JsonObject, startAt?: string): Extract<Compilation, { ok: true }> => {
  const result = compileFlow({
    definition,
    constants: { workspace: "acme", flowId: "order", incarnation: "i-1", version: 2 },
    functions: {
      gate: `${ARN}sluice-gate`,
      park: `${ARN}sluice-park`,
      humanStep: `${ARN}sluice-human-step`,
      continueAsNew: `${ARN}sluice-hand-over`,
    },
    ...(startAt === undefined ? {} : { startAt }),
  });
  if (!result.ok) throw new Error(JSON.stringify(result.errors));
  return result;
};
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

describe("which flows can go on in a fresh execution", () => {
  const names = (definition: JsonObject) => loopingStates(machine(definition).top).map(({ name }) => name);

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

  it("takes every gate of the top level, and the variables that are assigned there", () => {
    expect(continuationOf(machine(LOOP))).toEqual({ points: ["First", "Work", "Last"], variables: ["v"] });
    expect(continuationOf(machine(STRAIGHT))).toBeUndefined();
    const ungated = flow({ A: task({ Next: "B" }), B: choice("B", "C"), C: task({ End: true }) });
    expect(continuationOf(machine(ungated))).toBeUndefined();
  });

  it("leaves the text of a flow without loops as it was", () => {
    const text = JSON.stringify(compile(STRAIGHT).compiled);
    expect(text).not.toMatch(/Continuation|hand-over|growth|sluicePoint|sluiceKept/);
    expect(compile(STRAIGHT).compiled.StartAt).toBe("Sluice gate - First");
  });
});

describe("the compiled loop", () => {
  const compiled = compile(LOOP);
  const states = statesOf(compiled);

  it("begins by looking whether it goes on, and at the flow's start where it does not", () => {
    expect(compiled.compiled.StartAt).toBe("Sluice begin");
    expect(states["Sluice begin"]).toEqual({
      Type: "Choice",
      QueryLanguage: "JSONata",
      Choices: [
        {
          Condition: `{% $substringAfter($states.context.Execution.Name, ".") = "1" %}`,
          Next: "Sluice gate - First",
        },
      ],
      Default: "Sluice arrive",
    });
    expect(states["Sluice arrived"]).toMatchObject({ Default: "Sluice gate - First" });
  });

  it("lets each gate of the top level lead out, keeping each variable on the way", () => {
    for (const name of ["First", "Work", "Last"]) {
      const gate = states[`Sluice gate - ${name}`] ?? {};
      const catches = (gate.Catch as JsonObject[]).filter(({ ErrorEquals }) =>
        JSON.stringify(ErrorEquals).includes("Sluice.Continuation"),
      );
      expect(catches).toEqual([
        {
          ErrorEquals: ["Sluice.Continuation"],
          Assign: { sluicePoint: `{% "${name}" %}` },
          Output: "{% $states.input %}",
          Next: "Sluice keep - v",
        },
      ]);
    }
    expect(states["Sluice keep - v"]).toMatchObject({ Next: "Sluice hand over" });
    expect(states["Sluice hand over"]).toMatchObject({ Next: "Sluice closed" });
    expect(states["Sluice closed"]).toMatchObject({ Type: "Succeed" });
    expect(states["Sluice complete gate"]?.Catch).not.toContainEqual(
      expect.objectContaining({ ErrorEquals: ["Sluice.Continuation"] }),
    );
  });

  it("leads from what was kept to the gate where it left", () => {
    expect(states["Sluice restore - v"]).toMatchObject({ Assign: { v: "{% $states.result %}" } });
    const { Choices } = states["Sluice go on"] ?? {};
    expect((Choices as JsonObject[]).map(({ Next }) => Next)).toEqual([
      "Sluice gate - First",
      "Sluice gate - Work",
      "Sluice gate - Last",
    ]);
  });

  it("shows none of it as the user's", () => {
    const own = Object.keys(states).filter((name) => !compiled.generated.includes(name));
    expect(own).toEqual(["First", "Work", "Again", "Last"]);
  });

  it("does the same in a replay that begins inside the loop", () => {
    const replay = compile(LOOP, "Work");
    expect(statesOf(replay)["Sluice begin"]).toMatchObject({ Choices: [{ Next: "Sluice gate - Work" }] });
    expect(statesOf(replay)["Sluice hand over"]).toBeDefined();
  });
});

describe("how much a history grows before the next gate", () => {
  const growth = (name: string, States: JsonObject): number => {
    const state = machine(flow(States)).top.states.get(name);
    if (state === undefined) throw new Error(`No ${name}`);
    return growthOf(state);
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
      "what stands before the next gate, on every way",
      { A: task({ Next: "B" }), B: choice("C", "D"), C: { Type: "Pass", Next: "D" }, D: task({ End: true }) },
      5 + 6 + 2 + 2,
    ],
    [
      "retries, as many as there may be",
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
    ["a Map: nobody knows", { A: map(), End: end }, 19_000],
    [
      "a loop in a branch: nobody knows",
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
      "a Distributed Map: its children have histories of their own",
      { A: map({ ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" } }), End: end },
      5 + 8 + 2,
    ],
  ])("%s", (_what, states, expected) => {
    expect(growth("A", states)).toBe(expected);
  });
});

describe("publish warns", () => {
  const warnings = (definition: JsonObject): string[] => [...compile(definition).warnings];

  it("of nothing where a loop passes a gate", () => {
    expect(warnings(LOOP)).toEqual([]);
  });

  it("of a loop without a gate", () => {
    const ungated = flow({ A: task({ Next: "B" }), B: choice("B", "C"), C: task({ End: true }) });
    expect(warnings(ungated)).toEqual([expect.stringMatching(/^States\.B: this loop passes no gate/)]);
  });

  it("of a loop inside a branch", () => {
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
    ["its input, which stays", { Parameters: { "first.$": "$$.Execution.Input.id" } }, 0],
  ])("of what differs in a fresh execution: %s", (_what, more: JsonObject, count) => {
    const definition = JSON.parse(JSON.stringify(LOOP)) as JsonObject;
    const { States } = definition;
    if (isJsonObject(States)) States.Work = task({ Next: "Again", ...more });
    expect(warnings(definition)).toEqual(
      Array(count).fill(expect.stringMatching(/^States\.Work: it reads the execution's name, ARN or start/)),
    );
  });

  it("of a variable that cannot be taken along", () => {
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
      expect.stringMatching(/^The variable "v" is assigned inside/),
    );
    expect(continuationOf(machine(definition))?.variables).toEqual([]);
  });
});
