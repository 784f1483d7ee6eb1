import { expect, it } from "vitest";
import type { TimelineEntry } from "../../../../shared/model/schemas/incident.ts";
import { grouped } from "./grouped.ts";

const at = (second: number) => `2026-11-29T08:00:0${second}.000Z`;
const flow = (second: number, event: TimelineEntry["event"], flowId: string, by?: string): TimelineEntry => ({
  ...{ at: at(second), event, flowId, ...(by === undefined ? {} : { by }) },
});

it("groups what happened to flows next to each other, by event and person, and nothing else", () => {
  const groups = grouped([
    { at: at(0), event: "opened", by: "ann", text: "Down" },
    flow(1, "held", "a", "ann"),
    flow(2, "held", "b", "ann"),
    { at: at(3), event: "noted", by: "ann", text: "one" },
    { at: at(3), event: "noted", by: "ann", text: "two" },
    flow(4, "held", "c", "ann"),
    flow(5, "released", "a", "ben"),
    flow(6, "released", "b"),
    flow(7, "lifted", "c"),
  ]);
  const shown = groups.map(({ event, by, entries }) => [
    event,
    by,
    entries.map((one) => one.flowId ?? one.text),
  ]);
  expect(shown).toEqual([
    ["opened", "ann", ["Down"]],
    ["held", "ann", ["a", "b"]],
    ["noted", "ann", ["one"]],
    ["noted", "ann", ["two"]],
    ["held", "ann", ["c"]],
    ["released", "ben", ["a"]],
    ["released", undefined, ["b"]],
    ["lifted", undefined, ["c"]],
  ]);
  expect(groups.map((group) => group.at)).toEqual([0, 1, 3, 3, 4, 5, 6, 7].map(at));
});
