import { describe, expect, it } from "vitest";
import { ARN, flow } from "../../../test/harness/asl/compiler.ts";
import type { JsonObject } from "../../model/json/json.ts";
import { machineOf } from "../parse/graph.ts";
import { isLastByCompleting, stepsBeforeIn } from "./steps-before.ts";

const task = (more: JsonObject): JsonObject => ({ Type: "Task", Resource: `${ARN}f`, ...more });
const catchTo = (Next: string) => ({ Catch: [{ ErrorEquals: ["States.ALL"], Next }] });
const choice = (Next: string, more: JsonObject = {}): JsonObject => ({
  Type: "Choice",
  Choices: [{ Variable: "$.x", IsPresent: true, Next }],
  Default: Next,
  ...more,
});

const stepsAt = (states: JsonObject, target: string | undefined) => {
  const machine = machineOf(flow(states));
  if (machine === undefined) throw new Error("No machine");
  return stepsBeforeIn(machine.top)(target);
};
const ONLY_END = { End: true };

describe("the steps before a state", () => {
  it.each<[string, JsonObject, readonly string[], readonly string[]]>([
    ["straight", { A: task({ Next: "Z" }), Z: task(ONLY_END) }, ["A"], []],
    ["through a Choice", { A: task({ Next: "C" }), C: choice("Z"), Z: task(ONLY_END) }, ["A"], []],
    [
      "through a Choice and a Pass that change nothing",
      {
        A: task({ Next: "C" }),
        C: choice("P"),
        P: { Type: "Pass", Assign: { v: 1 }, Next: "Z" },
        Z: task(ONLY_END),
      },
      ["A"],
      [],
    ],
    [
      "through an InputPath",
      { A: task({ Next: "C" }), C: choice("Z", { InputPath: "$.x" }), Z: task(ONLY_END) },
      [],
      ["A"],
    ],
    [
      "through a Result",
      { A: task({ Next: "P" }), P: { Type: "Pass", Result: 1, Next: "Z" }, Z: task(ONLY_END) },
      [],
      ["A"],
    ],
    [
      "through a step without a gate",
      { A: task({ Next: "U" }), U: task({ Next: "Z", Sluice: { Gate: "none" } }), Z: task(ONLY_END) },
      [],
      ["A"],
    ],
    [
      "by two ways, one of which changes the value",
      {
        A: task({ Next: "C" }),
        C: { ...choice("Z"), Default: "P" },
        P: { Type: "Pass", Result: 1, Next: "Z" },
        Z: task(ONLY_END),
      },
      [],
      ["A"],
    ],
    [
      "a caught error leads there too",
      { A: task({ Next: "Z", ...catchTo("Z") }), Z: task(ONLY_END) },
      [],
      [],
    ],
    [
      "a caught error leads there through a Pass",
      {
        A: task({ Next: "Z", ...catchTo("P") }),
        P: { Type: "Pass", Next: "C" },
        C: choice("Z"),
        Z: task(ONLY_END),
      },
      [],
      [],
    ],
    [
      "a caught error leads to another step first",
      { A: task({ Next: "Z", ...catchTo("B") }), B: task({ Next: "Z" }), Z: task(ONLY_END) },
      ["A", "B"],
      [],
    ],
    [
      "a caught error of a step without a gate leads there",
      {
        A: task({ Next: "U" }),
        U: task({ Next: "Z", Sluice: { Gate: "none" }, ...catchTo("Z") }),
        Z: task(ONLY_END),
      },
      [],
      ["A"],
    ],
    [
      "a loop",
      {
        A: task({ Next: "Z" }),
        Z: task({ Next: "C" }),
        C: { ...choice("Z"), Default: "E" },
        E: { Type: "Succeed" },
      },
      ["A", "Z"],
      [],
    ],
  ])("%s", (_name, states, exact, changed) => {
    expect(stepsAt(states, "Z")).toEqual({ exact, changed });
  });

  it("the end of the flow is reached through End, a Succeed and a Pass", () => {
    const states = {
      A: task({ Next: "C" }),
      C: { ...choice("S"), Default: "B" },
      S: { Type: "Succeed", OutputPath: "$.x" },
      B: task({ Next: "T" }),
      T: { Type: "Succeed" },
    };
    expect(stepsAt(states, undefined)).toEqual({ exact: ["B"], changed: ["A"] });
  });
});

describe("the last step of a branch", () => {
  const inner = (state: JsonObject, container: JsonObject = {}, more: JsonObject = {}) => {
    const machine = machineOf(
      flow({ M: { Type: "Map", ItemProcessor: flow({ L: state, ...more }), ...container, End: true } }),
    );
    const found = machine?.all.find(({ name }) => name === "L");
    if (found === undefined) throw new Error("No step");
    return isLastByCompleting(found, stepsBeforeIn(found.scope));
  };
  it.each<[string, boolean, boolean]>([
    ["completed if the state around it did", inner(task(ONLY_END)), true],
    [
      "may have failed in a Map that tolerates it",
      inner(task(ONLY_END), { ToleratedFailurePercentage: 10 }),
      false,
    ],
    [
      "may have failed if a Pass handles its error",
      inner(task({ End: true, ...catchTo("P") }), {}, { P: { Type: "Pass", End: true } }),
      false,
    ],
    [
      "completed if another step handles its error",
      inner(task({ End: true, ...catchTo("H") }), {}, { H: task(ONLY_END) }),
      true,
    ],
  ])("%s", (_name, actual, expected) => expect(actual).toBe(expected));
});
