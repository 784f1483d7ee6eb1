import fc from "fast-check";
import { isJsonObject, type Json, type JsonObject } from "../../../shared/model/json/json.ts";
import { lambdaArn } from "../../harness/definitions.ts";

/** A state in its scope: a name for each state inside it, and the names that it leads to. */
type Make = (name: () => string, onward: JsonObject) => JsonObject;

const LANGUAGES = ["JSONPath", "JSONata"] as const;
type Language = (typeof LANGUAGES)[number];

const invoke = (language: Language): JsonObject =>
  language === "JSONPath"
    ? { Parameters: { FunctionName: "work", "Payload.$": "$" } }
    : { Arguments: { FunctionName: "work", Payload: "{% $states.input %}" } };
const token = (language: Language): JsonObject =>
  language === "JSONPath"
    ? { Parameters: { FunctionName: "work", Payload: { "t.$": "$$.Task.Token" } } }
    : { Arguments: { FunctionName: "work", Payload: { t: "{% $states.context.Task.Token %}" } } };
const spec = (language: Language, more: JsonObject = {}): JsonObject => ({
  [language === "JSONPath" ? "Parameters" : "Arguments"]: { Title: "Is it so?", ...more },
});
const FORM = { Form: { type: "object", properties: { n: { type: "number" } }, required: ["n"] } };

/** The kinds of state in a flow, each with all of its own fields, in either language. */
const leaves = (language: Language): Readonly<Record<string, JsonObject>> => ({
  task: { Type: "Task", Resource: lambdaArn("work"), TimeoutSeconds: 60, HeartbeatSeconds: 5, Comment: "c" },
  "task by invoke": { Type: "Task", Resource: "arn:aws:states:::lambda:invoke", ...invoke(language) },
  "task with retries": {
    Type: "Task",
    Resource: lambdaArn("work"),
    Retry: [
      { ErrorEquals: ["Lambda.Unknown"], IntervalSeconds: 1, MaxAttempts: 2, BackoffRate: 1.5 },
      { ErrorEquals: ["States.ALL"], MaxDelaySeconds: 9, JitterStrategy: "FULL" },
    ],
    Sluice: { Requires: ["refunds"], Cost: 2 },
  },
  callback: {
    Type: "Task",
    Resource: "arn:aws:states:::lambda:invoke.waitForTaskToken",
    TimeoutSeconds: 9,
    ...token(language),
  },
  ungated: { Type: "Task", Resource: lambdaArn("work"), Sluice: { Gate: "none" } },
  approval: { Type: "Task", Resource: "arn:sluice:::approval", ...spec(language, { Assignees: ["ann"] }) },
  form: { Type: "Task", Resource: "arn:sluice:::form", TimeoutSeconds: 60, ...spec(language, FORM) },
  wait:
    language === "JSONPath" ? { Type: "Wait", SecondsPath: "$.s" } : { Type: "Wait", Seconds: "{% 1 + 1 %}" },
  "wait until": { Type: "Wait", Timestamp: "2026-01-31T12:00:00Z" },
  pass:
    language === "JSONPath"
      ? {
          Type: "Pass",
          Parameters: { "a.$": "States.Format('{}', $.a)" },
          ResultPath: "$.b",
          OutputPath: "$",
        }
      : { Type: "Pass", Output: { a: "{% $states.input.a %}" } },
  assign:
    language === "JSONPath"
      ? { Type: "Pass", Assign: { "v.$": "$.a" } }
      : { Type: "Pass", Assign: { v: "{% $states.input.a %}" } },
  choice: { Type: "Choice" },
});

const choices = (language: Language, next: string): JsonObject[] =>
  language === "JSONPath"
    ? [
        { Variable: "$.a", NumericGreaterThan: 3, Next: next },
        {
          Or: [{ Variable: "$.a", IsPresent: false }, { Not: { Variable: "$.b", StringMatches: "x*" } }],
          Next: next,
        },
      ]
    : [{ Condition: "{% $states.input.a > 3 %}", Next: next, Assign: { w: "{% 1 %}" } }];

const leaf = (language: Language): fc.Arbitrary<Make> =>
  fc.constantFrom(...Object.values(leaves(language))).map((fields) => (_name, onward) => {
    const state = structuredClone(fields);
    const target = onward["Next"];
    if (state["Type"] !== "Choice") return { ...state, ...onward };
    const next = typeof target === "string" ? target : "none";
    return { ...state, Choices: choices(language, next), Default: next };
  });

const scopeOf = (bodies: readonly Make[], name: () => string): JsonObject => {
  const names = [...bodies.map(() => name()), name()];
  const last = names.at(-1) ?? "";
  const states = bodies.map((make, index): [string, JsonObject] => [
    names[index] ?? "",
    make(name, { Next: names[index + 1] ?? last }),
  ]);
  return { StartAt: names[0] ?? "", States: { ...Object.fromEntries(states), [last]: { Type: "Succeed" } } };
};

const bodies = (language: Language): fc.Arbitrary<Make> => {
  const one = leaf(language);
  const several = fc.array(one, { minLength: 1, maxLength: 2 });
  const parallel = fc.tuple(several, several).map(
    (branches): Make =>
      (name, onward) => ({
        Type: "Parallel",
        Branches: branches.map((branch) => scopeOf(branch, name)),
        Catch: [{ ErrorEquals: ["States.ALL"], ...onward }],
        ...onward,
      }),
  );
  const map = several.map(
    (inner): Make =>
      (name, onward) => ({
        Type: "Map",
        MaxConcurrency: 2,
        ItemProcessor: { ProcessorConfig: { Mode: "INLINE" }, ...scopeOf(inner, name) },
        ...onward,
      }),
  );
  return fc.oneof(
    { weight: 6, arbitrary: one },
    { weight: 1, arbitrary: parallel },
    { weight: 1, arbitrary: map },
  );
};

const flowOf = (language: Language): fc.Arbitrary<JsonObject> =>
  fc
    .tuple(fc.array(bodies(language), { minLength: 1, maxLength: 4 }), fc.boolean(), fc.boolean())
    .map(([makes, timed, failing]) => {
      let count = 0;
      const scope = scopeOf(makes, () => `Step ${++count}`);
      const ends = failing ? { [`Step ${makes.length + 1}`]: undefined } : {};
      return JSON.parse(
        JSON.stringify({
          ...(timed ? { TimeoutSeconds: 600 } : {}),
          QueryLanguage: language,
          Comment: "generated",
          ...scope,
          ...ends,
        }),
      ) as JsonObject;
    });

/** Flows that publishing accepts: every type of state, every field, both query languages. */
export const validDefinitions: fc.Arbitrary<JsonObject> = fc.constantFrom(...LANGUAGES).chain(flowOf);

/** Values that replace a field in a mutated flow: those of other fields, and some that no field has. */
const OTHERS: readonly Json[] = [
  null,
  -1,
  1e308,
  "",
  "$",
  "$.a[",
  "$..*",
  "$$.Execution.Input",
  "{% ( %}",
  "{% $states.input %}",
  "States.ALL",
  "Step 1",
  "Sluice gate - Step 1",
  "arn:aws:states:::aws-sdk:dynamodb:deleteTable",
  "\ud800",
  "n".repeat(100),
  [],
  {},
  [{}],
  { States: null },
  { "a.$": "States.Array(" },
];

const fieldsOf = (value: Json, at: readonly string[] = []): string[][] => {
  const children = typeof value === "object" && value !== null ? Object.entries(value) : [];
  return children.flatMap(([key, child]) => [[...at, key], ...fieldsOf(child, [...at, key])]);
};
const put = (
  value: Json,
  [key, ...rest]: readonly string[],
  change: (old: Json) => Json | undefined,
): Json | undefined => {
  if (key === undefined) return change(value);
  if (Array.isArray(value))
    return value.flatMap((item, index) => (String(index) === key ? (put(item, rest, change) ?? []) : [item]));
  if (!isJsonObject(value)) return value;
  const members = Object.entries(value).flatMap(([name, member]): [string, Json][] => {
    const next = name === key ? put(member, rest, change) : member;
    return next === undefined ? [] : [[name, next]];
  });
  return Object.fromEntries(members);
};

/** A valid flow with one field removed or replaced, at any depth. */
export const brokenDefinitions: fc.Arbitrary<JsonObject> = fc
  .tuple(validDefinitions, fc.nat(), fc.option(fc.constantFrom(...OTHERS), { nil: undefined }))
  .map(([definition, pick, other]) => {
    const fields = fieldsOf(definition);
    const broken = put(definition, fields[pick % fields.length] ?? [], () => other);
    return isJsonObject(broken) ? broken : definition;
  });
