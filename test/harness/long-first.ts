import type { TestSpecification } from "vitest/node";
import { BaseSequencer } from "vitest/node";

/** Places of tests that take half a minute or more, the longest first. */
const LONG = ["test/proofs/planted/", "test/infra/snippets.", "test/proofs/", "test/browser/", "test/infra/"];

/** Starts long test files first: one that starts last would keep a single processor busy while the others are idle. */
export class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).toSorted((one, other) => rank(one) - rank(other));
  }
}

const rank = ({ moduleId }: TestSpecification): number => {
  const at = LONG.findIndex((place) => moduleId.includes(`/${place}`));
  return at === -1 ? LONG.length : at;
};
