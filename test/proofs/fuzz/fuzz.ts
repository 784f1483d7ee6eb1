import fc from "fast-check";
import { FuzzEnvironment } from "./fuzz-environment.ts";
import { Judge, type Tally } from "./judge.ts";
import { type FuzzRequest, requests, shown } from "./requests.ts";

/** After this many requests, the environment is restored, because they use up what they find. */
const REFILL_AFTER = 150;
/** Requests sent to shrink a failing one. */
const SHRINKS = 60;

interface Options {
  readonly count: number;
  readonly seed: number;
  /** fast-check's path at which shrinking begins. */
  readonly path?: string;
  readonly progress?: (sent: number) => void;
}

/** Sends `count` requests and checks each answer. Throws a report with the shrunk failing request and the seed. */
export const fuzz = async ({ count, seed, path, progress }: Options): Promise<Tally> => {
  const environment = await FuzzEnvironment.create();
  const judge = new Judge(environment);
  let shrinks = 0;
  const property = fc.asyncProperty(requests, async (request) => {
    if (shrinks > SHRINKS) return;
    if (judge.tally.sent % REFILL_AFTER === REFILL_AFTER - 1) await environment.fill();
    progress?.(judge.tally.sent);
    try {
      await judge.judge(request);
    } catch (error) {
      shrinks += 1;
      throw error;
    } finally {
      if (shrinks > 0) shrinks += 1;
    }
  });
  try {
    const details = await fc.check(property, {
      numRuns: count,
      seed,
      ...(path === undefined ? {} : { path }),
    });
    if (details.failed) throw failure(details);
    return judge.tally;
  } finally {
    judge.close();
    await environment.close();
  }
};

const failure = (details: fc.RunDetails<[FuzzRequest]>): Error => {
  const [request] = details.counterexample ?? [];
  const replay = `npm run fuzz -- --seed ${details.seed} --path ${details.counterexamplePath}`;
  const what = request === undefined ? "no request" : JSON.stringify(shown(request), undefined, 2);
  return new Error(
    `${details.errorInstance}\n\nafter ${details.numRuns} requests: ${what}\n\nagain: ${replay}`,
  );
};
