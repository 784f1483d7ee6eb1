import { describe, expect, it } from "vitest";
import { readSource } from "./read-source.ts";

const read = (text: string, substitutions = {}) => {
  const reading = readSource(text, substitutions);
  if (!reading.ok) throw new Error(JSON.stringify(reading.errors));
  return reading;
};
const faults = (text: string, substitutions = {}) => {
  const reading = readSource(text, substitutions);
  return reading.ok ? [] : reading.errors;
};

describe("valid texts", () => {
  it.each([
    ["JSON", '{"StartAt": "A", "States": {}}'],
    ["JSON behind a byte order mark", '\uFEFF{"StartAt": "A", "States": {}}'],
    ["JSON with a trailing comma, which is YAML", '{"StartAt": "A", "States": {},}'],
    ["YAML", "# a flow\nStartAt: A\nStates: {}\n"],
    ["YAML with Windows line ends", "StartAt: A\r\nStates: {}\r\n"],
    ["YAML with a document's head", "---\nStartAt: A\nStates: {}\n...\n"],
  ])("%s", (_, text) => {
    expect(read(text).definition).toEqual({ StartAt: "A", States: {} });
  });

  it("reads YAML with its core schema: dates, on and yes are strings", () => {
    const text = "date: 2024-01-01\non: yes\noff: no\nnone: ~\ntrue: true\nnumber: 010\ntext: '1'\n1: one\n";
    expect(read(text).definition).toEqual({
      ...{
        date: "2024-01-01",
        on: "yes",
        off: "no",
        none: null,
        true: true,
        number: 10,
        text: "1",
        1: "one",
      },
    });
  });

  it("follows anchors", () => {
    expect(read("a: &retry\n- ErrorEquals: [X]\nb: *retry\n").definition).toEqual({
      a: [{ ErrorEquals: ["X"] }],
      b: [{ ErrorEquals: ["X"] }],
    });
  });

  it("fills placeholders before parsing, in names too, and unescapes literals", () => {
    const text = "${Table}.$: $\nMax: ${Max}\nText: ${!Name} of ${Table}\n# ${Comment}\n";
    expect(read(text, { Table: "Orders", Max: 3 }).definition).toEqual({
      "Orders.$": "$",
      Max: 3,
      Text: "${Name} of Orders",
    });
  });
});

describe("the position of a path", () => {
  const json = `{
  "StartAt": "A.b",
  "States": {
    "A.b": {
      "Type": "Choice",
      "Choices": [
        { "Variable": "$.x", "Next": "Gone" }
      ]
    }
  }
}`;
  const yaml = `# a comment
StartAt: A.b
States:
  A.b:
    Type: Choice
    Choices:
      - Variable: $.x
        Next: \${Next}
`;
  it.each([
    ["StartAt", [2, 14], [2, 10]],
    ["States.A.b", [4, 5], [4, 3]],
    ["States.A.b.Default", [4, 5], [4, 3]],
    ["States.A.b.Choices[0]", [7, 9], [7, 9]],
    ["States.A.b.Choices[0].Next", [7, 38], [8, 15]],
    ["", [1, 1], [2, 1]],
  ])("%s", (path, inJson, inYaml) => {
    const place = (text: string) => {
      const { line, column } = read(text, { Next: "a value much longer than its placeholder" }).place(path);
      return [line, column];
    };
    expect(place(json)).toEqual(inJson);
    expect(place(yaml)).toEqual(inYaml);
  });
});

describe("syntax errors, each at its line and column", () => {
  it.each([
    ['{\n "a": 1\n "b": 2\n}', 3, 2, /comma is missing/],
    ['{\n "a": 1,\n "b": 2\n', 4, 1, /closing }/],
    ['{"a": "x\n}', 1, 7, /closing double quote/],
    ['{"a":1}}', 1, 8, /more text/],
    ['{"a": 1, // x\n"b": }', 1, 10, /no comments/],
    ['{"a":1,\n"a":2}', 2, 1, /"a" occurs twice/],
    ["a: 1\na: 2", 2, 1, /"a" occurs twice/],
    ["Next: 1\nNext : 2", 2, 1, /"Next" occurs twice/],
    ["'a b': 1\n\"a b\": 2", 2, 1, /"a b" occurs twice/],
    ["a:b: 1\na:b: 2", 2, 1, /"a:b" occurs twice/],
    ['{"a":\n }', 2, 2, /value is missing/],
    ["a: b: c", 1, 4, /quotes/],
    ["a:\n\t- 1", 2, 1, /spaces/],
    ["a: *x", 1, 4, /&x/],
    ["a: 'x", 1, 6, /closing quote/],
    ["a: 1\n---\nb: 2", 2, 1, /second document/],
    ["a: !Sub x", 1, 4, /^!Sub is not/],
    ["a: .nan", 1, 4, /^\.nan/],
    ["? [a]\n: 1", 1, 3, /must be a string/],
    ["", 1, 1, /empty/],
    ["# nothing", 1, 1, /empty/],
    ["- a", 1, 1, /must be an object/],
    ["a: &x [*x]", 1, 8, /nested/],
  ])("%j", (text, line, column, message) => {
    const found = faults(text);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ message: expect.stringMatching(message) });
    expect(found[0]).toMatchObject({ line, column });
    expect(found[0]?.message).not.toMatch(/[a-z]Error|call stack|[A-Z]_[A-Z]/);
  });

  it("reports an error inside a value at its placeholder", () => {
    expect(faults('{\n "a": "${Quote}",\n "b": }', { Quote: 'say "hi"' })).toMatchObject([
      { line: 2, column: 8 },
    ]);
  });

  it("names each placeholder without a value once, with its path if the text can be read", () => {
    const text = '{"a": {"b": ["${X}", "${Y}"]},\n "${Z}": "${X} ${!X}"}';
    expect(faults(text, { Y: "y" })).toMatchObject([
      { path: "a.b[0]", line: 1, column: 15, message: expect.stringContaining("${X}") },
      { path: "${Z}", line: 2, column: 3, message: expect.stringContaining("${Z}") },
    ]);
    expect(readSource('{"a": ${X}}', {})).toMatchObject({
      unfilled: ["X"],
      errors: [{ path: "", column: 7 }],
    });
  });

  it("rejects circular values and texts that are too large", () => {
    expect(faults("a: ${A}", { A: "${B}", B: "${A}" })).toMatchObject([
      { message: expect.stringContaining("without end") },
    ]);
    expect(faults(`a: ${"x".repeat(1024 * 1024)}`)).toMatchObject([
      { message: expect.stringContaining("1048576") },
    ]);
  });
});
