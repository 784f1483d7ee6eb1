import { describe, expect, it } from "vitest";
import { ARN, compile } from "../../../test/harness/asl/compiler.ts";
import type { JsonObject } from "../../model/json/json.ts";

const INVOKE = "arn:aws:states:::lambda:invoke";
const task = (fields: JsonObject): JsonObject => ({ Type: "Task", End: true, ...fields });
const call = (FunctionName: string): JsonObject => task({ Resource: INVOKE, Parameters: { FunctionName } });
const jsonata = (Arguments: string | JsonObject): JsonObject =>
  task({ QueryLanguage: "JSONata", Resource: INVOKE, Arguments });

/** The state alone, and at the bottom of each kind of state that holds others. */
const PLACES: Readonly<Record<string, (state: JsonObject) => JsonObject>> = {
  "at the top": (T) => ({ StartAt: "T", States: { T } }),
  "in a branch": (T) => ({
    StartAt: "P",
    States: { P: { Type: "Parallel", End: true, Branches: [{ StartAt: "T", States: { T } }] } },
  }),
  "in a map in a branch": (T) => ({
    StartAt: "P",
    States: {
      P: {
        Type: "Parallel",
        End: true,
        Branches: [
          {
            StartAt: "M",
            States: { M: { Type: "Map", End: true, ItemProcessor: { StartAt: "T", States: { T } } } },
          },
        ],
      },
    },
  }),
  "in a distributed map": (T) => ({
    StartAt: "M",
    States: {
      M: {
        Type: "Map",
        End: true,
        ItemProcessor: {
          ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
          StartAt: "T",
          States: { T },
        },
      },
    },
  }),
};

const REFUSED: readonly (readonly [what: string, state: JsonObject, field: string])[] = [
  [
    "Credentials",
    { ...call("charge"), Credentials: { RoleArn: "arn:aws:iam::123456789012:role/admin" } },
    "Credentials",
  ],
  ["Credentials of nothing", { ...call("charge"), Credentials: null }, "Credentials"],
  ["a resource from the input", task({ Resource: "$.fn" }), "Resource"],
  [
    "a resource from an expression",
    task({ QueryLanguage: "JSONata", Resource: "{% $states.input.fn %}" }),
    "Resource",
  ],
  ["no resource", task({}), ""],
  ["an activity", task({ Resource: "arn:aws:states:eu-west-1:123456789012:activity:work" }), "Resource"],
  ["another execution", task({ Resource: "arn:aws:states:::states:startExecution.sync:2" }), "Resource"],
  ["an SDK call", task({ Resource: "arn:aws:states:::aws-sdk:dynamodb:scan" }), "Resource"],
  ["an SDK call of Lambda's", task({ Resource: "arn:aws:states:::aws-sdk:lambda:invoke" }), "Resource"],
  ["an SDK call in capitals", task({ Resource: "arn:aws:states:::AWS-SDK:s3:getObject" }), "Resource"],
  ["an HTTP endpoint", task({ Resource: "arn:aws:states:::http:invoke" }), "Resource"],
  ["a queue", task({ Resource: "arn:aws:states:::sqs:sendMessage" }), "Resource"],
  ["a bucket", task({ Resource: "arn:aws:s3:::bucket" }), "Resource"],
  [
    "a function name from the input",
    task({ Resource: INVOKE, Parameters: { "FunctionName.$": "$.fn" } }),
    "Parameters.FunctionName.$",
  ],
  [
    "both a name and a path",
    task({ Resource: INVOKE, Parameters: { FunctionName: "charge", "FunctionName.$": "$.fn" } }),
    "Parameters.FunctionName",
  ],
  ["a name put together", call("States.Format('sluice-{}', 'gate')"), "Parameters.FunctionName"],
  [
    "a name of an expression",
    jsonata({ FunctionName: "{% 'sluice-' & 'gate' %}" }),
    "Arguments.FunctionName",
  ],
  ["arguments of an expression", jsonata("{% {'FunctionName': 'sluice-gate'} %}"), "Arguments"],
  ["no name", task({ Resource: INVOKE, Parameters: {} }), "Parameters"],
  ["a name in a URL", call("https://x.lambda-url.eu-west-1.on.aws/"), "Parameters.FunctionName"],
  ["a name with a space before", call(" sluice-gate"), "Parameters.FunctionName"],
  ["a name over two lines", call("charge\nsluice-gate"), "Parameters.FunctionName"],
  ...["sluice-gate", "sluice-gate:1", "sluice-gate:live", "sluice-gate:$LATEST", "function:sluice-gate"].map(
    (name) => [`Sluice's own as ${name}`, call(name), "Resource"] as const,
  ),
  ...[
    "123456789012:sluice-gate",
    "123456789012:function:sluice-gate",
    `${ARN}sluice-park`,
    `${ARN}sluice-x:7`,
  ].map((name) => [`Sluice's own as ${name}`, call(name), "Resource"] as const),
  ["Sluice's own by its ARN", task({ Resource: `${ARN}sluice-publish` }), "Resource"],
  ["Sluice's own by its ARN, a version", task({ Resource: `${ARN}sluice-publish:3` }), "Resource"],
  [
    "Sluice's own, asked for an answer",
    task({ Resource: `${INVOKE}.waitForTaskToken`, Parameters: { FunctionName: "sluice-admin" } }),
    "Resource",
  ],
];

describe.each(Object.entries(PLACES))("what publish refuses %s", (_place, around) => {
  it.each(REFUSED)("%s", (_what, state, field) => {
    const result = compile(around(state));
    expect(result.ok).toBe(false);
    const paths = result.ok ? [] : result.errors.map(({ path }) => path);
    expect(
      paths.some((path) => path.endsWith(["States.T", ...(field === "" ? [] : [field])].join("."))),
      paths.join(", "),
    ).toBe(true);
  });
});

it.each(["ItemReader", "ResultWriter"])("what publish refuses of a Map: %s", (field) => {
  const definition = {
    StartAt: "M",
    States: {
      M: {
        Type: "Map",
        End: true,
        [field]: { Resource: "arn:aws:states:::s3:getObject", Parameters: { Bucket: "b" } },
        ItemProcessor: {
          ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
          StartAt: "T",
          States: { T: call("charge") },
        },
      },
    },
  };
  const result = compile(definition);
  expect(!result.ok && result.errors.map(({ path }) => path)).toContain(`States.M.${field}`);
});

it.each(["charge", "my-sluice-charge", "charge:live", `${ARN}charge`, "123456789012:function:charge"])(
  "a user's function is called as %s",
  (name) => {
    for (const around of Object.values(PLACES)) expect(compile(around(call(name))).ok).toBe(true);
  },
);
