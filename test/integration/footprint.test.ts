import { expect, it } from "vitest";
import { measureFootprint } from "../bench/footprint.ts";

// `npm run bench -- memory` measures 300 flows and functions. This test has fewer, but more functions than threads.
const LIMITS = { published: { threads: 0, resident: 400 }, ran: { threads: 8, resident: 400 } };

it("a stack with many flows and functions has few threads and little memory when it is idle", async () => {
  const measured = await measureFootprint(24, LIMITS);
  for (const when of ["published", "ran"] as const) {
    expect(measured[when].threads, when).toBeLessThanOrEqual(LIMITS[when].threads);
    expect(measured[when].resident, when).toBeLessThanOrEqual(LIMITS[when].resident);
  }
}, 120_000);
