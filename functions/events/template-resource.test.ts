import type { Context } from "aws-lambda";
import { expect, it } from "vitest";
import type { AttachDependencies } from "../dependencies/attach-dependencies.ts";
import { createTemplateResourceHandler } from "./template-resource.ts";

const ignore = (): void => undefined;
/** A refused resource reaches no other dependency. */
const DEPENDENCIES = {
  log: { info: ignore, warn: ignore, error: ignore },
  publishMetrics: ignore,
} as unknown as AttachDependencies;
const CONTEXT = {
  invokedFunctionArn: "arn:aws:lambda:eu-west-1:111122223333:function:sluice-register:ws-demo",
} as Context;

/** Returns the bytes of CloudFormation's answer for the creation of a resource. */
const answerTo = async (ResourceType: string, ResourceProperties: unknown): Promise<string> => {
  let answer = "";
  const handler = createTemplateResourceHandler(DEPENDENCIES, async (_url, body) => {
    answer = body;
  });
  const event = {
    ...{
      RequestType: "Create",
      RequestId: "1",
      LogicalResourceId: "Orders",
      ResourceType,
      ResourceProperties,
    },
    ResponseURL: "https://cloudformation.example/answer",
    StackId: "arn:aws:cloudformation:eu-west-1:111122223333:stack/team/0a1b2c3d",
  };
  await handler(event, CONTEXT);
  return answer;
};

it.each([
  ["characters of two units", "😀"],
  ["characters that JSON escapes", "\u0001"],
])("answers a refusal in the 4,096 bytes that CloudFormation accepts: %s", async (_what, character) => {
  // With and without a letter before them, a cut is between the units of a character.
  for (const prefix of ["", "x"]) {
    const substitutions = { [`${prefix}${character.repeat(100)}`]: {}, [character.repeat(101)]: {} };
    const many = Object.fromEntries(
      Array.from({ length: 30 }, (_, n) => [`${n}${character.repeat(100)}`, {}]),
    );
    const answer = await answerTo("Custom::SluiceFlow", {
      ...{ FlowId: "orders", Definition: "{}", Substitutions: { ...substitutions, ...many } },
    });
    expect(Buffer.byteLength(answer)).toBeLessThanOrEqual(4_096);
    const { Status, Reason } = JSON.parse(answer) as { Status: string; Reason: string };
    expect(Status).toBe("FAILED");
    expect(Reason).toContain("Substitutions");
    expect(Reason.isWellFormed()).toBe(true);
  }
});

it.each([
  ["Custom::SluiceFlow", { FlowId: "Orders!", Definition: "{}" }, "FlowId"],
  [
    "Custom::SluiceFlow",
    { FlowId: "orders", Definition: "{}", Description: "x".repeat(10_001) },
    "Description",
  ],
  [
    "Custom::SluiceRegistration",
    { FlowId: "orders", Definition: "{}", Substitutions: { $: "1" } },
    "Substitutions",
  ],
  ["Custom::SluiceRegistration", { FlowId: "orders", Definition: "{}", Name: "\0" }, "Name"],
  ["Custom::SluiceBinding", { FlowId: "orders", StateMachineArn: "x".repeat(257) }, "StateMachineArn"],
])("refuses what the API refuses: %s %o", async (type, properties, field) => {
  const { Status, Reason } = JSON.parse(await answerTo(type, properties)) as {
    Status: string;
    Reason: string;
  };
  expect([Status, Reason]).toEqual(["FAILED", expect.stringContaining(field)]);
});
