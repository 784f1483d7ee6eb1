import { expect, it } from "vitest";
import { ARN, errorsOf, flow } from "../../../test/harness/asl/compiler.ts";
import type { Json, JsonObject } from "../../model/json/json.ts";

const errors = (definition: JsonObject): string[] => errorsOf(definition, { policy: { allow: ["*"] } });

const one = (state: JsonObject): JsonObject => flow({ A: { End: true, ...state } });
const pass = (fields: JsonObject): JsonObject => one({ Type: "Pass", ...fields });
const selects = (path: string): JsonObject => pass({ Parameters: { "value.$": path } });
const task = (fields: JsonObject): JsonObject => one({ Type: "Task", Resource: `${ARN}f`, ...fields });
const calls = (integration: string): JsonObject => task({ Resource: `arn:aws:states:::${integration}` });
const jsonata = (Output: Json): JsonObject => pass({ QueryLanguage: "JSONata", Output });
const distributed = (fields: JsonObject): JsonObject =>
  one({
    Type: "Map",
    ItemProcessor: {
      ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
      ...flow({ Each: { Type: "Pass", End: true } }),
    },
    ...fields,
  });
const READER = "arn:aws:states:::s3:getObject";
const choice = (rule: JsonObject): JsonObject =>
  flow({ A: { Type: "Choice", Choices: [{ ...rule, Next: "B" }] }, B: { Type: "Succeed" } });

it.each<[string, JsonObject]>([
  ["a filter with !=", selects("$.orders[?(@.status != 'paid')]")],
  ["a filter with && and decimals", selects("$.orders[?(@.total >= 9.5 && @.total < 20.25)]")],
  ["a filter with || and !", selects("$.orders[?(!(@.open == true) || @.kind in ['a', 'b'])].id")],
  ["a filter on a nested member", selects("$.orders[?(@.buyer.country == 'SE')]")],
  ["a filter with a regular expression", selects("$.orders[?(@.name =~ /ab.*/i)]")],
  ["a filter with a string without quotes", selects("$.orders[?(@.lang==en)].text")],
  ["a filter after ..", selects("$..[?(@.id)]")],
  ["a slice with a step", selects("$.items[0:10:2]")],
  ["several names in brackets", selects("$.order['id','total']")],
  ["several indexes", selects("$.items[0,-1]")],
  ["a function", selects("$.items.length()")],
  ["escapes in names", selects("$['it\\'s'].a\\.b")],
  ["a dot before brackets", selects("$.items.[0].id")],
  ["a space after a path", selects("$$.Execution.Name ")],
  [
    "decimals in a call",
    selects("States.Array(1.5, -2, null, true, 'a, b)', $.a[?(@.b == ')')], States.UUID())"),
  ],
  ["the escapes of literals", selects("States.Format('\\'{}\\' \\{ \\\\', $.a)")],
  ["a null path", pass({ InputPath: null, ResultPath: null, OutputPath: null })],
  [
    "states called like fields",
    flow({
      Iterator: { Type: "Pass", Next: "Next" },
      Next: { Type: "Pass", Next: "Default" },
      Default: { Type: "Pass", Next: "States" },
      States: { Type: "Pass", Next: "Branches" },
      Branches: { Type: "Pass", End: true },
    }),
  ],
  ["a tolerated percentage below 1", distributed({ ToleratedFailurePercentage: 0.5 })],
  ["no maximum of items", distributed({ ItemReader: { Resource: READER, ReaderConfig: { MaxItems: 0 } } })],
  [
    "a writer that only formats",
    distributed({ ResultWriter: { WriterConfig: { OutputType: "JSONL", Transformation: "FLATTEN" } } }),
  ],
  ["a label", distributed({ Label: "orders-of_the/day" })],
  [
    "a reader with options",
    distributed({ ItemReader: { Resource: READER, ReaderConfig: { InputType: "CSV" } } }),
  ],
  ["nanoseconds", one({ Type: "Wait", Timestamp: "2030-03-05T21:29:29.243167252Z" })],
  ["an offset", one({ Type: "Wait", Timestamp: "2030-03-05T21:29:29+05:30" })],
  ["a role from the input", task({ Credentials: { "RoleArn.$": "$.role" } })],
  [
    "a Fail with calls",
    flow({ A: { Type: "Fail", ErrorPath: "$$.State.Name", CausePath: "States.UUID()" } }),
  ],
  ["a job", calls("glue:startJobRun.sync")],
  ["a nested execution", calls("states:startExecution.sync:2")],
  ["an SDK call with a token", calls("aws-sdk:sfn:startExecution.waitForTaskToken")],
  ["an activity", task({ Resource: "arn:aws:states:eu-west-1:123456789012:activity:work" })],
  ["a comparison with the context", choice({ Variable: "$.n", NumericLessThanPath: "$$.Execution.Input.n" })],
  [
    "nested rules",
    choice({
      Not: { Or: [{ Variable: "$v", IsNull: true }, { And: [{ Variable: "$.a", StringMatches: "*" }] }] },
    }),
  ],
  ["JSONata over lines", jsonata({ sum: "{%\n  $sum($states.input.items.(price * count))\n%}" })],
  ["a JSONata function", jsonata("{% $map([1, 2], function($x) { $x + 1 }) %}")],
  ["text that looks like JSONata", pass({ Result: "{% $$ %}", Parameters: { a: "{% 1" } })],
  ["constants in JSONata", jsonata({ list: [null, "", "10 %}"] })],
])("accepts what Step Functions accepts: %s", (_what, definition) => {
  expect(errors(definition)).toEqual([]);
});

it.each<[string, JsonObject, string]>([
  ["a role without ARN", task({ Credentials: { Role: "r" } }), "States.A.Credentials: Credentials must be"],
  [
    "a timestamp with a blank",
    one({ Type: "Wait", Timestamp: "2030-01-01 10:00:00Z" }),
    "States.A.Timestamp: Timestamp must be a timestamp such as",
  ],
  [
    "an escaped double quote",
    selects(`States.StringToJson('{\\"a\\": 1}')`),
    "States.A.Parameters.value.$: value.$ is not a valid call of an intrinsic function: a string is not closed",
  ],
  ["an unknown function", selects("States.Sum($.a)"), "States.A.Parameters.value.$: "],
  ["too few arguments", selects("States.MathAdd(1)"), "States.A.Parameters.value.$: "],
  ["text after a call", selects("States.UUID() x"), "States.A.Parameters.value.$: "],
  ["a path in a call", selects("States.Array($.a[)"), "States.A.Parameters.value.$: "],
  ["a constant with .$", selects("plain"), "States.A.Parameters.value.$: "],
  ["a filter without value", selects("$.a[?(@.b == )]"), "States.A.Parameters.value.$: "],
  ["a filter with one =", selects("$.a[?(@.b = 1)]"), "States.A.Parameters.value.$: "],
  ["a name with a blank", selects("$.first name"), "States.A.Parameters.value.$: "],
  [
    "a field that is given twice",
    pass({ Parameters: { a: 1, "a.$": "$.a" } }),
    'States.A.Parameters.a: This field is also given as "a.$"',
  ],
  ["a result path with a wildcard", pass({ ResultPath: "$.a[*]" }), "States.A.ResultPath: "],
  ["a result path to the context", pass({ ResultPath: "$$.a" }), "States.A.ResultPath: "],
  [
    "an ErrorPath that is not a path",
    flow({ A: { Type: "Fail", ErrorPath: "Broken" } }),
    "States.A.ErrorPath: ErrorPath is not a valid JSONPath: it must begin with $.",
  ],
  [
    "Cause twice",
    flow({ A: { Type: "Fail", Cause: "c", CausePath: "$.c" } }),
    "States.A.CausePath: Only one of",
  ],
  ["the root in JSONata", jsonata("{% $$ %}"), "States.A.Output: This JSONata expression reads $$"],
  [
    "a name at the top level",
    jsonata("{% $sum(items.price) %}"),
    'States.A.Output: This JSONata expression reads "items"',
  ],
  [
    "broken JSONata",
    jsonata({ a: ["{% 1 + %}"] }),
    "States.A.Output.a[0]: This JSONata expression has a syntax error",
  ],
  [
    "half-open JSONata",
    one({ Type: "Wait", QueryLanguage: "JSONata", Seconds: "{% 10 %" }),
    "States.A.Seconds: ",
  ],
  ["an unknown integration", calls("s3:getObject"), "States.A.Resource: Step Functions has no optimized"],
  ["an unknown action", calls("sqs:receiveMessage"), "States.A.Resource: Step Functions has no optimized"],
  [
    "an unsupported pattern",
    calls("dynamodb:putItem.sync"),
    "States.A.Resource: The integration dynamodb:putItem",
  ],
  ["a job of the SDK", calls("aws-sdk:s3:getObject.sync"), "States.A.Resource: "],
  [
    "another service",
    task({ Resource: "arn:aws:s3:::bucket" }),
    "States.A.Resource: Step Functions cannot call",
  ],
  ["a label with a blank", distributed({ Label: "two words" }), 'States.A.Label: Label cannot contain " "'],
  [
    "a label that is too long",
    distributed({ Label: "x".repeat(41) }),
    "States.A.Label: Label can have at most 40",
  ],
  ["an empty writer", distributed({ ResultWriter: {} }), "States.A.ResultWriter: ResultWriter needs"],
  ["a reader without resource", distributed({ ItemReader: {} }), "States.A.ItemReader: Resource is missing"],
  [
    "a percentage over 100",
    distributed({ ToleratedFailurePercentage: 101 }),
    "States.A.ToleratedFailurePercentage: ",
  ],
  [
    "two limits",
    distributed({ MaxConcurrency: 1, MaxConcurrencyPath: "$.max" }),
    "States.A.MaxConcurrencyPath: Only one of MaxConcurrency and MaxConcurrencyPath",
  ],
  ["an unknown comparison", choice({ Variable: "$.a", StringLike: "b" }), "States.A.Choices[0]"],
  [
    "two comparisons",
    choice({ Variable: "$.a", IsNull: true, IsString: true }),
    "States.A.Choices[0]: The rule has several",
  ],
  [
    "a comparison of the wrong type",
    choice({ Variable: "$.a", NumericEquals: "1" }),
    "States.A.Choices[0].NumericEquals: ",
  ],
  ["no variable", choice({ And: [{ IsNull: true }] }), "States.A.Choices[0].And[0]: Variable is missing"],
  [
    "a nested Next",
    choice({ Not: { Variable: "$.a", IsNull: true, Next: "B" } }),
    "States.A.Choices[0].Not.Next: Only",
  ],
  ["a misspelled type", flow({ A: { Type: "Pss", Next: "B" }, B: { Type: "Succeed" } }), "States.A.Type: "],
  [
    "a misspelled target",
    flow({ A: { Type: "Pass", Next: "Bb" }, B: { Type: "Succeed" } }),
    "States.A.Next: ",
  ],
  ["a misspelled field", flow({ A: { Type: "Pass", Nxt: "B" }, B: { Type: "Succeed" } }), "States.A.Nxt: "],
  ["a misspelled language", pass({ QueryLanguage: "Jsonata", Output: 1 }), "States.A.QueryLanguage: "],
  ["no transition", flow({ A: { Type: "Pass" }, B: { Type: "Succeed" } }), "States.A: Next is missing"],
  [
    "unreachable states in a row",
    flow({ A: { Type: "Succeed" }, C: { Type: "Pass", End: true }, B: { Type: "Pass", Next: "C" } }),
    'States.B: No transition leads to "B"',
  ],
  [
    "QueryLanguage among the states",
    flow({ A: { Type: "Pass", Output: "{% 1 %}", End: true }, QueryLanguage: "JSONata" }),
    "States.QueryLanguage: A state must be an object. QueryLanguage belongs next to States",
  ],
])("reports one error for %s", (_what, definition, expected) => {
  expect(errors(definition)).toEqual([expect.stringContaining(expected)]);
});
