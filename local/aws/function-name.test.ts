import { expect, it } from "vitest";
import { functionNameOf } from "./function-name.ts";

it.each([
  ["charge-card", "charge-card"],
  ["charge-card:7", "charge-card"],
  ["charge-card:$LATEST", "charge-card"],
  ["123456789012:function:charge-card", "charge-card"],
  ["arn:aws:lambda:eu-central-1:123456789012:function:charge-card", "charge-card"],
  ["arn:aws:lambda:eu-central-1:123456789012:function:charge-card:live", "charge-card"],
])("%s means %s", (reference, name) => {
  expect(functionNameOf(reference)).toBe(name);
});

it.each(["", "../secret", "a/b", "a.b", "arn:aws:lambda:eu-central-1:123456789012:function:"])(
  "%j means no function",
  (reference) => {
    expect(functionNameOf(reference)).toBeUndefined();
  },
);
