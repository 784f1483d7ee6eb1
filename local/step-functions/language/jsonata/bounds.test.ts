import { expect, it } from "vitest";
import type { Json } from "../../../../shared/model/json/json.ts";
import { evaluatePath } from "../jsonpath/jsonpath.ts";
import { evaluateTemplate } from "../template.ts";
import { type Scope, StatesError } from "../values/types.ts";
import { evaluateJsonata } from "./jsonata.ts";
import { mayRunHere } from "./jsonata-evaluation.ts";

const scope = (input: Json): Scope => ({ input, context: {}, variables: {} });

/** The maximum milliseconds of an evaluation, even on a busy machine. */
const BOUND = 10_000;
/** The maximum growth of this process in bytes, including garbage. */
const GROWTH = 1.5e9;

const bounded = async (evaluate: () => unknown): Promise<unknown> => {
  const began = performance.now();
  const before = process.memoryUsage().rss;
  try {
    return await evaluate();
  } catch (error) {
    if (!(error instanceof StatesError)) throw error;
    return error.error;
  } finally {
    expect(performance.now() - began).toBeLessThan(BOUND);
    expect(process.memoryUsage().rss - before).toBeLessThan(GROWTH);
  }
};

/** Most cases use up their limit of one or three seconds. Only `npm run prove:bounds` runs more than the first few. */
const some = <T>(cases: readonly T[], few: number): readonly T[] =>
  process.env["PROVE"] === "all" ? cases : cases.slice(0, few);

const DOUBLED = (value: string, times: number, step = "$s&$s") =>
  `$f := function($s,$n){$n=0?$s:$f(${step},$n-1)}; $x := $f(${value},${times})`;
const TREE = (levels: number) => DOUBLED('{"a":1}', levels, '{"a":$s,"b":$s}');

it.each(
  some<[string, string]>(
    [
      ["the length of a long text", `(${DOUBLED('"x"', 28)}; $length($x))`],
      ["a range of a thousand million", "[1..1e9]"],
      ["ranges in a range", "$map([1..1000000], function($v){[1..1000000]})"],
      ["recursion without end", "($f := function($n){1+$f($n+1)}; $f(0))"],
      ["tail recursion without end", "($f := function($n){$f($n+1)}; $f(0))"],
      ["padding without end", '$pad("x", 1e9)'],
      ["a text split into a hundred million", `(${DOUBLED('"x"', 27)}; $count($split($x,"")))`],
      ["two long texts compared", `(${DOUBLED('"x"', 28)}; $y := $f("x",28); $x=$y)`],
      ["a value that unfolds, written", `(${TREE(30)}; $string($x))`],
      ["a value that unfolds, compared", `(${TREE(30)}; $x = $f({"a":1},30))`],
      ["a value that unfolds, yielded", `(${TREE(30)}; $x)`],
      ["an array doubled", `(${DOUBLED("[1,2]", 30, "$append($s,$s)")}; $count($x))`],
      ["each of many with each of many", '$distinct($map([1..100000], function($v){{"a":$v}}))'],
      ["a pattern that backtracks", `$match("${"a".repeat(50)}!", /^(a+)+$/)`],
      ["a sort with a comparison that never ends", "$sort([1..100000], function($a,$b){$sum([1..$a]) > $b})"],
    ],
    4,
  ),
)(
  "JSONata: %s is stopped",
  async (_what, text) => {
    expect(await bounded(() => evaluateJsonata(`{% ${text} %}`, scope({}), "Output"))).toBe(
      "States.QueryEvaluationError",
    );
  },
  30_000,
);

it("works again afterwards, also for expressions that waited in the meantime", async () => {
  const hostile = bounded(() =>
    evaluateJsonata(`{% (${TREE(30)}; $x = $f({"a":1},30)) %}`, scope({}), "Output"),
  );
  const others = await Promise.all(
    [1, 2, 3].map((n) => evaluateJsonata("{% $sum([1..$states.input.n]) %}", scope({ n }), "Output")),
  );
  expect(others).toEqual([1, 3, 6]);
  expect(await hostile).toBe("States.QueryEvaluationError");
}, 30_000);

it("evaluates tame expressions while a hostile one runs", async () => {
  const hostile = evaluateJsonata(`{% (${TREE(30)}; $x = $f({"a":1},30)) %}`, scope({}), "Output");
  const began = performance.now();
  for (let n = 0; n < 50; n++)
    expect(await evaluateJsonata("{% $states.input.a.b & '-' & 1 %}", scope({ a: { b: n } }), "Output")).toBe(
      `${n}-1`,
    );
  expect(performance.now() - began).toBeLessThan(1_000);
  await expect(hostile).rejects.toThrow(StatesError);
}, 30_000);

it.each([
  "$states.input.a",
  '{"a": $states.input.a, "b": [1, $x]}',
  '($v := (a.b); $type($v) = "number" ? $v)',
  "$exists($states.input.a) and $not(b)",
])("%s runs here", (text) => {
  expect(mayRunHere(text)).toBe(true);
});
it.each([
  "$sum([1..3])",
  "[1..3]",
  "a[b > 1]",
  "**.a",
  "a.*",
  "a.(b.c)",
  "a{b: c}",
  "a^(b)",
  "/a/",
  "function($x){$x}",
  "$string(a)",
  "($a := [x, x]; $b := [$a, $a])",
  "($a := x & x; $a = a)",
  "$map(a, $count)",
  "a@$x.b",
  "a ~> $count",
])("%s does not", (text) => {
  expect(mayRunHere(text)).toBe(false);
});

const wide = { list: Array.from({ length: 20_000 }, (_, index) => ({ index, inner: { a: [index] } })) };
let deep: Json = 1;
for (let level = 0; level < 400; level++) deep = { a: deep, b: [level] };

it.each(
  some<[string, string, Json]>(
    [
      ["all of all of all of what is deep", "$..*..*..*..*", deep],
      ["all of what is wide", "$..*", wide],
      ["a filter in a filter", "$..[?(@.index > 3)]..[?(@.a)]..*", wide],
      ["a filter on each of many", "$.list[?(@.index == 3 || @.inner.a[0] == 7)]", wide],
      [
        "a pattern that backtracks",
        "$.list[?(@.name.match(/^(a+)+$/))]",
        { list: [{ name: `${"a".repeat(50)}!` }] },
      ],
    ],
    2,
  ),
)(
  "JSONPath: %s is found, or stopped",
  async (_what, path, input) => {
    const result = await bounded(() => evaluatePath(path, scope(input)));
    expect(Array.isArray(result) || result === "States.Runtime").toBe(true);
  },
  30_000,
);

const long = "x".repeat(200_000);
it.each<[string, string]>([
  [
    "a text many times in a text",
    `States.Format('${"{}".repeat(5_000)}', ${Array(5_000).fill("$.long").join(", ")})`,
  ],
  [
    "an array many times in a text",
    `States.JsonToString(States.Array(${Array(5_000).fill("$.long").join(", ")}))`,
  ],
  ["a range too long", "States.ArrayRange(0, 1000000000, 1)"],
  ["functions nested too deeply", `${"States.Array(".repeat(5_000)}1${")".repeat(5_000)}`],
  ["a text of many numbers", "States.StringToJson($.numbers)"],
])(
  "intrinsic functions: %s",
  async (_what, call) => {
    const input = { long, numbers: `[${"1,".repeat(100_000)}1]` };
    const result = await bounded(() => evaluateTemplate({ "a.$": call }, scope(input)));
    if (typeof result === "string") expect(["States.Runtime", "States.IntrinsicFailure"]).toContain(result);
  },
  30_000,
);
