import { expect, test } from "vitest";
import type { JsonObject } from "../../model/json/json.ts";
import { statesCalling } from "./called-resources.ts";
import { machineOf } from "./graph.ts";

const PAY = "arn:aws:lambda:eu-west-1:111122223333:function:pay";
const BUS = "arn:aws:events:eu-west-1:111122223333:event-bus/orders";
const CONNECTION = "arn:aws:events:eu-west-1:111122223333:connection/bank";
const QUEUE = "https://sqs.eu-west-1.amazonaws.com/111122223333/pay";
const calling = (state: JsonObject, asked: string): boolean => {
  const machine = machineOf({ StartAt: "A", States: { A: { Type: "Task", End: true, ...state } } });
  if (machine === undefined) throw new Error("The definition cannot be read");
  return statesCalling(machine, [asked]).join() === "A";
};
const integration = (action: string, Parameters: JsonObject): JsonObject => ({
  ...{ Resource: `arn:aws:states:::${action}`, Parameters },
});
const invoking = (FunctionName: string) => integration("lambda:invoke", { FunctionName });

test.each([
  ["a function by its name", invoking("pay"), "pay"],
  ["a function by its ARN, which the definition names", invoking("pay"), PAY],
  ["a function by its name, whose ARN the definition has", invoking(PAY), "pay"],
  ["every version of a function", invoking(`${PAY}:3`), PAY],
  ["every alias of a function", invoking("pay:live"), "pay"],
  ["one version", invoking("pay:3"), `${PAY}:3`],
  ["one version by name", invoking(`${PAY}:3`), "pay:3"],
  ["a partial ARN", invoking("111122223333:function:pay"), PAY],
  ["the function that is the resource", { Resource: PAY }, "pay"],
  ["an activity", { Resource: "arn:aws:states:eu-west-1:111122223333:activity:pay" }, "pay"],
  ["a queue by its name", integration("sqs:sendMessage", { QueueUrl: QUEUE, MessageBody: "x" }), "pay"],
  [
    "a queue by its ARN",
    integration("sqs:sendMessage.waitForTaskToken", { QueueUrl: QUEUE }),
    "arn:aws:sqs:eu-west-1:111122223333:pay",
  ],
  ["a topic", integration("sns:publish", { TopicArn: "arn:aws:sns:eu-west-1:111122223333:pay" }), "pay"],
  ["a table", integration("aws-sdk:dynamodb:query", { TableName: "pay" }), "pay"],
  [
    "a state machine",
    integration("aws-sdk:sfn:startExecution", {
      StateMachineArn: "arn:aws:states:eu-west-1:111122223333:stateMachine:pay",
    }),
    "pay",
  ],
  [
    "a task definition in every revision",
    integration("ecs:runTask.sync", { Cluster: "c", TaskDefinition: "pay:7" }),
    "arn:aws:ecs:eu-west-1:111122223333:task-definition/pay",
  ],
  ["a bus", integration("events:putEvents", { Entries: [{ EventBusName: "orders" }] }), BUS],
  [
    "a connection",
    integration("http:invoke", {
      ApiEndpoint: "https://pay.example.com/v1",
      Authentication: { ConnectionArn: `${CONNECTION}/4c6f` },
    }),
    CONNECTION,
  ],
  [
    "a host",
    integration("http:invoke", { ApiEndpoint: "https://pay.example.com/v1/charges" }),
    "pay.example.com",
  ],
  [
    "an address below the one that was asked for",
    integration("http:invoke", { ApiEndpoint: "https://pay.example.com/v1/charges" }),
    "https://pay.example.com/v1",
  ],
  [
    "a function in JSONata",
    {
      QueryLanguage: "JSONata",
      Resource: "arn:aws:states:::lambda:invoke",
      Arguments: { FunctionName: "pay" },
    },
    "pay",
  ],
])("calls %s", (_what, state, asked) => {
  expect(calling(state as JsonObject, asked)).toBe(true);
});

test.each([
  ["a function with a longer name", invoking("pay-back"), "pay"],
  ["a function of another account", invoking("444455556666:function:pay"), PAY],
  ["another version", invoking("pay:2"), `${PAY}:3`],
  ["a queue with the name of the function", integration("sqs:sendMessage", { QueueUrl: QUEUE }), PAY],
  [
    "a queue of another region",
    integration("sqs:sendMessage", { QueueUrl: QUEUE }),
    "arn:aws:sqs:us-east-1:111122223333:pay",
  ],
  [
    "an execution of that name",
    integration("states:startExecution", {
      Name: "pay",
      StateMachineArn: "arn:aws:states:eu-west-1:111122223333:stateMachine:ship",
    }),
    "pay",
  ],
  [
    "a message to that group",
    integration("sqs:sendMessage", { QueueUrl: "x", MessageGroupId: "pay" }),
    "pay",
  ],
  ["what is computed", integration("lambda:invoke", { "FunctionName.$": "$.pay" }), "$.pay"],
  ["its payload", integration("lambda:invoke", { FunctionName: "mail", Payload: { to: "pay" } }), "pay"],
  [
    "a host that begins alike",
    integration("http:invoke", { ApiEndpoint: "https://pay.example.community/" }),
    "https://pay.example.com",
  ],
])("does not call %s", (_what, state, asked) => {
  expect(calling(state as JsonObject, asked)).toBe(false);
});
