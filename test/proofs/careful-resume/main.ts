/**
 * Plays the story of a flow that breaks, and returns with a canary and a ramp, with 1,000 runs and the default rates: about three minutes.
 * Prints what happened.
 */
import { testStack } from "../../harness/stack/test-stack.ts";
import { complaintsAbout } from "./judge.ts";
import { FUNCTIONS, playStory, type StorySize } from "./story.ts";

const SIZE: StorySize = {
  ...{ runs: 1_000, breaksAt: 100, cap: 20, inSecond: 40, inFirst: 200 },
  ...{ canary: 3, drainRate: 50, every: 60, breaksAgainAt: 10 },
};

const stack = await testStack(...FUNCTIONS);
try {
  const story = await playStory(stack, "story", SIZE);
  console.log(JSON.stringify(story, null, 2));
  for (const complaint of complaintsAbout(story, SIZE)) {
    console.error(complaint);
    process.exitCode = 1;
  }
} finally {
  await stack.close();
}
