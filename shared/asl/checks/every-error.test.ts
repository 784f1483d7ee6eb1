import { describe, expect, it } from "vitest";
import { ARN, compile, flow } from "../../../test/harness/asl/compiler.ts";
import type { Json, JsonObject } from "../../model/json/json.ts";

const END = { End: true };
const one = (state: JsonObject): JsonObject => flow({ A: { ...END, ...state } });
const pass = (fields: JsonObject): JsonObject => one({ Type: "Pass", ...fields });
const selects = (path: string): JsonObject => pass({ Parameters: { "v.$": path } });
const task = (fields: JsonObject): JsonObject => one({ Type: "Task", Resource: `${ARN}f`, ...fields });
const sluice = (Sluice: Json, fields: JsonObject = {}): JsonObject => task({ Sluice, ...fields });
const jsonata = (fields: JsonObject): JsonObject => one({ QueryLanguage: "JSONata", ...fields });
const ask = (kind: "approval" | "form", Parameters?: Json, fields: JsonObject = {}): JsonObject =>
  one({
    ...{ Type: "Task", Resource: `arn:sluice:::${kind}` },
    ...(Parameters === undefined ? {} : { Parameters }),
    ...fields,
  });
const asking = (Arguments: Json): JsonObject =>
  jsonata({ Type: "Task", Resource: "arn:sluice:::form", Arguments });
const each = (processor: JsonObject, fields: JsonObject = {}): JsonObject =>
  one({ Type: "Map", ItemProcessor: processor, ...fields });
const distributed = (fields: JsonObject, inner: JsonObject = { Type: "Pass", ...END }): JsonObject =>
  each(
    { ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" }, ...flow({ Each: inner }) },
    fields,
  );
const READER = "arn:aws:states:::s3:getObject";
const rules = (...Choices: Json[]): JsonObject =>
  flow({ A: { Type: "Choice", Choices, Default: "B" }, B: { Type: "Succeed" } });
const rule = (fields: JsonObject): JsonObject => rules({ Next: "B", ...fields });
const condition = (fields: JsonObject): JsonObject => {
  const definition = rule(fields);
  return { ...definition, QueryLanguage: "JSONata" };
};
const retry = (...Retry: Json[]): JsonObject => task({ Retry });
const retries = (fields: JsonObject): JsonObject => retry({ ErrorEquals: ["X"], ...fields });
const caught = (...Catch: Json[]): JsonObject =>
  flow({ A: { Type: "Task", Resource: `${ARN}f`, Catch, Next: "B" }, B: { Type: "Succeed" } });
const waits = (fields: JsonObject): JsonObject => one({ Type: "Wait", ...fields });
const calls = (call: string): JsonObject => selects(call);
const nested = (depth: number): string => `${"States.Array(".repeat(depth)}1${")".repeat(depth)}`;

/** By subject: definitions, most of them wrong in one place. */
const CASES: Readonly<Record<string, readonly JsonObject[]>> = {
  "approvals and forms": [
    ask("approval", { Title: "T" }, { HeartbeatSeconds: 5 }),
    ask("approval", { Title: "T" }, { HeartbeatSecondsPath: "$.h" }),
    ask("form", { Title: "T" }, { Credentials: { RoleArn: "arn:aws:iam::1:role/r" } }),
    distributed({}, { Type: "Task", Resource: "arn:sluice:::form", Parameters: { Title: "T" }, ...END }),
    ask("approval"),
    ask("approval", []),
    ask("approval", "{% $x %}"),
    ask("approval", { Title: "{% $x %}" }),
    ask("approval", { Titel: "T" }),
    ask("approval", {}),
    ask("approval", { Title: "" }),
    ask("approval", { Title: 1 }),
    ask("approval", { "Title.$": "$.t", "Assignees.$": "$.a" }),
    ask("approval", { Title: "T", Assignees: "ann" }),
    ask("approval", { Title: "T", Assignees: [] }),
    ask("approval", { Title: "T", Assignees: ["ann", 1] }),
    ask("approval", { Title: "T", Assignees: ["ann", ""] }),
    ask("approval", { Title: "T", Assignees: ["ann"], Form: { type: "object" } }),
    ask("form", { Title: "T" }),
    ask("form", { Title: "T", Form: "x" }),
    ask("form", { Title: "T", "Form.$": "$.form" }),
    ask("form", { Title: "T", Form: { type: "object" } }),
    asking("{% $states.input %}"),
    asking("no expression"),
    asking({ Title: "{% 'T' %}", Assignees: "{% [] %}", Form: "{% {} %}" }),
    asking({ "Title.$": "$.t" }),
    asking({ Title: "T", Form: "no expression" }),
  ],
  "choice rules": [
    rules(1),
    rules("x", null),
    rules({ Variable: "$.a", IsNull: true }),
    rule({ Variable: "$.a", IsNull: true, Next: 1 }),
    rule({}),
    rule({ Variable: "$.a" }),
    rule({ Odd: 1 }),
    rule({ Variable: "$.a", Odd: 1 }),
    rule({ Variable: "$.a", IsNull: true, Odd: 1 }),
    rule({ Variable: "$.a", IsNull: true, IsString: true }),
    rule({ Variable: "$.a", IsNull: true, And: [{ Variable: "$.a", IsNull: true }] }),
    rule({ Variable: 1, IsNull: true }),
    rule({ And: [] }),
    rule({ Or: "x" }),
    rule({ Or: [1, { Variable: "$.a", IsNull: "x" }] }),
    rule({ Not: 1 }),
    rule({ Not: { Variable: "$.a", IsNull: true, Next: "B" } }),
    rule({ Not: { Variable: "$.a", IsNull: true, Assign: { v: 1 } } }),
    rule({ Not: { Variable: "$.a", IsNull: true, Odd: 1 } }),
    rule({ Variable: "$.a", IsNull: true, Assign: { "v.$": "bad", w: 1 } }),
    ...["String", "Numeric", "Timestamp"].flatMap((kind) =>
      ["Equals", "LessThan", "GreaterThan", "LessThanEquals", "GreaterThanEquals"].flatMap((order) => [
        rule({ Variable: "$.a", [`${kind}${order}`]: true }),
        rule({ Variable: "$.a", [`${kind}${order}Path`]: "a" }),
        rule({ Variable: "$.a", [`${kind}${order}Path`]: "$.b" }),
      ]),
    ),
    rule({ Variable: "$.a", BooleanEquals: 1 }),
    rule({ Variable: "$.a", BooleanEqualsPath: "$.b" }),
    rule({ Variable: "$.a", TimestampEquals: "2030-01-01" }),
    rule({ Variable: "$.a", StringMatches: 1 }),
    condition({}),
    condition({ Condition: true }),
    condition({ Condition: 1 }),
    condition({ Condition: "no expression" }),
    condition({ Condition: "{% $x = 1 %}", Assign: { v: "{% 1 + %}" }, Output: "{% 1 %}" }),
    condition({ Condition: "{% true %}", Variable: "$.a" }),
    condition({ Condition: "{% true %}", Next: 1 }),
  ],
  expressions: [
    jsonata({ Type: "Pass", Output: "{%  %}" }),
    jsonata({ Type: "Pass", Output: "{% $f( %}" }),
    jsonata({ Type: "Pass", Output: "{% a.b %}" }),
    jsonata({ Type: "Pass", Output: "{% $$.a %}" }),
    jsonata({ Type: "Pass", Output: { a: ["{% 1 %}", "{% } %}"] } }),
  ],
  fields: [
    one({ Type: "Pass", Seconds: 1 }),
    one({ Type: "Succeed", Parameters: {} }),
    one({ Type: "Pass", Parametrs: {} }),
    flow({ A: { Type: "Fail", Next: "B" }, B: { Type: "Succeed" } }),
    flow({
      A: { Type: "Choice", Choices: [{ Variable: "$.a", IsNull: true, Next: "B" }], ...END },
      B: { Type: "Succeed" },
    }),
    { ...pass({ Parameters: { "a.$": "$.a" }, QueryLanguage: "JSONPath" }), QueryLanguage: "JSONata" },
    { ...pass({ Output: 1, QueryLanguage: "JSONata" }), QueryLanguage: "JSONPath" },
    jsonata({ Type: "Pass", Parameters: {} }),
    pass({ Output: 1 }),
    { ...pass({}), Version: "1.0", Odd: 1 },
    { ...pass({}), TimeoutSeconds: 0 },
    { ...pass({}), TimeoutSeconds: 1.5 },
    { ...pass({}), TimeoutSeconds: "1" },
  ],
  integrations: [
    one({ Type: "Task" }),
    one({ Type: "Task", Resource: 1 }),
    one({ Type: "Task", Resource: "" }),
    ...[
      "arn:aws:states:::activity:a",
      "arn:aws:states:eu-west-1:1:activity:a",
      "arn:aws:s3:::b",
      "no arn",
    ].map((Resource) => one({ Type: "Task", Resource })),
    ...["aws-sdk:s3:getObject", "aws-sdk:s3", "odd:do", "sqs:receive", "sqs:sendMessage.sync", "lambda"].map(
      (name) => one({ Type: "Task", Resource: `arn:aws:states:::${name}` }),
    ),
    jsonata({ Type: "Task", Resource: `${ARN}f`, Credentials: "{% $r %}" }),
    jsonata({ Type: "Task", Resource: `${ARN}f`, Credentials: "r" }),
    task({ Credentials: "{% $r %}" }),
    task({ Credentials: { RoleArn: 1 } }),
    task({ Credentials: { "RoleArn.$": "role" } }),
  ],
  "intrinsic functions": [
    calls(" States.UUID() "),
    calls("States.Array( 1 , 'a' ,$.a , States.UUID( ) )"),
    calls("States.Array()"),
    calls("States.UUID(1)"),
    calls("States.MathAdd(1)"),
    calls("States.MathAdd(1, 2, 3)"),
    calls("States.Format()"),
    calls("States.MathRandom(1, 2)"),
    calls("States.MathRandom(1, 2, 3)"),
    calls("States.()"),
    calls("States.Odd(1)"),
    calls("States.Array(,1)"),
    calls("States.Array(1 2)"),
    calls("States.Array(1"),
    calls("States.Array('a)"),
    calls("States.Array($.a[)"),
    calls("States.Array($.)"),
    calls("States.Array(odd)"),
    calls("States.UUID() and more"),
    calls(nested(10)),
    calls(nested(11)),
    calls(nested(12)),
  ],
  paths: [
    ...["$", "$.*", "$..*", "$..a", "$.a.", "$..", "$.a b", "$.a-b", "$a", "$$", "$$.a", "a", ""].map(
      selects,
    ),
    ...[
      "$['a']",
      "$['a', \"b\"]",
      "$['a",
      "$['a\\'b']",
      '$["a\\"]',
      "$[x]",
      "$[]",
      "$[0",
      "$[-1]",
      "$[1:2]",
    ].map(selects),
    ...["$.a[?(@.b)]", "$.a[?@.b]", "$.a[?(@.b]", "$.a[?(@.b) x]", "$.a[ ? (@.b) ]", "$.a[x?(@.b)]"].map(
      selects,
    ),
    ...["$.a[?((@.b))]", "$.a[?((@.b)]", "$.a[?(@.b))]", "$.a[?(!@.b && !(@.c))]", "$.a[?(@.b ==)]"].map(
      selects,
    ),
    ...["$.a[?(@.b ~ 1)]", "$.a[?(== 1)]", "$.a[?(@.b in [1, 2])]", "$.a[?(@.b in {'c': 1})]"].map(selects),
    ...["$.a[?(@.b in {'c')]", "$.a[?(@.b == 'c]')]", "$.a[?(@[0].b == $.c[0])]", "$.a[?(@.b == @.[c)]"].map(
      selects,
    ),
    ...[
      "$.a[?(   @.b   ==   1   )]",
      "$.length()",
      "$.length(",
      "$.length().a",
      "$.a[?(@.length() > 1)]",
    ].map(selects),
    pass({ InputPath: "$$.a" }),
    pass({ OutputPath: 1 }),
    pass({ ResultPath: "$..a" }),
    pass({ ResultPath: "$.a[0:1]" }),
    pass({ ResultPath: "$.a.length()" }),
    pass({ ResultPath: "$$.a" }),
    pass({ ResultPath: "a" }),
    waits({ SecondsPath: "$.a[*]" }),
    waits({ SecondsPath: "$..a" }),
    waits({ TimestampPath: "$.a.*" }),
  ],
  "fields of Maps": [
    distributed({ Label: 1 }),
    distributed({ Label: "x".repeat(40) }),
    distributed({ Label: "x".repeat(41) }),
    distributed({ Label: "a?b" }),
    distributed({
      QueryLanguage: "JSONata",
      ItemBatcher: { MaxItemsPerBatch: 1, BatchInput: { a: "{% 1 %}" } },
    }),
    distributed({ ItemBatcher: { MaxItemsPerBatch: 1, BatchInput: { "a.$": "bad" } } }),
    distributed({ ItemBatcher: { MaxItemsPerBatch: 1, MaxItemsPerBatchPath: "$.m" } }),
    distributed({ ItemBatcher: { MaxInputBytesPerBatch: 1, MaxInputBytesPerBatchPath: "$.m" } }),
    distributed({ ItemReader: { Resource: READER, ReaderConfig: { MaxItems: 1, MaxItemsPath: "$.m" } } }),
    flow({
      A: {
        Type: "Map",
        Label: "same",
        Next: "B",
        ItemProcessor: (distributed({})["States"] as never)["A"]["ItemProcessor"],
      },
      B: {
        ...{ Type: "Map", Label: "same", End: true },
        ItemProcessor: {
          ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
          ...flow({ Other: { Type: "Pass", ...END } }),
        },
      },
    }),
  ],
  "retries and catches": [
    task({ Retry: {} }),
    task({ Catch: "x" }),
    retry(1),
    retry({}),
    retry({ ErrorEquals: [] }),
    retry({ ErrorEquals: "X" }),
    retry({ ErrorEquals: ["X", 1] }),
    retries({ Odd: 1 }),
    ...[0, 1.5, 1e8].map((IntervalSeconds) => retries({ IntervalSeconds })),
    ...[-1, 0, "1"].map((MaxAttempts) => retries({ MaxAttempts })),
    ...[0, 1, 1e8].map((MaxDelaySeconds) => retries({ MaxDelaySeconds })),
    ...[0.5, 1, "2"].map((BackoffRate) => retries({ BackoffRate })),
    ...["FULL", "NONE", "HALF"].map((JitterStrategy) => retries({ JitterStrategy })),
    retry({ ErrorEquals: ["States.ALL", "X"] }),
    retry({ ErrorEquals: ["States.ALL"] }, { ErrorEquals: ["X"] }),
    caught({ ErrorEquals: ["X"] }),
    caught({ ErrorEquals: ["X"], Next: 1 }),
    caught({ ErrorEquals: ["X"], Next: "B", Odd: 1 }),
    caught({ ErrorEquals: ["X"], Next: "B", ResultPath: "$..a" }),
    caught({ ErrorEquals: ["States.ALL"], Next: "B" }, { ErrorEquals: ["X"], Next: "B" }),
  ],
  "the field Sluice": [
    sluice({ Requires: Array.from({ length: 100 }, (_, n) => `p${n}`) }),
    sluice({ Requires: Array.from({ length: 101 }, (_, n) => `q${n}`) }),
    pass({ Sluice: {} }),
    each(flow({ Each: { Type: "Pass", ...END } }), { Sluice: {} }),
    sluice("x"),
    sluice([]),
    sluice({ Odd: 1 }),
    ...["a", [1], [""], [], ["a".repeat(64)], ["a".repeat(65)]].map((Requires) => sluice({ Requires })),
    ...[-1, "1", 0, 0.123456789, 0.1234567891, 1e9, 2e9].map((Cost) => sluice({ Cost })),
    ...["before", "inline", "none", "after", 1].map((Gate) => sluice({ Gate: Gate as Json })),
    sluice({ Gate: "none", Requires: ["a"] }),
    sluice({ Gate: "none", Cost: 1 }),
    ...["before", "inline", "none"].map((Gate) => ask("approval", { Title: "T" }, { Sluice: { Gate } })),
    sluice({ Gate: "inline" }, { Resource: "arn:aws:states:::sqs:sendMessage" }),
    sluice({ Gate: "inline" }, { Resource: "arn:aws:states:::lambda:invoke.waitForTaskToken" }),
    sluice(
      { Gate: "inline" },
      { Resource: "arn:aws:states:::lambda:invoke", Parameters: { FunctionName: "f" } },
    ),
    distributed({ Sluice: [] }),
    distributed({ Sluice: { Children: "free" } }),
    distributed({ Sluice: { Children: "bound" } }),
    distributed({ Sluice: { Children: "free", Cost: 1 } }),
    distributed({}, { Type: "Task", Resource: `${ARN}f`, Sluice: { Gate: "inline", Cost: 1 }, ...END }),
    distributed(
      { Sluice: { Children: "free" } },
      { Type: "Task", Resource: `${ARN}f`, Sluice: { Requires: ["a"] }, ...END },
    ),
    distributed(
      { Sluice: { Children: "free" } },
      { Type: "Task", Resource: `${ARN}f`, Sluice: { Cost: 1 }, ...END },
    ),
  ],
  "the field Sluice of a definition": [
    ...[{}, [], "x", { Odd: 1 }, { ContinueAsNew: true }].map((Sluice) => ({ ...pass({}), Sluice })),
    ...[[], {}, { a: 1 }, { a: "b" }, { "a.b": "$.a" }, { 1: "$.a" }, { ["a".repeat(41)]: "$.a" }].map(
      (Index) => ({ ...pass({}), Sluice: { Index } }),
    ),
    ...[5, 6].map((count) => ({
      ...pass({}),
      Sluice: { Index: Object.fromEntries(Array.from({ length: count }, (_, n) => [`a${n}`, "$.a"])) },
    })),
  ],
  structure: [
    pass({ End: false }),
    pass({ End: "yes" }),
    flow({ A: { Type: "Pass", Next: 1 } }),
    flow({ A: { Type: "Succeed", Next: "A" } }),
    flow({
      A: { Type: "Choice", Choices: [{ Variable: "$.a", IsNull: true, Next: "B" }], Next: "B" },
      B: { Type: "Succeed" },
    }),
    flow({ A: { Type: "Choice" }, B: { Type: "Succeed" } }),
    flow({
      A: { Type: "Succeed" },
      B: { Type: "Pass", Next: "C" },
      C: { Type: "Pass", Next: "B" },
      D: { Type: "Pass", Next: "E" },
      E: { Type: "Succeed" },
    }),
    flow({ A: { Type: "Pass", Next: "A2" }, A2: { Type: "Pass", Next: "A2" } }),
    flow({
      A: { Type: "Pass", Next: "B" },
      B: { Type: "Choice", Choices: [{ Variable: "$.a", IsNull: true, Next: "A" }] },
    }),
    each({ ...flow({ Each: { Type: "Pass", ...END } }), Odd: 1 }),
  ],
  values: [
    ...[{ Seconds: 1, SecondsPath: "$.s" }, { Seconds: -1 }, { Seconds: 1.5 }, { Seconds: "1" }, {}].map(
      waits,
    ),
    ...["2030-01-01T00:00:00Z", "2030-01-01", "x", 1].map((Timestamp) => waits({ Timestamp })),
    jsonata({ Type: "Wait", Seconds: "{% 1 %}", Timestamp: "{% 1 %}" }),
    jsonata({ Type: "Wait", SecondsPath: "$.s" }),
    ...[
      { TimeoutSeconds: 5, HeartbeatSeconds: 5 },
      { TimeoutSeconds: 5, HeartbeatSeconds: 4 },
    ].map(task),
    ...[{ TimeoutSeconds: 0 }, { TimeoutSeconds: "5" }, { TimeoutSeconds: 5, TimeoutSecondsPath: "$.t" }].map(
      task,
    ),
    pass({ Parameters: { a: [{ "b.$": "bad" }, { "c.$": "$.c" }], "d.$": 1 } }),
    pass({ Parameters: "x" }),
    pass({ Parameters: { a: 1, "a.$": "$.a" } }),
  ],
  variables: [
    ...["1a", "a".repeat(80), "a".repeat(81), "a-b", "states", "_a1"].map((name) =>
      pass({ Assign: { [name]: 1 } }),
    ),
    flow({
      A: { Type: "Pass", Assign: { v: 1 }, Next: "B" },
      B: {
        Type: "Map",
        ItemProcessor: flow({ Each: { Type: "Pass", Assign: { v: 2, w: 1 }, ...END } }),
        ...END,
      },
    }),
    flow({
      A: { Type: "Pass", Assign: { v: 1 }, Next: "B" },
      B: {
        ...{ Type: "Map", End: true },
        ItemProcessor: {
          ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
          ...flow({ Each: { Type: "Pass", Assign: { v: 2 }, ...END } }),
        },
      },
    }),
    flow({
      A: {
        Type: "Parallel",
        Branches: [
          flow({ L: { Type: "Pass", Assign: { v: 1 }, ...END } }),
          flow({ R: { Type: "Pass", Assign: { v: 2 }, ...END } }),
        ],
        ...END,
      },
    }),
  ],
};

// Snapshots of all errors and warnings. After an intended change, update them with -u and read the difference.
describe.each(Object.entries(CASES))("%s", (_subject, definitions) => {
  it.each(definitions.map((definition) => [JSON.stringify(definition).slice(0, 400), definition] as const))(
    "%s",
    (_text, definition) => {
      const result = compile(definition, { policy: { allow: ["*"] } });
      const found = result.ok
        ? ["accepted", ...result.warnings]
        : result.errors.map(({ path, message }) => `${path}: ${message}`);
      expect(found.join("\n")).toMatchSnapshot();
    },
  );
});
