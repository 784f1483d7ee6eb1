/**
 * Plays random sequences of commands and faults on the local stack and holds it against a small model of two holds.
 *
 *     npm run model -- --sequences 2000 --seed 1
 */
import { parseArgs } from "node:util";
import { checkModel } from "./check.ts";

const { values } = parseArgs({
  options: { sequences: { type: "string", default: "200" }, seed: { type: "string" } },
});
const sequences = Number(values.sequences);
const seed = values.seed === undefined ? Math.floor(Math.random() * 1e9) : Number(values.seed);
if (!Number.isInteger(sequences) || sequences < 1 || !Number.isInteger(seed)) {
  throw new Error("--sequences and --seed are whole numbers");
}

const began = performance.now();
const TOLD_EVERY = 25;
const failures = await checkModel(seed, sequences, ({ done, failures: failed, commands }) => {
  if (done % TOLD_EVERY !== 0 && done !== sequences) return;
  const seconds = (performance.now() - began) / 1_000;
  const each = ((seconds * 1_000) / done).toFixed(0);
  console.log(`${done} sequences, ${commands} commands, ${seconds.toFixed(0)} s (${each} ms each), ${failed} failed`);
});
for (const { report } of failures) console.log(`\n${report}`);
console.log(`\nSeed ${seed}: ${sequences - failures.length} sequences held, ${failures.length} did not`);
process.exit(failures.length === 0 ? 0 : 1);
