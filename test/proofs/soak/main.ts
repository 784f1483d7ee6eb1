/**
 * Keeps a stack under load, faults and kill -9 for minutes, then audits it. Exits with 1 if there is any violation.
 *
 *     npm run soak -- --minutes 5
 */
import { parseArgs } from "node:util";
import { numbersOf, randomSeed, replayCommand } from "../harness/replay.ts";
import { soak } from "./soak.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "5" },
    "kill-every": { type: "string", default: "30" },
    faults: { type: "string", default: "0.05" },
    clients: { type: "string", default: "4" },
    seed: { type: "string", default: String(randomSeed()) },
  },
});
const { minutes, "kill-every": killEvery, faults, clients, seed } = numbersOf(values);

const seconds = minutes * 60;
console.log(replayCommand("soak", { ...values }));
const report = await soak({
  ...{ seconds, answers: 0, killEvery, faults, clients, seed },
  // No restart resets the memory in this time.
  quiet: seconds * 0.4,
  onProgress: (line) => console.log(line),
});

const { byStatus, memory, violations, deadLetters, counts } = report;
const listed = (things: Iterable<readonly [string, number]>): string =>
  [...things]
    .map(([name, count]) => `${name}: ${count}`)
    .sort()
    .join(", ") || "none";
const quarters = (sizes: readonly number[]): string =>
  sizes.map((size) => size.toFixed(0)).join(" → ") || "too short to measure";
console.table({
  "records and runs": report.runs,
  "runs by end": listed(Object.entries(byStatus)),
  "steps begun": report.steps,
  "steps begun again after a kill": report.again,
  kills: report.kills,
  "moves of the clock": report.moves,
  "calls retried": report.unanswered,
  "dead letters": listed(Object.entries(deadLetters)),
  "live after a garbage collection, MiB": quarters(memory.live),
  "resident, engine included, MiB": quarters(memory.resident),
  violations: violations.length,
});
console.log(`answers: ${listed(counts)}`);
for (const violation of violations.slice(0, 50)) console.log(`VIOLATION ${violation}`);
console.log(`Seed ${seed}: ${violations.length} violations`);
process.exit(violations.length === 0 ? 0 : 1);
