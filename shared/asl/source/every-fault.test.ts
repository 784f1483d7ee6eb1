import { expect, it } from "vitest";
import { readSource } from "./read-source.ts";

const levels = (count: number): string => `{"a":${"[".repeat(count)}${"]".repeat(count)}}`;
const yamlLevels = (count: number): string =>
  Array.from({ length: count }, (_, n) => `${" ".repeat(n)}a:`).join("\n");

/** Texts, and the values of their placeholders. */
const TEXTS: readonly (readonly [text: string, substitutions?: Record<string, string | number | boolean>])[] =
  [
    [""],
    ["  "],
    ["\uFEFF"],
    ['x\uFEFF: "\uFEFF"'],
    ["[]"],
    ['  {"a": 1}'],
    ["/* x */ {}"],
    ["// x\n{}"],
    ["/x"],
    ["x {"],
    ['{"a"}'],
    ['{"a":}'],
    ['{"a" 1}'],
    ['{"a": 1 "b": 2}'],
    ['{"a": [1 2]}'],
    ['{"a": [1, 2}'],
    ['{a: 1, "b": }'],
    ["{'a': 1}"],
    ['{"a": tru}'],
    ['{"a": 01}'],
    ['{"a": "\\x"}'],
    ['{"a": "\\u12"}'],
    ['{"a": "\t"}'],
    ['{"a": 9007199254740993}'],
    ['{"b": {"a": 1, "a": 2}}'],
    ['{"b": [{"a": 1}, {"c": 1, "c": 2}]}'],
    ['{"a": 1}\n{"b": 2}'],
    [levels(198)],
    [levels(199)],
    [levels(200)],
    [levels(201)],
    [yamlLevels(199)],
    [yamlLevels(200)],
    [yamlLevels(201)],
    [yamlLevels(202)],
    ["a: 9007199254740993"],
    ["a: 1e400"],
    ["a: .inf"],
    ["a: 0x1F"],
    ["a: 1_000"],
    ["a: ~\nb: null\nc:\nd: yes\ne: True\nf: 012\ng: 2030-01-01"],
    ["1: a\ntrue: b\nnull: c\n2.50: d"],
    ["\"a\": 1\n'a': 2"],
    ["a: &x {b: 1}\nc: *x\nd: *x"],
    ["a: &x [1]\nb: &x [2]\nc: *x"],
    ["a: *y"],
    ["<<: {a: 1}\nb: 2"],
    ["a: !!str 1"],
    ["a: !GetAtt b.c"],
    ["a: !<tag:x> b"],
    ["a: |\n  # no comment\n  text\nb: >-\n  folded\n  text"],
    ["# {\na: 1 # {\nb: '# no'"],
    ["a: [1, 2\nb: 3"],
    ["a: {b: 1"],
    ['a: "x'],
    ["a: 'it''s'"],
    ["a:\n - 1\n  - 2"],
    ["a: 1\n b: 2"],
    ["a\nb: 1"],
    ["a: b: c"],
    ["- a\n- b"],
    ["a: @x"],
    ["a: `x`"],
    ["a: %x"],
    ["%YAML 1.2\n---\na: 1\n..."],
    ["a: 1\n---\nb: 2\n---\nc: 3"],
    ["? a\n: 1\n? {b: 1}\n: 2"],
    ['{"a": "${X}"}', { X: "x" }],
    ['{"a": "${X}", "b": ${N}, "c": ${B}}', { X: 'say "hi"\n', N: 1.5, B: true }],
    ['{"a": "${X} ${Y} ${X}"}', { X: "${Y}", Y: "y" }],
    ['{"${X}": {"b": "${Z}"}}', { X: "key" }],
    ['{"a": "${!X} ${} ${ X}"}', { X: "x" }],
    ['{"a": ["${A}", {"b": "${B}"}]}\n', {}],
    ["a: ${X}\nb:\n - ${Y}\n - c: '${Z}'", { X: "x: y" }],
    ["a: ${X}", { X: "${X}" }],
    ["a: ${X}", { X: "${Y}!", Y: "${X}" }],
    ['{"a": "${X}",\n "b": oops}', { X: "longer than the placeholder" }],
    ['{\n "a": "${X}", "b": oops}', { X: "" }],
    ['{"a": "x",\n "a": "${X}"}', { X: "y" }],
    ["a: 1", { X: "unused" }],
  ];

// Snapshots of all readings. After an intended change, update them with -u and read the difference.
it.each(
  TEXTS.map(
    ([text, values = {}]) =>
      [`${text.length} ${text.slice(0, 60)} ${JSON.stringify(values)}`, text, values] as const,
  ),
)("%j", (_name, text, values) => {
  const reading = readSource(text, values);
  const shown = JSON.stringify(reading);
  expect(shown.length > 2_000 ? `${shown.slice(0, 200)} … ${shown.length}` : shown).toMatchSnapshot();
});

const PLACED = `{
  "a": {"b.c": 1, "b": {"c": 2}},
  "list": [[1, 2], {"d": [3]}],
  "x": "\${X}", "y": 4
}`;

it.each([
  ...["", "a", "a.b.c", "a.b", "a.b.c.d", "list", "list[0]", "list[0][1]", "list[1].d[0]", "list[1]d"],
  ...["list[2]", "list[10]", "x", "y", "z", "a.z", "y.z", "ab", "[0]"],
])("the place of %j in the text", (path) => {
  for (const X of ["", "a longer value\nof two lines"]) {
    const reading = readSource(PLACED, { X });
    expect(reading.ok ? reading.place(path) : reading.errors).toMatchSnapshot();
  }
});
