import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { expect, test } from "vitest";
import { toldError } from "./told-error.ts";

const SECRET = "s3cret";

test("a refused condition tells nothing of the item that it carries", () => {
  const error = new ConditionalCheckFailedException({
    message: "The conditional request failed",
    $metadata: { requestId: "R1", httpStatusCode: 400 },
    Item: { cause: { S: SECRET } },
  });
  const told = toldError(error);
  expect(told).toMatchObject({
    name: "ConditionalCheckFailedException",
    message: "The conditional request failed",
    stack: expect.stringMatching(/^\s+at /),
    requestId: "R1",
  });
  expect(JSON.stringify(told)).not.toContain(SECRET);
});

test("what a parser or a service quotes is left out, of the message and of the stack", () => {
  const parsing = (() => {
    try {
      return JSON.parse(`{"card": ${SECRET}`) as Error;
    } catch (error) {
      return error as Error;
    }
  })();
  expect(parsing.message).toContain(SECRET.slice(0, 3));
  const refused = new Error(`1 validation error: Value '{"a":"${SECRET}"}' at 'input' failed to satisfy it`);
  refused.name = "ValidationException";
  for (const error of [parsing, refused, new Error("Not started", { cause: refused })]) {
    expect(JSON.stringify(toldError(error))).not.toContain(SECRET.slice(0, 3));
  }
  expect(toldError(refused).message).toBe("1 validation error: A value at 'input' failed to satisfy it");
});

test("causes are told three deep, and what is thrown again and again does not end", () => {
  const error = new Error("round");
  error.cause = error;
  expect(toldError(error).cause?.cause).toMatchObject({ message: "round" });
  expect(toldError(error).cause?.cause?.cause).toBeUndefined();
});
