import { defineConfig } from "vitest/config";
import { roomOf } from "./rooms.ts";

/** The tests that may kill the mutants of MUTATED. Each file loads its modules anew: a changed constant counts only then. */
export default defineConfig({
  test: {
    include: [...roomOf(process.env["MUTATED"] ?? "").killers],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: "forks",
    maxWorkers: 1,
  },
});
