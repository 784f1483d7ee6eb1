/**
 * Plays two stories of a flow that breaks, and returns with a canary and a ramp, with 1,000 runs and the default rates: about five minutes.
 * In the first, it breaks again at the tenth run of the ramp. In the second, it does not, and the ramp reaches its end before the runs do.
 * Prints what happened.
 */
import { testStack } from "../../harness/stack/test-stack.ts";
import { complaintsAbout, complaintsAboutRate } from "./judge.ts";
import { FUNCTIONS, playStory, type StorySize } from "./story.ts";

const SIZE = {
  ...{ runs: 1_000, breaksAt: 100, cap: 20, inSecond: 40, inFirst: 200 },
  ...{ canary: 3, drainRate: 50 },
};
const STORIES: Readonly<Record<string, StorySize>> = {
  "breaks-again": { ...SIZE, every: 60, breaksAgainAt: 10 },
  recovers: { ...SIZE, every: 10 },
};

for (const [name, size] of Object.entries(STORIES)) {
  const stack = await testStack(...FUNCTIONS);
  try {
    const story = await playStory(stack, name, size);
    console.log(name, JSON.stringify(story, null, 2));
    const atFullRate = size.breaksAgainAt === undefined ? complaintsAboutRate(story, size) : [];
    for (const complaint of [...complaintsAbout(story, size), ...atFullRate]) {
      console.error(`${name}: ${complaint}`);
      process.exitCode = 1;
    }
  } finally {
    await stack.close();
  }
}
