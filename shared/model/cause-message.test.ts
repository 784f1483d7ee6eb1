import { expect, it } from "vitest";
import { causeMessage } from "./cause-message.ts";

const lambda = JSON.stringify({
  errorType: "CarrierDown",
  errorMessage: 'no "carrier"\ntoday',
  trace: ["CarrierDown: no", "    at ship"],
});

it.each([
  ["a Lambda function's error", lambda, 'no "carrier"\ntoday'],
  ["one that is cut in its trace", lambda.slice(0, -20), 'no "carrier"\ntoday'],
  ["one that is cut in its message", lambda.slice(0, lambda.indexOf("today") + 2), 'no "carrier"\nto…'],
  ["one that is cut before its message", lambda.slice(0, 20), lambda.slice(0, 20)],
  ["one that is cut inside an escape", '{"errorMessage":"a\\u00', '{"errorMessage":"a\\u00'],
  ["other JSON", '{"Error": "x"}', '{"Error": "x"}'],
  ["text", "The card was declined", "The card was declined"],
  ["no cause", "", ""],
])("shortens %s", (_name, cause, message) => {
  expect(causeMessage(cause)).toBe(message);
});
