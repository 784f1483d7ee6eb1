import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { expect, test } from "vitest";
import * as z from "zod";
import { redactError } from "./redact-error.ts";

const SECRET = "s3cret";
const made = (error: Error, more: object): Error => Object.assign(error, more);
const thrownBy = (work: () => unknown): Error => {
  try {
    work();
  } catch (error) {
    return error as Error;
  }
  throw new Error("It threw nothing");
};

test("the error of a failed condition is logged without its item", () => {
  const error = new ConditionalCheckFailedException({
    message: "The conditional request failed",
    $metadata: { requestId: "R1", httpStatusCode: 400 },
    Item: { cause: { S: SECRET } },
  });
  const logged = redactError(error);
  expect(logged).toMatchObject({
    name: "ConditionalCheckFailedException",
    message: "The conditional request failed",
    stack: expect.stringMatching(/^\s+at /),
    requestId: "R1",
  });
  expect(JSON.stringify(logged)).not.toContain(SECRET);
});

test("text that a parser or a service quotes is omitted from the message and the stack", () => {
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
    expect(JSON.stringify(redactError(error))).not.toContain(SECRET.slice(0, 3));
  }
  expect(redactError(refused).message).toBeUndefined();
});

test.each<[string, Error]>([
  [
    "a cancelled transaction",
    made(new Error("cancelled"), {
      name: "TransactionCanceledException",
      CancellationReasons: [{ Code: "ConditionalCheckFailed", Item: { payload: { S: SECRET } } }],
    }),
  ],
  [
    "a service that quotes its input",
    made(new Error(`Invalid Input: '${SECRET}'`), { name: "InvalidExecutionInput" }),
  ],
  [
    "a schema's refusal",
    thrownBy(() => z.strictObject({ a: z.literal("b") }).parse({ [SECRET]: SECRET, a: SECRET })),
  ],
  [
    "an answer with its request",
    made(new Error("x"), { $response: { body: SECRET }, $metadata: { requestId: "r-1", cfId: SECRET } }),
  ],
])("%s is logged without its data", (_what, error) => {
  const line = JSON.stringify(redactError(error));
  expect(line).not.toContain(SECRET);
  expect(line).toContain(error.name);
  expect(line).toContain("redact-error.test.ts");
});

test("the messages of bugs and of missing permissions are logged", () => {
  const denied = made(new Error("not authorized to perform: states:StartExecution"), {
    name: "AccessDeniedException",
  });
  expect(redactError(denied).message).toBe(denied.message);
  expect(redactError(new TypeError("x is not a function")).message).toBe("x is not a function");
});

test("causes are logged three levels deep, even if an error is its own cause", () => {
  const error = new Error("round");
  error.cause = error;
  expect(redactError(error).cause?.cause).toMatchObject({ message: "round" });
  expect(redactError(error).cause?.cause?.cause).toBeUndefined();
});
