import { dirname } from "node:path";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { roomOf } from "./rooms.ts";

/** Rates the distance of a test file from the mutant: 2 beside it with its name, 1 in its folder, 0 elsewhere. */
const nearness = (test: string): number => {
  const mutated = process.env["MUTATED_FILE"] ?? "";
  if (test === mutated.replace(/\.ts$/, ".test.ts")) return 2;
  return dirname(test) === dirname(mutated) ? 1 : 0;
};

/** Plays near files first, and then quick ones: one failure is enough. Vitest plays those first that take longest. */
class NearAndQuickFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const quick = (await super.sort(files)).reverse();
    return quick.sort((one, other) => nearness(other.moduleId) - nearness(one.moduleId));
  }
}

/** The tests that may kill the mutants of MUTATED. */
export default defineConfig({
  test: {
    include: [...roomOf(process.env["MUTATED"] ?? "").killers],
    hookTimeout: 60_000,
    setupFiles: ["test/proofs/mutation/load-anew.ts"],
    provide: { loading: 0 },
    sequence: { sequencer: NearAndQuickFirst },
  },
});
