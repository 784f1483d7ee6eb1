import { expect, test } from "vitest";
import { problemOf } from "./api/problem.ts";
import { SluiceError } from "./errors.ts";

test("an error of the API becomes its problem document, with the fields of its code", () => {
  const error = new SluiceError("state_changed", "Read it again", { currentStatus: "paused", rev: 3 });
  expect(problemOf(error)).toEqual({
    type: "urn:sluice:problem:state_changed",
    title: "State changed",
    status: 409,
    detail: "Read it again",
    code: "state_changed",
    currentStatus: "paused",
    rev: 3,
  });
});

test("an error keeps its cause, if there is one", () => {
  const cause = new Error("DynamoDB said no");
  const withCause = new SluiceError("not_found", "There is no such run", {}, cause);
  expect([withCause.name, withCause.message, withCause.cause]).toEqual([
    "SluiceError",
    "There is no such run",
    cause,
  ]);
  const without = new SluiceError("not_found", "There is no such run");
  expect(without.fields).toEqual({});
  expect(Object.hasOwn(without, "cause")).toBe(false);
});
