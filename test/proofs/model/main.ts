/**
 * Plays random sequences of commands and faults on the local stack and holds it against a small model of two holds.
 * A sequence that fails is made as short as `--shrink` seconds allow, and is played again by its own seed.
 *
 *     npm run model -- --sequences 2000 --seed 1
 */
import { parseArgs } from "node:util";
import { checkModel, type Progress } from "./check.ts";

const { values } = parseArgs({
  options: {
    sequences: { type: "string", default: "200" },
    seed: { type: "string", default: String(Math.floor(Math.random() * 1e9)) },
    shrink: { type: "string", default: "45" },
  },
});
const [sequences, seed, shrink] = [values.sequences, values.seed, values.shrink].map((text) => {
  if (!/^\d{1,10}$/.test(text)) throw new Error("--sequences, --seed and --shrink are whole numbers");
  return Number(text);
}) as [number, number, number];

const TOLD_EVERY = 25;
const began = performance.now();
const tell = ({ done, failures, commands, report }: Progress): void => {
  if (report !== undefined) console.log(`\n${report}\n`);
  if (done % TOLD_EVERY !== 0 && done !== sequences) return;
  const seconds = (performance.now() - began) / 1_000;
  const each = ((seconds * 1_000) / done).toFixed(0);
  console.log(
    `${done} sequences, ${commands} commands, ${seconds.toFixed(0)} s (${each} ms each), ${failures} failed`,
  );
};
const failures = await checkModel(seed, sequences, { tell, shrinking: shrink * 1_000 });
console.log(`Seed ${seed}: ${sequences - failures.length} sequences held, ${failures.length} did not`);
process.exit(failures.length === 0 ? 0 : 1);
