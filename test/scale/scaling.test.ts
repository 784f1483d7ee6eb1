import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { limitsOf, limitTable } from "./limits.ts";
import { MIXES } from "./mixes.ts";
import { type SlotEntry, unitsOfRun } from "./run-life.ts";

const page = readFileSync("docs/deploy/scaling.md", "utf8");
const names = Object.keys(MIXES) as (keyof typeof MIXES)[];

it.each(names)("docs/deploy/scaling.md has the table of the simulation: %s", (name) => {
  const [, written] = new RegExp(`<!-- ${name} -->\n([^]*?)\n<!-- end -->`).exec(page) ?? [];
  expect(written).toBe(limitTable(limitsOf(MIXES[name])));
});

it("reading histories is no limit if no run needs it, and the first limit if one in ten runs does", () => {
  const first = (historiesRead: number) =>
    limitsOf({ ...MIXES["one flow"], historiesRead }).map(({ name, rate }) => [name, rate]);
  expect(first(0).at(-1)).toEqual(["GetExecutionHistory", Number.POSITIVE_INFINITY]);
  expect(first(0.1)[0]).toEqual(["GetExecutionHistory", 200]);
});

it("splitting a flow moves the limits of its own items and no others", () => {
  const rates = (flows: number) => {
    const limits = limitsOf({ ...MIXES["one flow"], flows });
    return (part: string) => limits.find(({ name }) => name.endsWith(part))?.rate ?? 0;
  };
  const [one, four] = [rates(1), rates(4)];
  expect([one("a flow's holds"), four("a flow's holds")]).toEqual([600, 2_400]);
  expect([one("a flow's meter"), four("a flow's meter")]).toEqual([1_000, 4_000]);
  expect(four("what is due")).toBeLessThan(2_000);
});

it("a run writes its key's slots twice; the first of its key three times, and one that waits five times", () => {
  const owner = { workspace: "w", flowId: "f", incarnation: "i", user: "ann" };
  const writes = (entry: Omit<SlotEntry, "key">) =>
    unitsOfRun(owner, 5, 0, { key: "k", ...entry }).filter(
      ({ of, key, kind }) => of === "table" && kind === "write" && key.includes("#K#"),
    ).length;
  expect(writes({ isFirst: false, waits: false })).toBe(2);
  expect(writes({ isFirst: true, waits: false })).toBe(3);
  // Also the refused claim and the mark that it waits, and the claim of the next one, which is refused.
  expect(writes({ isFirst: false, waits: true })).toBe(5);
});
