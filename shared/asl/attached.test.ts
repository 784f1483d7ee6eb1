import { describe, expect, it } from "vitest";
import { flow } from "../../test/harness/asl/compiler.ts";
import { isJsonObject, type JsonObject } from "../model/json/json.ts";
import { compileFlow } from "./compile.ts";

const FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:";
const GATE = "sluice-gate:ws-acme";
const PARK = "sluice-park:ws-acme";

const compile = (definition: JsonObject, whenUnreachable: "pass" | "fail" = "pass") =>
  compileFlow({
    definition,
    constants: { workspace: "acme", flowId: "orders", incarnation: "abcdefghijklmnop", version: 3 },
    functions: { gate: FUNCTION + GATE, park: FUNCTION + PARK, humanStep: "", continueAsNew: "" },
    attached: { whenUnreachable },
  });
const textOf = (definition: JsonObject, whenUnreachable?: "pass" | "fail"): JsonObject => {
  const result = compile(definition, whenUnreachable);
  if (!result.ok) throw new Error(JSON.stringify(result.errors));
  return result.compiled;
};
const statesOf = (text: JsonObject): Record<string, JsonObject> =>
  text["States"] as Record<string, JsonObject>;
const task = (more: JsonObject = {}): JsonObject => ({
  Type: "Task",
  Resource: `${FUNCTION}charge`,
  ...more,
});

/** Every state, in branches too, by name. */
const everyState = (text: JsonObject): Map<string, JsonObject> => {
  const found = new Map<string, JsonObject>();
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(visit);
    if (!isJsonObject(value as never)) return;
    const object = value as JsonObject;
    if (isJsonObject(object["States"] as never))
      for (const [name, state] of Object.entries(object["States"] as Record<string, JsonObject>))
        found.set(name, state);
    Object.values(object).forEach(visit);
  };
  visit(text);
  return found;
};

const catchersOf = (state: JsonObject | undefined): JsonObject[] => {
  const { Catch: catchers } = state ?? {};
  return Array.isArray(catchers) ? (catchers as JsonObject[]) : [];
};

const ENDING = [
  "Sluice.NotARun",
  "Sluice.RunIsOver",
  "Sluice.FlowHeld",
  "Sluice.TimedOut",
  "Sluice.GateUnreachable",
];
const NESTED = flow({
  Both: {
    Type: "Parallel",
    Branches: [
      flow({
        Inner: {
          Type: "Map",
          ItemProcessor: flow({ Charge: task({ End: true }) }),
          Retry: [{ ErrorEquals: ["States.ALL"] }],
          Catch: [{ ErrorEquals: ["States.ALL"], Next: "Saved" }],
          End: true,
        },
        Saved: { Type: "Pass", End: true },
      }),
    ],
    Catch: [{ ErrorEquals: ["States.ALL"], Next: "Late" }],
    End: true,
  },
  Late: { Type: "Pass", End: true },
});

describe("the compiled text of an attached flow", () => {
  it("is the same for the same input, and leaves the user's tasks to the machine's own role", () => {
    const text = textOf(NESTED);
    expect(text).toEqual(textOf(structuredClone(NESTED)));
    expect(JSON.stringify(text)).not.toContain("Credentials");
    expect(everyState(text).get("Charge")).toEqual(task({ End: true }));
  });

  it("calls the workspace's aliases, and sends the identity of its execution", () => {
    for (const [name, state] of everyState(textOf(NESTED))) {
      const call = (state["Arguments"] ?? {}) as JsonObject;
      if (call["FunctionName"] === undefined) continue;
      expect([GATE, PARK]).toContain(call["FunctionName"]);
      expect([name, JSON.stringify(call["Payload"])]).toEqual([
        name,
        expect.stringMatching(
          /context\.Execution\.\{'incarnation':'abcdefghijklmnop','version':3,'startedAt':StartTime,'redrives':RedriveCount\}/,
        ),
      ]);
    }
  });

  it("lets the errors that end an execution bypass the user's Retry and Catch", () => {
    const states = everyState(textOf(NESTED));
    for (const name of ["Both", "Inner"]) {
      const [first] = catchersOf(states.get(name));
      expect(first?.["ErrorEquals"]).toEqual(ENDING);
      expect(states.get(String(first?.["Next"]))?.["Type"]).toBe(name === "Both" ? "Pass" : "Fail");
    }
    const { Retry: retriers } = states.get("Inner") ?? {};
    expect((retriers as JsonObject[])[0]).toEqual({ ErrorEquals: ENDING, MaxAttempts: 0 });
    expect(states.get("Sluice end - Inner")).toEqual({
      Type: "Fail",
      ErrorPath: "$.Error",
      CausePath: "$.Cause",
    });
  });

  it.each([
    ["pass", "Ship"],
    ["fail", "Sluice unreachable"],
  ] as const)(
    "gives up on a gate that cannot be called, with whenUnreachable %s",
    (whenUnreachable, next) => {
      const order = flow({ Charge: task({ Next: "Ship" }), Ship: task({ End: true }) });
      const states = statesOf(textOf(order, whenUnreachable));
      const gone = (state: JsonObject | undefined) => catchersOf(state).at(-1);
      expect(gone(states["Sluice gate - Ship"])).toMatchObject({
        ErrorEquals: [
          "Lambda.ResourceNotFoundException",
          "Lambda.AccessDeniedException",
          "Lambda.AWSLambdaException",
        ],
        Next: next,
      });
      expect(gone(states["Sluice complete gate"])?.["Next"]).toBe(
        whenUnreachable === "pass" ? "Sluice done" : "Sluice unreachable",
      );
      // The error of the execution is unchanged.
      expect(states[String(gone(states["Sluice fail"])?.["Next"])]?.["Type"]).toBe("Fail");
      // Only the first gate knows whether the execution was to begin elsewhere.
      const first = String(gone(states["Sluice gate - Charge"])?.["Next"]);
      if (whenUnreachable === "fail") expect(first).toBe("Sluice unreachable");
      else expect(states[first]).toMatchObject({ Type: "Choice", Default: "Charge" });
      expect(gone(states["Sluice arrive"])?.["Next"]).toBe("Sluice unreachable");
    },
  );

  it("leads an execution that continues a run from its first gate to the place of the run", () => {
    const order = flow({
      Prepare: { Type: "Pass", Next: "Which" },
      Which: {
        Type: "Choice",
        Choices: [{ Variable: "$.n", NumericEquals: 1, Next: "Charge" }],
        Default: "Done",
      },
      Charge: task({ Next: "Ship" }),
      Ship: task({ End: true }),
      Done: { Type: "Succeed" },
    });
    const text = textOf(order);
    const states = statesOf(text);
    // No execution enters a state more before its first gate.
    expect(text["StartAt"]).toBe("Prepare");
    const leads = Object.keys(states).filter((name) =>
      catchersOf(states[name]).some(({ ErrorEquals: errors }) => String(errors) === "Sluice.Arrival"),
    );
    expect(leads.sort()).toEqual(["Sluice complete gate", "Sluice gate - Charge"]);
    const { Choices: places, Default } = states["Sluice go on"] as { Choices: JsonObject[]; Default: string };
    expect(places.map(({ Next }) => Next)).toEqual([
      ...["Prepare", "Which", "Sluice gate - Charge", "Sluice gate - Ship", "Done", "Sluice complete gate"],
    ]);
    expect(states[Default]).toMatchObject({ Type: "Fail", Error: "Sluice.NotARun" });
  });

  it("cannot lead anywhere if a step without a gate comes first", () => {
    const free = { Sluice: { Gate: "none" } };
    const text = textOf(flow({ Free: task({ ...free, Next: "Charge" }), Charge: task({ End: true }) }));
    expect(JSON.stringify(text)).not.toContain("Sluice.Arrival");
    expect(Object.keys(statesOf(text))).not.toContain("Sluice arrive");
  });

  it("keeps a loop in one execution, and warns about it", () => {
    const loop = flow({
      Work: task({ Next: "Again" }),
      Again: {
        Type: "Choice",
        Choices: [{ Variable: "$.more", BooleanEquals: true, Next: "Work" }],
        Default: "End",
      },
      End: { Type: "Succeed" },
    });
    const result = compile(loop);
    expect(result).toMatchObject({
      ok: true,
      warnings: [expect.stringMatching(/^States\.Work: this loop must end within one execution/)],
    });
    expect(JSON.stringify(result)).not.toContain("hand over");
  });

  it.each<[string, JsonObject, string]>([
    [
      "an approval",
      { Type: "Task", Resource: "arn:sluice:::approval", Parameters: { Title: "OK?" }, End: true },
      "States.A.Resource",
    ],
    ["an inline gate", task({ Sluice: { Gate: "inline" }, End: true }), "States.A.Sluice.Gate"],
    ["permissions of a user", task({ Sluice: { Requires: ["pay"] }, End: true }), "States.A.Sluice.Requires"],
    [
      "a form",
      {
        ...{ Type: "Task", Resource: "arn:sluice:::form", End: true },
        Parameters: { Title: "OK?", Form: { type: "object" } },
      },
      "States.A.Resource",
    ],
  ])("cannot have %s", (_what, state, path) => {
    expect(compile(flow({ A: state }))).toMatchObject({ ok: false, errors: [{ path }] });
  });

  it("cannot continue as new, even if the definition asks for it", () => {
    const asking = { ...flow({ A: task({ End: true }) }), Sluice: { ContinueAsNew: true } };
    expect(compile(asking)).toMatchObject({
      ok: false,
      errors: [{ path: "Sluice.ContinueAsNew", message: expect.stringContaining("stays in its execution") }],
    });
  });

  it("can have a cost, and steps without gates", () => {
    const gated = (sluice: JsonObject) => {
      const text = textOf(flow({ A: task({ Sluice: sluice, End: true }) }));
      return { text: JSON.stringify(text), names: Object.keys(statesOf(text)) };
    };
    const paid = gated({ Cost: 2 });
    expect(paid.names).toContain("Sluice gate - A");
    expect(paid.text).toContain("'cost':2");
    const free = gated({ Gate: "none" });
    expect(free.names).not.toContain("Sluice gate - A");
    for (const { text } of [paid, free]) expect(text).not.toContain('"Sluice":');
  });

  it("warns that the children of a Distributed Map have no gates", () => {
    const children = {
      ...{ Type: "Map", End: true },
      ItemProcessor: {
        ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
        ...flow({ Child: task({ End: true }) }),
      },
    };
    const result = compile(flow({ Each: children }));
    expect(result).toMatchObject({
      ok: true,
      warnings: [expect.stringMatching(/^States\.Each: the children .* have no gates/)],
    });
    expect(JSON.stringify(result)).not.toContain("gate - Child");
  });

  it("cannot have gates already", () => {
    const result = compile(textOf(flow({ Charge: task({ End: true }) })));
    expect(result).toMatchObject({
      ok: false,
      errors: expect.arrayContaining([
        expect.objectContaining({ message: expect.stringContaining("already has gates") }),
      ]),
    });
  });
});
