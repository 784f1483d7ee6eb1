import { describe, expect, it, test } from "vitest";
import { messageOf, parseCause } from "./cause.ts";

const lambda = JSON.stringify({
  errorType: "CarrierDown",
  errorMessage: 'no "carrier"\ntoday',
  trace: [
    "CarrierDown: no",
    "    at ship (/var/task/ship.mjs:3:9)",
    "    at handler (/var/task/ship.mjs:9:1)",
  ],
});
const frames = ["at ship (/var/task/ship.mjs:3:9)", "at handler (/var/task/ship.mjs:9:1)"];

describe("a cause that is cut short", () => {
  it.each([
    ["in its trace", lambda.slice(0, -20), 'no "carrier"\ntoday'],
    ["in its message", lambda.slice(0, lambda.indexOf("today") + 2), 'no "carrier"\nto…'],
    ["before its message", lambda.slice(0, 20), lambda.slice(0, 20)],
    ["inside an escape", '{"errorMessage":"a\\u00', '{"errorMessage":"a\\u00'],
  ])("%s has the rest of the message", (_name, cause, message) => {
    expect(parseCause(cause)).toEqual({ message, frames: [] });
  });
});

describe("a whole cause", () => {
  it.each([
    ["a function of Node.js", lambda, 'no "carrier"\ntoday', frames],
    [
      "a function of Python",
      '{"errorMessage": "no stock", "errorType": "KeyError", "stackTrace": ["  File \\"/var/task/a.py\\", line 3, in f\\n    g()\\n"]}',
      "no stock",
      ['File "/var/task/a.py", line 3, in f\n    g()'],
    ],
    [
      "a function of Java",
      '{"errorMessage":"late","errorType":"java.lang.Late","stackTrace":["example.A.a(A.java:3)"]}',
      "late",
      ["example.A.a(A.java:3)"],
    ],
    ["a function without a message", '{"errorMessage":"","errorType":"Error"}', "", []],
    [
      "a child execution",
      JSON.stringify({ Cause: lambda, Error: "CarrierDown", ExecutionArn: "arn:aws:states:…", Input: "{}" }),
      'CarrierDown: no "carrier"\ntoday',
      frames,
    ],
    [
      "a container",
      '{"Containers":[{"Name":"app","Reason":"x"}],"StoppedReason":"Essential container exited","TaskArn":"arn"}',
      "Essential container exited",
      [],
    ],
    [
      "a job",
      '{"JobName":"nightly","Container":{"Image":"a"},"StatusReason":"Host EC2 terminated"}',
      "Host EC2 terminated",
      [],
    ],
    [
      "a query",
      '{"QueryExecution":{"Status":{"State":"FAILED","StateChangeReason":"SYNTAX_ERROR: line 1"}}}',
      "SYNTAX_ERROR: line 1",
      [],
    ],
    [
      "a rejection",
      '{"decision":"rejected","by":"ann","at":"2026-01-01","comment":"too dear"}',
      "Rejected by ann: too dear",
      [],
    ],
    [
      "a text with a stack trace",
      "Bad: no\n    at a (b.js:1:2)\n    at c (d.js:3:4)",
      "Bad: no",
      ["at a (b.js:1:2)", "at c (d.js:3:4)"],
    ],
    ["other JSON", '{"Error": "x"}', '{"Error": "x"}', []],
    ["a list", '["errorMessage"]', '["errorMessage"]', []],
    ["text", "The card was declined", "The card was declined", []],
    ["nothing", "", "", []],
  ])("of %s", (_name, cause, message, lines) => {
    expect(parseCause(cause)).toEqual({ message, frames: lines });
  });
});

test("causes in causes end somewhere", () => {
  let cause = "the end";
  for (let level = 0; level < 20; level += 1) cause = JSON.stringify({ Error: "E", Cause: cause });
  expect(parseCause(cause).message).toMatch(/^(E: ){5}\{"Error":"E"/);
});

test("a message of the service counts more than the cause", () => {
  expect(messageOf({ message: "parsed whole", cause: lambda })).toBe("parsed whole");
  expect(messageOf({ cause: lambda })).toBe('no "carrier"\ntoday');
  expect(messageOf({})).toBe("");
});
