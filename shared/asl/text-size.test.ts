import { describe, expect, it } from "vitest";
import { ARN, compiled, flow } from "../../test/harness/asl/compiler.ts";
import type { JsonObject } from "../model/json/json.ts";

const ROLE = "arn:aws:iam::123456789012:role/sluice-task-acme";
const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));
const textOf = (definition: JsonObject): JsonObject => compiled(definition, { taskRoleArn: ROLE }).compiled;

const RETRY = [
  {
    ErrorEquals: ["Lambda.ServiceException", "Lambda.AWSLambdaException", "Lambda.TooManyRequestsException"],
    IntervalSeconds: 2,
    MaxAttempts: 6,
    BackoffRate: 2,
  },
];
const caught = (Next: string) => [{ ErrorEquals: ["States.ALL"], ResultPath: "$.error", Next }];

/** A call as the graphical editor of Step Functions writes it. */
const invoke = (name: string, more: JsonObject): JsonObject => ({
  Type: "Task",
  Resource: "arn:aws:states:::lambda:invoke",
  Parameters: { FunctionName: `${ARN}${name}:$LATEST`, "Payload.$": "$" },
  OutputPath: "$.Payload",
  Retry: RETRY,
  ...more,
});

const ORDER = flow(
  {
    "Validate order": invoke("validate-order", { Next: "Is it valid?" }),
    "Is it valid?": {
      Type: "Choice",
      Choices: [
        { Variable: "$.valid", BooleanEquals: true, Next: "Reserve and charge" },
        {
          And: [
            { Variable: "$.retry", IsPresent: true },
            { Variable: "$.tries", NumericLessThan: 3 },
          ],
          Next: "Reject",
        },
      ],
      Default: "Reject",
    },
    "Reserve and charge": {
      Type: "Parallel",
      Branches: [
        flow({ "Reserve stock": invoke("reserve-stock", { TimeoutSeconds: 30, End: true }) }),
        flow({ "Charge card": invoke("charge-card", { TimeoutSeconds: 30, End: true }) }),
      ],
      ResultPath: "$.results",
      Catch: caught("Undo"),
      Next: "Ship",
    },
    Ship: invoke("ship", { Catch: caught("Undo"), Next: "Tell the customer" }),
    "Tell the customer": invoke("notify", { ResultPath: null, End: true }),
    Undo: invoke("undo-order", { Next: "Reject" }),
    Reject: {
      Type: "Fail",
      Error: "OrderRejected",
      Cause: "The order is not valid, or could not be shipped",
    },
  },
  { Comment: "Takes an order from its validation to the customer's door" },
);

const JSONATA = flow(
  Object.fromEntries(
    ["Extract", "Transform", "Check", "Load", "Report"].map((name, index, all): [string, JsonObject] => [
      name,
      {
        Type: "Task",
        Resource: "arn:aws:states:::lambda:invoke",
        Arguments: {
          FunctionName: `${ARN}${name.toLowerCase()}`,
          Payload: {
            batch: "{% $states.input.batch %}",
            rows: "{% [$states.input.rows[status = 'new'].{ 'id': id, 'amount': $number(amount) }] %}",
            at: "{% $states.context.Execution.StartTime %}",
          },
        },
        Output: "{% $merge([$states.input, { 'rows': $states.result.Payload.rows }]) %}",
        Retry: RETRY,
        ...(index === all.length - 1 ? { End: true } : { Next: all[index + 1] ?? "" }),
      },
    ]),
  ),
  { QueryLanguage: "JSONata", Comment: "Nightly load" },
);

const EACH = flow({
  "List files": invoke("list-files", { Next: "Each file" }),
  "Each file": {
    Type: "Map",
    ItemsPath: "$.files",
    MaxConcurrency: 10,
    ItemSelector: { "file.$": "$$.Map.Item.Value", "bucket.$": "$.bucket", "prefix.$": "$.prefix" },
    ItemProcessor: {
      ProcessorConfig: { Mode: "INLINE" },
      ...flow({
        Convert: invoke("convert", { Catch: caught("Note the error"), Next: "Wait for the index" }),
        "Wait for the index": { Type: "Wait", Seconds: 30, Next: "Register" },
        Register: invoke("register", { End: true }),
        "Note the error": {
          Type: "Pass",
          Parameters: { "file.$": "$.file", "reason.$": "$.error.Cause", status: "failed" },
          End: true,
        },
      }),
    },
    ResultPath: "$.converted",
    Next: "Summarize",
  },
  Summarize: invoke("summarize", { End: true }),
});

/** `count` Tasks in a row, each of them as short as a Task can be. */
const chain = (count: number): JsonObject =>
  flow(
    Object.fromEntries(
      Array.from({ length: count }, (_, index): [string, JsonObject] => [
        `S${index}`,
        {
          Type: "Task",
          Resource: `${ARN}charge`,
          ...(index === count - 1 ? { End: true } : { Next: `S${index + 1}` }),
        },
      ]),
    ),
  );

describe("the compiled text", () => {
  it.each([
    ["an order", ORDER],
    ["a JSONata pipe", JSONATA],
    ["a Map", EACH],
  ])("of a flow of ordinary size is at most five times its source: %s", (_name, definition) => {
    expect(bytesOf(textOf(definition)) / bytesOf(definition)).toBeLessThanOrEqual(5);
  });

  // A source of a hundred bytes a step cannot be the measure of what a step costs.
  it("of a short Task has at most 1,150 bytes more for its gate, and of a flow 1,600 more for its ends", () => {
    const [one = 0, two = 0, many = 0] = [1, 2, 102].map((count) => bytesOf(textOf(chain(count))));
    expect((many - two) / 100).toBeLessThanOrEqual(1_150 + 110);
    expect(one - (two - one)).toBeLessThanOrEqual(1_600);
  });

  it("of 600 steps fits into a request", () => {
    expect(Object.keys(textOf(chain(600)).States ?? {}).length).toBeGreaterThan(1_800);
  });
});

describe("generated states", () => {
  const states = (definition: JsonObject): JsonObject[] => {
    const found: JsonObject[] = [];
    JSON.stringify(textOf(definition), (_key, value) => {
      if (value !== null && typeof value === "object" && typeof value.Type === "string") found.push(value);
      return value;
    });
    return found;
  };
  const every = [ORDER, JSONATA, EACH, chain(2)].flatMap(states);

  it("have only fields that AWS documents for their type", () => {
    for (const state of every) {
      if (state.Type === "Succeed" || state.Type === "Fail")
        expect(state).not.toHaveProperty("QueryLanguage");
      if (state.Type === "Fail") expect(String(state.Error ?? "")).not.toMatch(/^States\./);
    }
  });

  it("name the partition, the account and the region of Sluice's functions once, in no gate", () => {
    const gates = every.filter(({ Arguments }) => JSON.stringify(Arguments ?? "").includes("sluice-gate"));
    expect(gates.length).toBeGreaterThan(10);
    for (const gate of gates) expect(JSON.stringify(gate)).not.toContain("123456789012");
  });
});
