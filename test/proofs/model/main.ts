/**
 * Plays random sequences of commands and faults on the local stack and compares it with a small model of holds and limits. A sequence that fails
 * is shortened for up to `--shrink` seconds, and has a seed of its own that plays it again.
 *
 *     npm run model -- --sequences 2000 --seed 1
 */
import { parseArgs } from "node:util";
import { numbersOf, randomSeed } from "../harness/replay.ts";
import { checkModel, type Progress } from "./check.ts";

const { values } = parseArgs({
  options: {
    sequences: { type: "string", default: "200" },
    seed: { type: "string", default: String(randomSeed()) },
    shrink: { type: "string", default: "45" },
  },
});
process.env["POWERTOOLS_LOG_LEVEL"] ??= "SILENT";
const { sequences, seed, shrink } = numbersOf(values);

const PROGRESS_EVERY = 25;
const began = performance.now();
const onProgress = ({ done, failures, commands, report }: Progress): void => {
  if (report !== undefined) console.log(`\n${report}\n`);
  if (done % PROGRESS_EVERY !== 0 && done !== sequences) return;
  const seconds = (performance.now() - began) / 1_000;
  const each = ((seconds * 1_000) / done).toFixed(0);
  console.log(
    `${done} sequences, ${commands} commands, ${seconds.toFixed(0)} s (${each} ms each), ${failures} failed`,
  );
};
const failures = await checkModel(seed, sequences, { onProgress, shrinking: shrink * 1_000 });
console.log(`Seed ${seed}: ${sequences - failures.length} sequences held, ${failures.length} did not`);
process.exit(failures.length === 0 ? 0 : 1);
