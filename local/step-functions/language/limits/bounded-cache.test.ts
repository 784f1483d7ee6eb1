import { expect, it } from "vitest";
import { remember } from "./bounded-cache.ts";

it("caches recently used entries, and evicts the least recently used", () => {
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

it("does not cache a failure", () => {
  let fails = true;
  const get = remember(2, (text) => {
    if (fails) throw new Error("not yet");
    return { text };
  });
  expect(() => get("a")).toThrow("not yet");
  fails = false;
  expect(get("a")).toEqual({ text: "a" });
});
