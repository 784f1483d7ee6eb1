import { expect, it } from "vitest";
import { remember } from "./bounded-cache.ts";

it("computes once what was used lately, and forgets what was used longest ago", () => {
  const computed: string[] = [];
  const get = remember(2, (text) => {
    computed.push(text);
    return { text };
  });
  expect(get("a")).toBe(get("a"));
  get("b");
  get("a");
  get("c");
  get("a");
  expect(computed).toEqual(["a", "b", "c"]);
  get("b");
  expect(computed).toEqual(["a", "b", "c", "b"]);
});

it("does not remember a failure", () => {
  let fails = true;
  const get = remember(2, (text) => {
    if (fails) throw new Error("not yet");
    return { text };
  });
  expect(() => get("a")).toThrow("not yet");
  fails = false;
  expect(get("a")).toEqual({ text: "a" });
});
