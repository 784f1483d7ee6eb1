/**
 * A stack under load, faults and kill -9 for minutes, then the audit of its books. Exits with 1 if anything is not as it should be.
 *
 *     npm run soak -- --minutes 5
 */
import { parseArgs } from "node:util";
import { soak } from "./soak.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "5" },
    "kill-every": { type: "string", default: "30" },
    faults: { type: "string", default: "0.05" },
    clients: { type: "string", default: "4" },
    seed: { type: "string", default: String(Math.floor(Math.random() * 1e9)) },
  },
});
const number = (name: keyof typeof values): number => {
  const value = Number(values[name]);
  if (!Number.isFinite(value) || value < 0) throw new Error(`--${name} is a number`);
  return value;
};

const seconds = number("minutes") * 60;
const seed = number("seed");
console.log(`Seed ${seed}`);
const report = await soak({
  ...{
    seconds,
    answers: 0,
    killEvery: number("kill-every"),
    faults: number("faults"),
    clients: number("clients"),
    seed,
  },
  // Memory is looked at where no restart begins it anew.
  quiet: seconds * 0.4,
  tell: (line) => console.log(line),
});

const { byStatus, memory, violations, deadLetters, counts } = report;
const listed = (things: Iterable<readonly [string, number]>): string =>
  [...things]
    .map(([name, count]) => `${name}: ${count}`)
    .sort()
    .join(", ") || "none";
const quarters = (sizes: readonly number[]): string =>
  sizes.map((size) => size.toFixed(0)).join(" → ") || "too short to say";
console.table({
  "records and runs": report.runs,
  "runs by end": listed(Object.entries(byStatus)),
  "steps begun": report.steps,
  "steps begun again after a kill": report.again,
  kills: report.kills,
  "moves of the clock": report.moves,
  "calls made again": report.unanswered,
  "dead letters": listed(Object.entries(deadLetters)),
  "live after a collection, MiB": quarters(memory.live),
  "resident, engine included, MiB": quarters(memory.resident),
  violations: violations.length,
});
console.log(`answers: ${listed(counts)}`);
for (const violation of violations.slice(0, 50)) console.log(`VIOLATION ${violation}`);
console.log(
  `Seed ${seed}: ${violations.length === 0 ? "the books balance" : `${violations.length} violations`}`,
);
process.exit(violations.length === 0 ? 0 : 1);
