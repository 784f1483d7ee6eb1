import { describe, expect, it } from "vitest";
import { ARN, compile, errorsOf, flow } from "../../../test/harness/asl/compiler.ts";
import { ALLOW_SETS, allowListProblem } from "../../model/allow-sets.ts";
import type { JsonObject } from "../../model/json/json.ts";

const INVOKE = "arn:aws:states:::lambda:invoke";
const task = (fields: JsonObject): JsonObject => ({ Type: "Task", End: true, ...fields });
const call = (FunctionName: string): JsonObject => task({ Resource: INVOKE, Parameters: { FunctionName } });
const jsonata = (Arguments: string | JsonObject): JsonObject =>
  task({ QueryLanguage: "JSONata", Resource: INVOKE, Arguments });

/** The state alone, and nested in each kind of state that contains others. */
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
    "Sluice's own, with a region and an account",
    task({
      Resource: "arn:aws:states:eu-west-1:111122223333:lambda:invoke",
      Parameters: { FunctionName: "sluice-admin" },
    }),
    "Resource",
  ],
  [
    "Sluice's own, asked for an answer",
    task({ Resource: `${INVOKE}.waitForTaskToken`, Parameters: { FunctionName: "sluice-admin" } }),
    "Resource",
  ],
];

describe.each(Object.entries(PLACES))("resources that publish refuses %s", (_place, around) => {
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

it.each(["ItemReader", "ResultWriter"])("resources of a Map that publish refuses: %s", (field) => {
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

it("Sluice's own functions stay closed when everything is allowed, also behind an ARN with a region", () => {
  for (const Resource of [INVOKE, "arn:aws:states:eu-west-1:111122223333:lambda:invoke"]) {
    const T = task({ Resource, Parameters: { FunctionName: "sluice-admin" } });
    const errors = errorsOf({ StartAt: "T", States: { T } }, { policy: { allow: ["*"] } });
    expect(errors).toEqual([expect.stringContaining("Sluice's own functions")]);
  }
});

describe("an allowed resource", () => {
  const sends = (Resource: string) =>
    compile(
      { StartAt: "T", States: { T: task({ Resource, Parameters: { MessageBody: "m" } }) } },
      { policy: { allow } },
    );
  const SEND = "arn:aws:states:::sqs:sendMessage";
  let allow: string[] = [];

  it.each([
    [SEND, SEND],
    [`${SEND}*`, `${SEND}.waitForTaskToken`],
    ["arn:aws:states:::sqs:*", SEND],
    ["*:sqs:*", SEND],
  ])("%s permits %s", (pattern, resource) => {
    allow = [pattern];
    expect(sends(resource).ok).toBe(true);
  });

  it.each([
    [SEND, `${SEND}.waitForTaskToken`],
    [SEND, `${SEND}Batch`],
    ["states:::sqs:sendMessage", SEND],
    ["states:::sqs:*", SEND],
    ["sendMessage*", SEND],
    ["arn:aws:states:::sqs:send.essage", SEND],
    ["arn:aws:states:::sqs", SEND],
    ["", SEND],
  ])("%s matches only a part of %s and does not permit it", (pattern, resource) => {
    allow = [pattern];
    const result = sends(resource);
    expect(!result.ok && result.errors.map(({ path }) => path)).toContain("States.T.Resource");
  });
});

it.each(["charge", "my-sluice-charge", "charge:live", `${ARN}charge`, "123456789012:function:charge"])(
  "a user's function is called as %s",
  (name) => {
    for (const around of Object.values(PLACES)) expect(compile(around(call(name))).ok).toBe(true);
  },
);

const sdk = (action: string): JsonObject => task({ Resource: `arn:aws:states:::aws-sdk:${action}` });
const resource = (Resource: string, Parameters: JsonObject = {}): JsonObject =>
  task({ Resource, Parameters });
const reader: JsonObject = {
  Type: "Map",
  End: true,
  ItemReader: { Resource: "arn:aws:states:::s3:getObject", Parameters: { Bucket: "b", Key: "k" } },
  ItemProcessor: {
    ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
    StartAt: "In",
    States: { In: call("charge") },
  },
};

/** A state, and the sets that its refusal names. Each of them alone permits it. */
const OPENED: readonly (readonly [what: string, state: JsonObject, sets: readonly string[]])[] = [
  ["a table", resource("arn:aws:states:::dynamodb:putItem", { TableName: "t", Item: {} }), ["dynamodb"]],
  ["a topic", resource("arn:aws:states:::sns:publish", { TopicArn: "t", Message: "m" }), ["sns"]],
  [
    "a queue with a token",
    resource("arn:aws:states:::sqs:sendMessage.waitForTaskToken", {
      QueueUrl: "q",
      "MessageBody.$": "$$.Task.Token",
    }),
    ["sqs"],
  ],
  ["a bus", resource("arn:aws:states:::events:putEvents", { Entries: [] }), ["events"]],
  [
    "another execution",
    resource("arn:aws:states:::states:startExecution.sync:2", { StateMachineArn: "m" }),
    ["states"],
  ],
  ["a container", resource("arn:aws:states:::ecs:runTask.sync", { TaskDefinition: "t" }), ["ecs"]],
  [
    "a job",
    resource("arn:aws:states:::batch:submitJob.sync", { JobName: "j", JobQueue: "q", JobDefinition: "d" }),
    ["batch"],
  ],
  ["a crawl", resource("arn:aws:states:::glue:startJobRun.sync", { JobName: "j" }), ["glue"]],
  ["a query", resource("arn:aws:states:::athena:startQueryExecution.sync", { QueryString: "q" }), ["athena"]],
  ["a model", resource("arn:aws:states:::bedrock:invokeModel", { ModelId: "m" }), ["bedrock"]],
  [
    "a training",
    resource("arn:aws:states:::sagemaker:createTrainingJob.sync", { TrainingJobName: "t" }),
    ["sagemaker"],
  ],
  [
    "an API",
    resource("arn:aws:states:::apigateway:invoke", { ApiEndpoint: "a", Method: "GET" }),
    ["apigateway"],
  ],
  ["an address", resource("arn:aws:states:::http:invoke", { ApiEndpoint: "a", Method: "GET" }), ["http"]],
  ["the SDK of a service", sdk("ses:sendEmail"), ["aws-sdk:ses"]],
  ["the SDK of S3", sdk("s3:getObject"), ["s3", "aws-sdk:s3"]],
  ["the SDK of a service with a set", sdk("dynamodb:query"), ["aws-sdk:dynamodb"]],
  ["an activity", task({ Resource: "arn:aws:states:eu-west-1:123456789012:activity:work" }), ["activity"]],
  [
    "a function name from the input",
    task({ Resource: INVOKE, Parameters: { "FunctionName.$": "$.fn" } }),
    ["lambda-any"],
  ],
  [
    "a string that is not a function name",
    call("arn:aws:lambda:eu-west-1:<account>:function:f"),
    ["lambda-any"],
  ],
  [
    "an integration with a region and an account",
    resource("arn:aws:states:eu-west-1:111122223333:aws-sdk:glue:getTable"),
    ["aws-sdk:glue"],
  ],
  ["a function name of an expression", jsonata({ FunctionName: "{% $states.input.fn %}" }), ["lambda-any"]],
  ["arguments of an expression", jsonata("{% $states.input %}"), ["lambda-any"]],
  [
    "credentials",
    { ...call("charge"), Credentials: { RoleArn: "arn:aws:iam::123456789012:role/other" } },
    ["credentials"],
  ],
  [
    "credentials from the input",
    { ...call("charge"), Credentials: { "RoleArn.$": "$.role" } },
    ["credentials"],
  ],
  ["a reader", reader, ["readers"]],
];
const EVERY_SET = [...new Set([...ALLOW_SETS, ...OPENED.flatMap(([, , sets]) => sets)])];
const top = (T: JsonObject): JsonObject => ({ StartAt: "T", States: { T } });

describe("the sets of the allow list", () => {
  it.each(OPENED)(
    "%s: refused with the sets that permit it, and permitted by no others",
    (_what, state, sets) => {
      const [refusal, ...more] = errorsOf(top(state));
      expect(more).toEqual([]);
      expect(refusal).toContain(`The set ${sets.map((name) => `"${name}"`).join(" or ")} in`);
      const opening = EVERY_SET.filter(
        (name) => errorsOf(top(state), { policy: { allow: [name] } }).length === 0,
      );
      expect(opening.toSorted()).toEqual([...sets, "*"].toSorted());
    },
  );

  it("each permit something", () => {
    const named = new Set(["*", ...OPENED.flatMap(([, , sets]) => sets)]);
    expect(ALLOW_SETS.filter((name) => !named.has(name))).toEqual([]);
  });

  it("a service without a set is permitted by its ARN, or by *", () => {
    const build = top(resource("arn:aws:states:::codebuild:startBuild.sync", { ProjectName: "p" }));
    expect(errorsOf(build)[0]).toContain('the entry "arn:aws:states:::codebuild:startBuild.sync"');
    for (const entry of ["arn:aws:states:::codebuild:startBuild.sync", "*"])
      expect(errorsOf(build, { policy: { allow: [entry] } })).toEqual([]);
  });

  it.each([
    ["arn:aws:states:::sqs:sendMessage", true],
    ["arn:aws:states:::sqs:*", true],
    ["arn:*:sendMessage", true],
    ["arn:aws:states:::sqs:send", false],
    ["arn:aws:states:::sqs:sendMessage.wait*", false],
    ["arn:aws:states:::sqs:sendMessag.", false],
    ["arn:aws:states:::sqs:sendMessages*", false],
    ["arn:*:sqs", false],
  ])("an ARN matches as a whole: %s", (entry, opens) => {
    const queue = top(resource("arn:aws:states:::sqs:sendMessage", { QueueUrl: "q", MessageBody: "m" }));
    expect(errorsOf(queue, { policy: { allow: [entry] } }).length).toBe(opens ? 0 : 1);
  });

  it.each<[string, JsonObject]>([
    ["functions", call("sluice-gate")],
    [
      "functions by the SDK",
      resource("arn:aws:states:::aws-sdk:lambda:invoke", { FunctionName: "sluice-gate" }),
    ],
    [
      "state machines",
      resource("arn:aws:states:::states:startExecution", {
        StateMachineArn: "arn:aws:states:eu-west-1:123456789012:stateMachine:sluice-acme-order",
      }),
    ],
    [
      "executions",
      resource("arn:aws:states:::aws-sdk:sfn:stopExecution", {
        ExecutionArn: "arn:aws:states:eu-west-1:123456789012:execution:sluice-acme-order:r.1",
      }),
    ],
    [
      "roles",
      { ...call("charge"), Credentials: { RoleArn: "arn:aws:iam::123456789012:role/sluice-task-umbrella" } },
    ],
  ])("none opens Sluice's own %s", (_what, state) => {
    expect(errorsOf(top(state), { policy: { allow: EVERY_SET } })).toEqual([
      expect.stringContaining("Sluice's own"),
    ]);
  });

  it("are known by name", () => {
    expect(allowListProblem([...EVERY_SET, "arn:aws:states:::codebuild:*"])).toBeUndefined();
    const problem = allowListProblem(["sqs", "lambda", "aws-sdk:*"]);
    expect(problem).toContain('"lambda", "aws-sdk:*"');
    expect(problem).not.toContain('"sqs"');
    for (const name of ALLOW_SETS) expect(problem).toContain(name);
  });
});

it("reserves only the names of the instance that compiles", () => {
  const gate = `${ARN}orders-gate`;
  const functions = { gate, park: gate, humanStep: gate, continueAsNew: gate };
  const calls = (name: string) => flow({ Call: { Type: "Task", Resource: `${ARN}${name}`, End: true } });
  expect(errorsOf(calls("orders-control"), { functions })).toEqual([
    expect.stringContaining('whose names begin with "orders-"'),
  ]);
  expect(errorsOf(calls("sluice-control"), { functions })).toEqual([]);
  expect(errorsOf(calls("sluice-control"))).toEqual([expect.stringContaining('begin with "sluice-"')]);
});
