/**
 * Measures what Sluice costs, each figure against a floor that is measured in the same run, and writes tables and JSON.
 *
 *     npm run bench -- [part …] [--quick] [--large] [--out FILE]
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { type Bench, isMet, note, type Report, tableOf } from "./report.ts";

/** Loaded when its turn comes: some parts bring large libraries, which would affect the measurements of others. */
const PARTS: Readonly<Record<string, () => Promise<{ readonly bench: Bench }>>> = {
  bill: () => import("./parts/bill.ts"),
  idle: () => import("./parts/idle.ts"),
  latency: () => import("./parts/latency.ts"),
  throughput: () => import("./parts/throughput.ts"),
  growth: () => import("./parts/growth.ts"),
  concurrency: () => import("./parts/concurrency.ts"),
  pause: () => import("./parts/pause.ts"),
  queue: () => import("./parts/queue.ts"),
  "cold-start": () => import("./parts/cold-start.ts"),
  memory: () => import("./parts/memory.ts"),
  "local-engine": () => import("./parts/local-engine.ts"),
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: "boolean", default: false },
    large: { type: "boolean", default: false },
    out: { type: "string" },
  },
});
const unknown = positionals.filter((part) => PARTS[part] === undefined);
if (unknown.length > 0) {
  process.stderr.write(`No part ${unknown.join(", ")}; there are ${Object.keys(PARTS).join(", ")}\n`);
  process.exit(2);
}
const asked = positionals.length > 0 ? positionals : Object.keys(PARTS);
const options = { quick: values.quick, large: values.large || (positionals.length === 0 && !values.quick) };

const began = new Date().toISOString();
const reports: Report[] = [];
for (const part of asked) {
  note(`${part} …`);
  const module = await PARTS[part]?.();
  if (module === undefined) continue;
  const report: Report = { part, lines: await module.bench(options) };
  reports.push(report);
  console.log(tableOf(report));
}

const file = values.out ?? `bench-results/${began.replaceAll(":", "-")}.json`;
mkdirSync(dirname(file), { recursive: true });
const machine = { node: process.version, cpus: cpus().length, model: cpus()[0]?.model };
writeFileSync(file, `${JSON.stringify({ began, machine, options, reports }, null, 2)}\n`);
const marked = reports.flatMap(({ lines }) => lines).filter((line) => isMet(line) !== undefined);
const missed = marked.filter((line) => isMet(line) === false);
console.log(`\n${marked.length - missed.length} marks met, ${missed.length} missed; ${file}`);
