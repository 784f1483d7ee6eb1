import { describe, expect, it } from "vitest";
import { END, readScope, START } from "../../../graph/states.ts";
import { pathTaken } from "./path-taken.ts";
import { type TreeStep, treeOf } from "./tree.ts";

const task = (more: object) => ({ Type: "Task", Resource: "arn:aws:lambda:::function:f", ...more });
const rule = (Next: string) => ({ Variable: "$.n", NumericEquals: 1, Next });
const FLOW = readScope({
  StartAt: "Begin",
  States: {
    Begin: { Type: "Pass", Next: "A" },
    A: task({ Next: "Large?", Catch: [{ ErrorEquals: ["States.ALL"], Next: "Sorry" }] }),
    "Large?": { Type: "Choice", Choices: [rule("Approve"), rule("Round")], Default: "Note" },
    Approve: task({ Next: "Ship" }),
    Round: { Type: "Pass", Next: "Ship" },
    Note: { Type: "Pass", Next: "Ship" },
    Ship: task({ Next: "Good?" }),
    "Good?": { Type: "Choice", Choices: [rule("Bad")], Default: "Done" },
    Done: { Type: "Succeed" },
    Bad: { Type: "Fail" },
    Sorry: { Type: "Pass", End: true },
  },
});
const steps = (...names: readonly (string | Partial<TreeStep>)[]): TreeStep[] =>
  names.map((one, n) => ({
    ...{ stepId: `s${n}`, seq: n + 1, name: "", type: "Task", status: "completed" as const },
    ...{ startedAt: new Date(n * 1_000).toISOString(), endedAt: new Date(n * 1_000 + 500).toISOString() },
    ...(typeof one === "string" ? { name: one } : one),
  })) as TreeStep[];
const taken = (
  list: readonly TreeStep[],
  outcome: { state?: string; hasEnded?: boolean } = {},
  scope = FLOW,
) => {
  const { edges, states } = pathTaken(scope, treeOf(list), { hasEnded: false, ...outcome });
  const shown = (edge: string) => (JSON.parse(edge) as string[]).map(nameOf).join(" > ");
  return { edges: [...edges].map(shown).sort(), states: [...states].sort() };
};
const nameOf = (name: string) => (name === START ? "start" : name === END ? "end" : name);

describe("the way that a run took", () => {
  it("leads through the Choice to the step that followed, and to the end", () => {
    expect(taken(steps("A", "Approve", "Ship"), { hasEnded: true })).toEqual({
      edges: [
        ...["A > Large?", "Approve > Ship", "Begin > A", "Done > end", "Good? > Done"],
        ...["Large? > Approve", "Ship > Good?", "start > Begin"],
      ],
      states: ["Begin", "Done", "Good?", "Large?"],
    });
  });

  it("leaves out what is not known: which of two ways without a step led there", () => {
    expect(taken(steps("A", "Ship"))).toEqual({
      edges: ["A > Large?", "Begin > A", "start > Begin"],
      states: ["Begin", "Large?"],
    });
  });

  it("follows a caught error, and no other way, from a step that failed", () => {
    const { edges } = taken(steps({ name: "A", status: "failed" }), { hasEnded: true });
    expect(edges).toEqual(["A > Sorry", "Begin > A", "Sorry > end", "start > Begin"]);
  });

  it("ends at the Fail that failed the run, and before the state at which it is paused", () => {
    expect(taken(steps("A", "Approve", "Ship"), { state: "Bad" }).edges).toContain("Good? > Bad");
    expect(taken(steps("A"), { state: "Approve" }).edges).toContain("Large? > Approve");
    expect(taken([], { state: "A" }).edges).toEqual(["Begin > A", "start > Begin"]);
  });

  it("adds up the iterations of a Map, each on its own way", () => {
    const inner = {
      StartAt: "Kind?",
      States: {
        "Kind?": { Type: "Choice", Choices: [rule("X")], Default: "Y" },
        X: task({ End: true }),
        Y: task({ Next: "Z" }),
        Z: task({ End: true }),
      },
    };
    const scope = readScope({
      StartAt: "Each",
      States: { Each: { Type: "Map", ItemProcessor: inner, End: true } },
    });
    const map = { name: "Each", type: "Map", status: "running" } as const;
    const way = taken(
      steps(map, { name: "X", branch: "Each[0]" }, { name: "Y", branch: "Each[1]" }),
      {},
      scope,
    );
    expect(way.edges).toEqual(["Kind? > X", "Kind? > Y", "start > Each", "start > Kind?"]);
    expect(way.states).toEqual(["Kind?"]);
  });
});
