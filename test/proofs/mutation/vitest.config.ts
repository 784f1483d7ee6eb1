import { defineConfig } from "vitest/config";
import { roomOf } from "./rooms.ts";

/** The tests that may kill the mutants of MUTATED, in one process, as Stryker runs them. */
export default defineConfig({
  test: {
    include: [...roomOf(process.env["MUTATED"] ?? "").killers],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: "forks",
    isolate: false,
    maxWorkers: 1,
  },
});
