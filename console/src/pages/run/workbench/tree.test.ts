import { describe, expect, it } from "vitest";
import { rowsOf, type TreeNode, type TreeStep, toggledToShow, treeOf } from "./tree.ts";

let seq = 0;
const step = (name: string, more: Partial<TreeStep> & { at?: number; for?: number } = {}): TreeStep => {
  seq += 1;
  const { at = seq, for: length = 1, ...rest } = more;
  const time = (seconds: number) => new Date(seconds * 1_000).toISOString();
  const ended = rest.status === "running" || rest.status === "waiting" ? {} : { endedAt: time(at + length) };
  return {
    ...{ stepId: `${name}${seq}`, seq, name, type: "Task", status: "completed", startedAt: time(at) },
    ...ended,
    ...rest,
  };
};
const shape = (node: TreeNode<TreeStep>): unknown =>
  node.inside.length === 0 ? node.label : { [node.label]: node.inside.map(shape) };

describe("the tree of a run's steps", () => {
  it("puts iterations into their Map, and branches into their Parallel, in their order", () => {
    const { roots } = treeOf([
      step("Fan", { type: "Parallel", at: 1 }),
      step("B", { branch: "Fan[1]", at: 1 }),
      step("Each", { type: "Map", branch: "Fan[0]", at: 1 }),
      step("Pack", { branch: "Fan[0]/Each[1]", at: 2 }),
      step("Pack", { branch: "Fan[0]/Each[0]", at: 3 }),
      step("Seal", { branch: "Fan[0]/Each[0]", at: 4 }),
      step("Ship", { at: 9 }),
    ]);
    expect(roots.map(shape)).toEqual([
      { Fan: [{ Each: [{ "Each [0]": ["Pack", "Seal"] }, "Pack [1]"] }, "B"] },
      "Ship",
    ]);
  });

  it("counts the items of a Map, those that failed, and those that are open", () => {
    const note = (statuses: readonly TreeStep["status"][]) => {
      const map = step("Each", { type: "Map", at: 1 });
      const items = statuses.map((status, n) => step("Pack", { branch: `Each[${n}]`, status, at: 2 }));
      return treeOf([map, ...items]).roots[0]?.note;
    };
    expect(note(Array(150).fill("completed"))).toBe("150 items");
    expect(note(["completed", "failed", "failed", "running"])).toBe("2 of 4 failed");
    expect(note(["completed", "running", "waiting"])).toBe("2 of 3 open");
    expect(note([])).toBeUndefined();
    const children = { total: 5_000, succeeded: 4_990, failed: 7, running: 2, parked: 1 };
    expect(treeOf([step("Each", { type: "Map", children })]).roots[0]?.note).toBe("7 of 5,000 failed");
  });

  it("gives steps to the visit of a loop's Map that began before them", () => {
    const { roots } = treeOf([
      step("Each", { type: "Map", at: 1 }),
      step("Pack", { branch: "Each[0]", at: 2 }),
      step("Each", { type: "Map", at: 10 }),
      step("Pack", { branch: "Each[0]", at: 10 }),
    ]);
    expect(roots.map(shape)).toEqual([{ Each: ["Pack [0]"] }, { Each: ["Pack [0]"] }]);
  });

  it("knows names with the separators of paths, and a step that was recorded before its Map", () => {
    const { roots } = treeOf([
      step("Pack", { branch: "a/b[1][0]", at: 1 }),
      step("a/b[1]", { type: "Map", at: 1 }),
    ]);
    expect(roots.map(shape)).toEqual([{ "a/b[1]": ["Pack [0]"] }]);
  });

  it("lasts as long as its steps, and is open while one of them is", () => {
    const map = step("Each", { type: "Map", status: "running", at: 1 });
    const all = [
      ...[step("A", { branch: "Each[0]", at: 2, for: 3 }), step("B", { branch: "Each[0]", at: 6, for: 2 })],
      ...[
        step("A", { branch: "Each[1]", at: 2 }),
        step("B", { branch: "Each[1]", at: 6, status: "waiting" }),
      ],
    ];
    const [closed, open] = treeOf([map, ...all]).roots[0]?.inside ?? [];
    expect(closed).toMatchObject({ from: 2_000, to: 8_000, status: "completed" });
    expect(open).toMatchObject({ from: 2_000, status: "waiting" });
    expect(open).not.toHaveProperty("to");
  });
});

describe("the rows of the timeline", () => {
  const fan = step("Fan", { type: "Parallel", at: 1 });
  const each = step("Each", { type: "Map", branch: "Fan[0]", at: 1 });
  const pack = step("Pack", { branch: "Fan[0]/Each[0]", at: 2 });
  const seal = step("Seal", { branch: "Fan[0]/Each[0]", at: 3 });
  const tree = treeOf([fan, each, pack, seal]);
  const labels = (toggled: readonly string[]) =>
    rowsOf(tree.roots as TreeNode[], new Set(toggled)).map(({ node, depth }) => `${depth} ${node.label}`);

  it("show branches at once, and iterations on request", () => {
    expect(labels([])).toEqual(["0 Fan", "1 Each"]);
    expect(labels([each.stepId])).toEqual(["0 Fan", "1 Each", "2 Each [0]"]);
    expect(labels([fan.stepId])).toEqual(["0 Fan"]);
  });

  it("open as far as a step needs it", () => {
    const shown = (toggled: readonly string[]) => [
      ...toggledToShow(tree as never, seal.stepId, new Set(toggled)),
    ];
    expect(labels(shown([]))).toEqual(["0 Fan", "1 Each", "2 Each [0]", "3 Pack", "3 Seal"]);
    expect(labels(shown([fan.stepId]))).toContain("3 Seal");
  });
});
