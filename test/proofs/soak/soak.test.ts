import { describe, expect, it } from "vitest";
import { soak } from "./soak.ts";

/** `npm run soak -- --minutes 5` takes minutes. */
const SECONDS = 7;

describe("a stack under load, faults and kill -9", () => {
  it("ends every accepted record once, begins each step once and leaves nothing over", async () => {
    const report = await soak({
      ...{ seconds: SECONDS, answers: 40, killEvery: 4, quiet: 2, faults: 0.05, clients: 3, seed: 4_500 },
      onProgress: () => undefined,
    });
    expect(report.violations).toEqual([]);
    expect(report.kills).toBe(1);
    expect(report.runs).toBeGreaterThan(0);
  }, 600_000);
});
