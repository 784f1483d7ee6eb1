import { expect, it } from "vitest";
import { measureFootprint } from "../bench/footprint.ts";

// `npm run bench -- memory` measures 300 flows and functions. Here are more functions than threads, and fewer seconds.
it("a stack with many flows and functions has few threads and little memory when it is idle", async () => {
  const { published, ran } = await measureFootprint(24);
  expect(published.threads).toBe(0);
  expect(ran.threads).toBeLessThanOrEqual(8);
  for (const { resident } of [published, ran]) expect(resident).toBeLessThan(400);
}, 120_000);
