import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { expect, test } from "vitest";
import * as z from "zod";
import { toldError } from "./told-error.ts";

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
  expect(toldError(refused).message).toBeUndefined();
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
    "a service that quotes what it was given",
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
])("%s is told without its data", (_what, error) => {
  const line = JSON.stringify(toldError(error));
  expect(line).not.toContain(SECRET);
  expect(line).toContain(error.name);
  expect(line).toContain("told-error.test.ts");
});

test("what a mistake in the code says is told, and what the caller lacks", () => {
  const denied = made(new Error("not authorized to perform: states:StartExecution"), {
    name: "AccessDeniedException",
  });
  expect(toldError(denied).message).toBe(denied.message);
  expect(toldError(new TypeError("x is not a function")).message).toBe("x is not a function");
});

test("causes are told three deep, and what is thrown again and again does not end", () => {
  const error = new Error("round");
  error.cause = error;
  expect(toldError(error).cause?.cause).toMatchObject({ message: "round" });
  expect(toldError(error).cause?.cause?.cause).toBeUndefined();
});
