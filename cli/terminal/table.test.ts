import { expect, it } from "vitest";
import { jsonText, paintFor, visible } from "./style.ts";
import { type Column, fields, table } from "./table.ts";

interface Row {
  readonly id: string;
  readonly status: string;
  readonly why: string;
}
const rows: Row[] = [
  { id: "a-long-id", status: "failed", why: "the carrier does not answer" },
  { id: "b", status: "paused", why: "" },
];
const columns: Column<Row>[] = [
  { title: "ID", cell: ({ id }) => id },
  { title: "NOTHING", cell: () => "" },
  { title: "STATUS", cell: ({ status }) => status, paint: (text) => `<${text}>` },
  { title: "WHY", cell: ({ why }) => why },
];

it("aligns the visible text, omits empty columns, and paints after aligning", () => {
  expect(table(rows, columns).split("\n")).toEqual([
    "ID         STATUS  WHY",
    "a-long-id  <failed>  the carrier does not answer",
    "b          <paused>",
  ]);
});

it("cuts the last column to the terminal's width", () => {
  expect(table(rows, columns, 32).split("\n")[1]).toBe("a-long-id  <failed>  the carrier …");
});

it("lists fields that have a value", () => {
  expect(
    fields([
      ["run", "1"],
      ["reason", undefined],
      ["flow", ""],
      ["status", "ok"],
    ]),
  ).toBe("run     1\nstatus  ok");
});

it("shows control characters instead of sending them", () => {
  expect(jsonText({ a: "\u009b2J\u007f\u001b" })).toBe('{"a":"\\u009b2J\\u007f\\u001b"}');
  expect(visible("a\u001b[31mred\u0007\nb\u009b2J")).toBe("a�[31mred�b�2J");
});

it.each([
  ["a pipe", {}, {}],
  ["NO_COLOR", { isTTY: true }, { NO_COLOR: "1" }],
  ["a dumb terminal", { isTTY: true }, { TERM: "dumb" }],
])("uses no colors for %s", (_, stream, env) => {
  expect(paintFor(stream, env)("red", "x")).toBe("x");
});

it("uses colors for a terminal", () => {
  expect(paintFor({ isTTY: true }, {})("red", "x")).toBe("\u001b[31mx\u001b[39m");
});
