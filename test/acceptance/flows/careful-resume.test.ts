import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { leftovers } from "../../harness/ledger/stored-items.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";
import { complaintsAbout } from "../../proofs/careful-resume/judge.ts";
import { FUNCTIONS, playStory } from "../../proofs/careful-resume/story.ts";

describe("a flow that returns carefully", { timeout: 240_000 }, () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await testStack(...FUNCTIONS);
  });
  afterAll(() => stack.close());

  it("is held by its error cap, sends a canary, resumes slowly, and is held again when failures return", async () => {
    const size = {
      ...{ runs: 100, breaksAt: 20, cap: 5, inSecond: 8, inFirst: 10 },
      ...{ canary: 3, drainRate: 8, every: 3, breaksAgainAt: 5 },
    };
    const story = await playStory(stack, "orders", size);
    expect(complaintsAbout(story, size), JSON.stringify(story)).toEqual([]);
    expect(await leftovers(stack.url)).toEqual([]);
  });
});
