import { expect, test } from "vitest";
import { readableError, SHORT_CAUSE, shortError } from "./failure.ts";

const state = "Ship";
const trace = Array.from({ length: 30 }, (_, n) => `    at call${n} (/var/task/index.mjs:${n}:1)`);

test("a cause whose beginning shows no message is parsed before it is cut", () => {
  const containers = Array.from({ length: 9 }, (_, n) => ({ Name: `sidecar-${n}`, LastStatus: "STOPPED" }));
  const cause = JSON.stringify({ Attachments: [], Containers: containers, StoppedReason: "Out of memory" });
  const stored = shortError({ error: "States.TaskFailed", cause, state });
  expect(stored.cause).toBe(cause.slice(0, SHORT_CAUSE));
  expect(stored.message).toBe("Out of memory");
  expect(readableError(stored).message).toBe("Out of memory");
  // Stored once more, from what is known without the whole cause.
  expect(shortError(stored)).toEqual(stored);
});

test("a cause that begins with its message is stored once", () => {
  const cause = JSON.stringify({
    errorType: "Error",
    errorMessage: "no carrier",
    trace: ["Error", ...trace],
  });
  const stored = shortError({ error: "Error", cause, state });
  expect(stored).toEqual({ error: "Error", cause: cause.slice(0, SHORT_CAUSE), state });
  expect(readableError(stored).message).toBe("no carrier");
  expect(shortError({ error: "Error", cause: "x".repeat(999), state }).message).toBeUndefined();
});

test("the stack trace is given line by line, where it is asked for", () => {
  const cause = JSON.stringify({ errorMessage: "no", trace: ["Error: no", ...trace] });
  expect(readableError({ cause }, { frames: true }).frames?.slice(0, 2)).toEqual([
    "at call0 (/var/task/index.mjs:0:1)",
    "at call1 (/var/task/index.mjs:1:1)",
  ]);
  expect(readableError({ cause })).toEqual({ cause, message: "no" });
  expect(readableError({ cause: "plain" }, { frames: true })).toEqual({ cause: "plain" });
});
