import { expect, it } from "vitest";
import { ARN, compile, flow } from "../../test/harness/asl/compiler.ts";
import type { JsonObject } from "../model/json/json.ts";
import type { CompileInput } from "./compile.ts";

const step = (more: JsonObject = {}): JsonObject => ({ Type: "Task", Resource: `${ARN}charge`, ...more });
const END = { End: true };
const ALL = ["States.ALL"];
const RETRY = [
  { ErrorEquals: ["Carrier.Down"], IntervalSeconds: 2, MaxAttempts: 5, BackoffRate: 1.5 },
  { ErrorEquals: ALL, MaxAttempts: 1 },
];
const caught = (Next: string, more: JsonObject = {}): JsonObject[] => [
  { ErrorEquals: ["Carrier.Down", "States.Timeout"], Next, ...more },
  { ErrorEquals: ALL, Next },
];
const children = (more: JsonObject): JsonObject => ({
  ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
  ...more,
});
const approval = (more: JsonObject): JsonObject => ({
  ...{ Type: "Task", Resource: "arn:sluice:::approval", Parameters: { Title: "Go on?" } },
  ...more,
});
const form = (more: JsonObject): JsonObject => ({ Type: "Task", Resource: "arn:sluice:::form", ...more });

const HANDLERS = flow({
  Charge: step({ Retry: RETRY, Catch: caught("Sorry", { ResultPath: "$.error" }), Next: "Fan" }),
  Fan: {
    Type: "Parallel",
    Branches: [
      flow({ Left: step({ Catch: caught("Saved"), ...END }), Saved: { Type: "Pass", End: true } }),
      flow({ Right: step({ Sluice: { Gate: "none" }, ...END }) }),
    ],
    ResultSelector: { "left.$": "$[0]" },
    Retry: RETRY,
    Catch: caught("Sorry"),
    Next: "Ask",
  },
  Ask: approval({ TimeoutSeconds: 60, Retry: RETRY, Catch: caught("Sorry"), Next: "Done" }),
  Sorry: step({ Sluice: { Requires: ["refund", "sorry"], Cost: 2.5 }, Next: "No" }),
  No: { Type: "Fail", ErrorPath: "$.Error", CausePath: "States.Format('{}!', $.Cause)" },
  Done: { Type: "Succeed", OutputPath: "$.fan" },
});

/** The same in a machine of somebody else. */
const THEIRS: JsonObject = {
  ...HANDLERS,
  States: {
    ...(HANDLERS["States"] as JsonObject),
    Ask: { Type: "Wait", Seconds: 60, Next: "Done" },
    Sorry: step({ Sluice: { Cost: 2.5 }, Next: "No" }),
  },
};

const JSONATA = flow(
  {
    Charge: step({
      Arguments: { order: "{% $states.input.order %}" },
      Assign: { total: "{% $states.result.total %}" },
      Retry: RETRY,
      Catch: [
        {
          ErrorEquals: ALL,
          Output: "{% $states.errorOutput %}",
          Assign: { why: "{% $states.errorOutput.Error %}" },
          Next: "No",
        },
      ],
      Next: "Each",
    }),
    Each: {
      Type: "Map",
      Items: "{% $states.input.items %}",
      ItemSelector: { item: "{% $states.context.Map.Item.Value %}" },
      ItemProcessor: flow({
        Ask: {
          ...{ Type: "Task", Resource: "arn:sluice:::approval" },
          Arguments: { Title: "{% 'Item' %}", Assignees: ["ann"] },
          Next: "Wait",
        },
        Wait: { Type: "Wait", Timestamp: "{% $states.input.until %}", End: true },
      }),
      Output: "{% {'total': $total} %}",
      Next: "Fill",
    },
    Fill: form({
      Arguments: { Title: "How many?", Form: { type: "object" } },
      Sluice: { Requires: ["fill"] },
      Next: "Pay",
    }),
    Pay: step({
      Sluice: { Requires: ["pay"] },
      Catch: [{ ErrorEquals: ["Sluice.AccessDenied"], Next: "No" }],
      ...END,
    }),
    No: { Type: "Fail", Error: "{% $why %}", Cause: "No" },
  },
  { QueryLanguage: "JSONata", TimeoutSeconds: 3600 },
);

const CHILDREN = flow({
  Each: {
    Type: "Map",
    Label: "orders",
    ItemReader: { Resource: "arn:aws:states:::s3:getObject", Parameters: { Bucket: "b", "Key.$": "$.key" } },
    ItemSelector: { "order.$": "$$.Map.Item.Value" },
    ItemBatcher: { MaxItemsPerBatch: 10, BatchInput: { "run.$": "$.run" } },
    ItemProcessor: children(
      flow({
        Charge: step({ Retry: RETRY, Next: "Inner" }),
        Inner: {
          Type: "Map",
          ItemsPath: "$.lines",
          ItemProcessor: children(flow({ Line: step(END) })),
          MaxConcurrency: 5,
          Catch: caught("Late"),
          Next: "Late",
        },
        Late: { Type: "Succeed" },
      }),
    ),
    ResultWriter: { Resource: "arn:aws:states:::s3:putObject", Parameters: { Bucket: "b", Prefix: "p" } },
    ToleratedFailurePercentage: 5,
    Catch: caught("Sorry"),
    Next: "Second",
  },
  Second: {
    Type: "Map",
    QueryLanguage: "JSONata",
    Items: "{% $states.input.items %}",
    ItemProcessor: children(
      flow({ One: step({ QueryLanguage: "JSONata", Arguments: "{% $states.input %}", ...END }) }),
    ),
    Output: "{% $states.result %}",
    Next: "Sorry",
  },
  Sorry: step(END),
});

const inline = (more: JsonObject = {}): JsonObject => step({ Sluice: { Gate: "inline" }, ...more });
const INLINE = flow({
  Charge: inline({
    Sluice: { Gate: "inline", Requires: ["pay"], Cost: 1 },
    Retry: RETRY,
    Catch: caught("Invoke"),
    Next: "Invoke",
  }),
  Invoke: inline({
    Resource: "arn:aws:states:::lambda:invoke",
    Parameters: { FunctionName: "charge", "Payload.$": "$" },
    OutputPath: "$.Payload",
    Next: "Some",
  }),
  Some: inline({
    Resource: "arn:aws:states:::lambda:invoke",
    Parameters: { FunctionName: "charge", Payload: { "id.$": "$.id" } },
    InputPath: "$.order",
    TimeoutSeconds: 30,
    Next: "Fan",
  }),
  Fan: {
    Type: "Parallel",
    Branches: [flow({ Left: inline(END) }), flow({ Right: step(END) })],
    Next: "Language",
  },
  Language: inline({ QueryLanguage: "JSONata", Arguments: { id: "{% $states.input.id %}" }, ...END }),
});

const LOOP = flow({
  First: step({ Assign: { page: 1, token: null }, Next: "Work" }),
  Work: step({ Assign: { "token.$": "$.token" }, Next: "Ask" }),
  Ask: {
    Type: "Task",
    Resource: "arn:aws:states:::lambda:invoke.waitForTaskToken",
    Parameters: { FunctionName: "ask", Payload: { "token.$": "$$.Task.Token" } },
    HeartbeatSeconds: 600,
    Next: "Pause",
  },
  Pause: { Type: "Wait", SecondsPath: "$.seconds", Next: "Again" },
  Again: {
    Type: "Choice",
    Choices: [{ Variable: "$.more", BooleanEquals: true, Next: "Work" }],
    Default: "Last",
  },
  Last: step(END),
});
const LOOP_IN_JSONATA = flow(
  {
    Work: step({ Assign: { page: "{% $states.input.page %}" }, Next: "Again" }),
    Again: { Type: "Choice", Choices: [{ Condition: "{% $page < 9 %}", Next: "Work" }], Default: "Last" },
    Last: { Type: "Succeed", Output: "{% $page %}" },
  },
  { QueryLanguage: "JSONata" },
);

const ANY_RESOURCE: Partial<CompileInput> = { policy: { allow: ["*"] } };
const attached = (whenUnreachable: "pass" | "fail"): Partial<CompileInput> => ({
  attached: { whenUnreachable },
});

// Every change of a compiled text must be meant: `npx vitest run shared/asl/approved-text.test.ts -u` writes them anew; read the
// difference.
it.each<[string, JsonObject, Partial<CompileInput>]>([
  ["simple", flow({ Charge: step(END) }), {}],
  [
    "callback-in-map",
    flow(
      {
        Each: {
          Type: "Map",
          ItemProcessor: flow({ Ask: approval({ TimeoutSeconds: 60, ...END }) }),
          Catch: [{ ErrorEquals: ALL, Next: "Late" }],
          ...END,
        },
        Late: { Type: "Fail", Error: "TooLate", CausePath: "$.Cause" },
      },
      { TimeoutSeconds: 3600 },
    ),
    {},
  ],
  ["handlers", HANDLERS, {}],
  ["jsonata", JSONATA, {}],
  ["distributed-maps", CHILDREN, ANY_RESOURCE],
  ["inline-gates", INLINE, {}],
  ["loop", LOOP, {}],
  ["loop-in-jsonata", LOOP_IN_JSONATA, {}],
  ["replay-from-a-state", HANDLERS, { startAt: "Ask" }],
  ["attached", THEIRS, attached("pass")],
  ["attached-or-fail", THEIRS, attached("fail")],
  ["attached-loop", LOOP, attached("pass")],
])("compiles to the approved text: %s", async (name, definition, more) => {
  const result = compile(definition, { taskRoleArn: "arn:aws:iam::123456789012:role/acme-tasks", ...more });
  await expect(`${JSON.stringify(result, null, 2)}\n`).toMatchFileSnapshot(`golden/${name}.json`);
});
