import { describe, expect, it } from "vitest";
import type { Json } from "../../../../shared/model/json/json.ts";
import type { Scope } from "../values/types.ts";
import { evaluateIntrinsic } from "./intrinsics.ts";

const scopeOf = (input: Json): Scope => ({
  input,
  context: {
    Execution: { Input: { n: 2, extra: { constant_input_field: "constant_value" } } },
    State: { Name: "P" },
  },
  variables: { bias: 4.3, list: [9, 44, 6] },
});
const of = (text: string, input: Json = {}) => evaluateIntrinsic(text, scopeOf(input));
const two = (name: string, fst: Json, snd: Json) => of(`States.${name}($.fst, $.snd)`, { fst, snd });

describe("States.Format", () => {
  it.each<[Json, string]>([
    ["", ""],
    [" ", " "],
    ["HelloWorld", "HelloWorld"],
    [null, "null"],
    [1, "1"],
    [1.1, "1.1"],
    [true, "true"],
    ['{"Arg1": 1, "Arg2": []}', '{"Arg1": 1, "Arg2": []}'],
    [{ Arg1: 1, Arg2: [] }, "{Arg1=1, Arg2=[]}"],
    [[1, "b", { c: null }], "[1, b, {c=null}]"],
  ])("prints %j", (value, printed) => {
    expect(of("States.Format('Formatting arguments fst={} and snd={}.', $.v, $.v)", { v: value })).toBe(
      `Formatting arguments fst=${printed} and snd=${printed}.`,
    );
  });

  it("accepts a template from a path, with escapes", () => {
    expect(of("States.Format($.tpl, 1)", { tpl: "n={}" })).toBe("n=1");
    expect(of("States.Format('it\\'s \\{{}\\} \\\\ {}', 1, 'a\\'b')")).toBe("it's {1} \\ a'b");
    expect(of("States.Format('no placeholder')")).toBe("no placeholder");
  });

  it.each([
    "States.Format('{} {}', 1)",
    "States.Format('{}', 1, 2)",
    "States.Format('{', 1)",
    "States.Format(1)",
  ])("refuses %s", (text) => {
    expect(() => of(text)).toThrow(expect.objectContaining({ error: "States.Runtime" }));
  });
});

describe("arrays", () => {
  it("States.Array", () => {
    expect(of("States.Array()")).toEqual([]);
    expect(two("Array", { Arg1: 1, Arg2: [] }, null)).toEqual([{ Arg1: 1, Arg2: [] }, null]);
    expect(of("States.Array(1, -2.5, 'x', true, false, null, States.Array())")).toEqual([
      1,
      -2.5,
      "x",
      true,
      false,
      null,
      [],
    ]);
  });

  it.each<[Json[], number, Json]>([
    [[], 1, []],
    [[0], 1, [[0]]],
    [[0], 5, [[0]]],
    [[0, 1, 2], 2, [[0, 1], [2]]],
    [
      [0, 1, 2, 3],
      2.6,
      [
        [0, 1],
        [2, 3],
      ],
    ],
    [[1, 2, 3], 2_147_483_647, [[1, 2, 3]]],
  ])("States.ArrayPartition(%j, %d)", (array, size, expected) => {
    expect(two("ArrayPartition", array, size)).toEqual(expected);
  });

  it.each<[Json[], Json, boolean]>([
    [[], null, false],
    [[], [], false],
    [[[1, 2, 3], 2], null, false],
    [[[1, 2, 3], 2], [1, 2, 3], true],
    [[{ "1": 2, "2": [] }], [], false],
    [[{ "1": 2, "2": [] }], { "2": [], "1": 2 }, true],
    [[true, false], false, true],
    [["1"], 1, false],
  ])("States.ArrayContains(%j, %j)", (array, value, expected) => {
    expect(two("ArrayContains", array, value)).toBe(expected);
  });

  it.each<[string, Json]>([
    ["0, 9, 3", [0, 3, 6, 9]],
    ["0, 10, 3", [0, 3, 6, 9]],
    ["1, 9, 9", [1]],
    ["1, 9, 2", [1, 3, 5, 7, 9]],
    ["-2, 2, 2", [-2, 0, 2]],
    ["5, 1, -2", [5, 3, 1]],
    ["3, 3, -1", [3]],
    ["5, 1, 1", []],
    ["1, 5, -1", []],
    ["1.4, 5.6, 2.2", [1, 3, 5]],
    ["1.6, 1.4, 1", [1]],
  ])("States.ArrayRange(%s)", (given, expected) => {
    expect(of(`States.ArrayRange(${given})`)).toEqual(expected);
  });

  it("States.ArrayRange returns at most a thousand items", () => {
    expect(of("States.ArrayRange(1, 1000, 1)")).toHaveLength(1000);
    expect(of("States.ArrayRange(1000, 1, -1)")).toHaveLength(1000);
    expect(() => of("States.ArrayRange(1, 1001, 1)")).toThrow("Invalid arguments in States.ArrayRange");
  });

  it("States.ArrayGetItem, ArrayLength, ArrayUnique", () => {
    expect(two("ArrayGetItem", [1, 2, 3, 4, 5, 6, 7, 8, 9], 5)).toBe(6);
    expect(of("States.ArrayLength($)", [null, null, [], {}])).toBe(4);
    const repeated: Json = [
      null,
      null,
      true,
      false,
      1,
      1,
      1.1,
      "a",
      "a",
      [],
      [],
      [null],
      { a: 1, b: 2 },
      { b: 2, a: 1 },
    ];
    expect(of("States.ArrayUnique($)", repeated)).toEqual([
      null,
      true,
      false,
      1,
      1.1,
      "a",
      [],
      [null],
      { a: 1, b: 2 },
    ]);
    expect(of("States.ArrayLength($.items[*].nope)", { items: [1, 2] })).toBe(0);
  });
});

describe("strings and hashes", () => {
  it.each<[string, Json]>([
    ["", null],
    [" ", null],
    ["null", null],
    ["-0", 0],
    ["1.1", 1.1],
    ["true", true],
    ['"HelloWorld"', "HelloWorld"],
    ['[1, 2, "HelloWorld"]', [1, 2, "HelloWorld"]],
    ['{"Arg1": 1, "Arg2": []}', { Arg1: 1, Arg2: [] }],
  ])("States.StringToJson(%j)", (text, expected) => {
    expect(of("States.StringToJson($)", text)).toEqual(expected);
  });

  it.each<[Json, string]>([
    [null, "null"],
    [1.1, "1.1"],
    ["HelloWorld", '"HelloWorld"'],
    [[1, 2, "HelloWorld"], '[1,2,"HelloWorld"]'],
    [{ Arg1: 1, Arg2: [] }, '{"Arg1":1,"Arg2":[]}'],
  ])("States.JsonToString(%j)", (value, expected) => {
    expect(of("States.JsonToString($)", value)).toBe(expected);
  });

  it.each<[string, string, string[]]>([
    [" ", ",", [" "]],
    [" , ", ",", [" ", " "]],
    [", , ,", ",", [" ", " "]],
    [",,,,", ",", []],
    ["1,2,3,4,5", ",", ["1", "2", "3", "4", "5"]],
    ["This.is+a,test=string", ".+,=", ["This", "is", "a", "test", "string"]],
    ["split on T and \nnew line", "T\n", ["split on ", " and ", "new line"]],
    ["", ",", []],
    ["abc", "", ["abc"]],
  ])("States.StringSplit(%j, %j)", (text, delimiters, expected) => {
    expect(two("StringSplit", text, delimiters)).toEqual(expected);
  });

  it("splits at a line break written in the function", () => {
    expect(of("States.StringSplit('Hello\nWorld', '\n')")).toEqual(["Hello", "World"]);
  });

  it("States.Base64Encode and Base64Decode", () => {
    expect(of("States.Base64Encode($)", "")).toBe("");
    expect(of("States.Base64Encode($)", "Data to encode")).toBe("RGF0YSB0byBlbmNvZGU=");
    expect(of("States.Base64Decode($)", "")).toBe("");
    expect(of("States.Base64Decode($)", "RGF0YSB0byBlbmNvZGU=")).toBe("Data to encode");
  });

  // Digests of the string as coreutils prints them.
  it.each([
    ["MD5", "812f45842bc6d66ee14572ce20db8e86"],
    ["SHA-1", "aaff4a450a104cd177d28d18d74485e8cae074b7"],
    ["SHA-256", "b4a697a057313163aee33cd8d40c66e9f0f177e00cac2de32475ffff6169c3e3"],
    [
      "SHA-384",
      "d28a7d5cf25a74f11a50a18452b75e04bb3d70c9dd0510d6123aa008c756511b87525bdc835ebb27e1fb9e9374a15562",
    ],
    [
      "SHA-512",
      "6ce4adb348546d4f449c4d25aad9a7c9cb711d9e91982d3f0b29ca2f3f47d4ce2deba23bf2954f0f1d593fc50283731a533d30d425402d4f91316d871303aac4",
    ],
  ])("States.Hash with %s", (algorithm, expected) => {
    expect(two("Hash", "input data", algorithm)).toBe(expected);
  });

  it("States.UUID is a version 4", () => {
    expect(of("States.UUID()")).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
  });
});

describe("objects and numbers", () => {
  it("States.JsonMerge is shallow", () => {
    const fst = { a: { a1: 1, a2: 2 }, b: 2, d: 3 };
    const snd = { a: { a3: 1, a4: 2 }, c: 3, d: 4 };
    expect(of("States.JsonMerge($.fst, $.snd, false)", { fst, snd })).toEqual({
      a: { a3: 1, a4: 2 },
      b: 2,
      c: 3,
      d: 4,
    });
    expect(() => of("States.JsonMerge($, $, true)")).toThrow("Invalid arguments in States.JsonMerge");
  });

  it("nests calls, with braces in a string that is not a template", () => {
    const text = `States.JsonMerge(States.StringToJson('{"constant_in_literal": "false"}'), $$.Execution.Input.extra, false)`;
    expect(of(text)).toEqual({ constant_input_field: "constant_value", constant_in_literal: "false" });
    const arn = { Arn: "arn:aws/x/y/3.4.5" };
    const inner = "States.StringSplit(States.ArrayGetItem(States.StringSplit($.Arn, '/'), 3), '.')";
    expect(
      of(`States.Format('{}.{}', States.ArrayGetItem(${inner}, 0), States.ArrayGetItem(${inner}, 1))`, arn),
    ).toBe("3.4");
  });

  it.each([
    [-9, 3, -6],
    [1.49, 1.5, 3],
    [1.5, 1.51, 4],
    [-1.49, -1.5, -2],
    [-1.5, -1.51, -3],
    [0.5, 0, 1],
    [2.5, 0, 3],
    [-0.5, 0.5, 1],
    [-0.5, 0, 0],
    [-2.5, 0, -2],
    [-3.5, 0, -3],
  ])("States.MathAdd(%d, %d)", (a, b, sum) => {
    expect(two("MathAdd", a, b)).toBe(sum);
  });

  it("adds variables", () => {
    expect(of("States.MathAdd(States.MathAdd($list[0], $list[1]), $bias)")).toBe(57);
  });

  it("States.MathRandom stays within its bounds and follows its seed", () => {
    for (let run = 0; run < 50; run += 1) {
      expect([1, 2, 3, 4]).toContain(of("States.MathRandom(1.6, 5.4)"));
      expect([-3, -2]).toContain(of("States.MathRandom(-3, -1)"));
    }
    expect(of("States.MathRandom(0, 1000000, 3)")).toBe(of("States.MathRandom(0, 1000000, 3)"));
    expect(() => of("States.MathRandom(1, 1)")).toThrow("Invalid arguments in States.MathRandom");
  });
});

describe("failures", () => {
  it.each([
    "States.ArrayPartition($.list, 0.6)",
    "States.ArrayPartition('not an array', 2)",
    "States.ArrayGetItem($.list, 2)",
    "States.ArrayGetItem($.list, -1)",
    "States.ArrayRange(1, 10, 0.49)",
    "States.ArrayRange('a', 5, 1)",
    "States.ArrayLength(1)",
    "States.StringToJson('{')",
    "States.StringToJson(1)",
    "States.Hash('x', 'sha256')",
    "States.Hash('x', 'constructor')",
    "States.Base64Decode('@@')",
    "States.MathAdd('1', 2)",
    "States.MathAdd(2147483647, 1)",
    "States.MathAdd(1)",
    "States.UUID(1)",
    "States.Compare(1, 2)",
    "States.constructor(1)",
    "States.Array(1,)",
    "States.Array(1",
    "States.Array('x)",
    "States.Array(1) 2",
    "Other.Array(1)",
    `${"States.Array(".repeat(11)}1${")".repeat(11)}`,
  ])("%s", (text) => {
    expect(() => of(text, { list: [1, 2] })).toThrow(
      expect.objectContaining({ error: expect.stringMatching(/^States\.(Runtime|IntrinsicFailure)$/) }),
    );
  });

  it.each([
    ["States.Format('{}', $.nope)", "$.nope"],
    ["States.Format('{}',States.Format('{} {}', $.other, $.a.b))", "$.a.b"],
    ["States.Array(1, $.items[5])", "$.items[5]"],
    ["States.Format('{}', $$.Nope.Deep)", "$.Nope.Deep"],
  ])("a path without a value in %s", (text, named) => {
    expect(() => of(text, { other: 1, items: [1] })).toThrow(
      expect.objectContaining({
        error: "States.Runtime",
        cause_: `The function '${text}' had the following error: The JsonPath argument for the field '${named}' could not be found in the input '{"other":1,"items":[1]}'`,
      }),
    );
  });

  it("null is a value", () => {
    expect(of("States.Format('{}', $.nul)", { nul: null })).toBe("null");
  });
});
