import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { roomOf } from "./rooms.ts";

/** Plays quick files first: one failure is enough, and Vitest plays those first that take longest. */
class QuickFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).reverse();
  }
}

/** The tests that may kill the mutants of MUTATED. */
export default defineConfig({
  test: {
    include: [...roomOf(process.env["MUTATED"] ?? "").killers],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    sequence: { sequencer: QuickFirst },
  },
});
