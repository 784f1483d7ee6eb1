/**
 * Prints which limit is reached first, and at which rate, from the store's own keys and without a run.
 *
 *     npm run simulate -- [--rate 100] [--workspaces 1] [--flows 1] [--steps 5] [--step-seconds 0.5] [--histories 0]
 *       [--keys 1 [--waiting]] | --docs
 */
import { parseArgs } from "node:util";
import { hottest } from "./heat.ts";
import { limitsOf, limitTable } from "./limits.ts";
import { MIXES } from "./mixes.ts";

const { values } = parseArgs({
  options: {
    rate: { type: "string", default: "100" },
    workspaces: { type: "string", default: "1" },
    flows: { type: "string", default: "1" },
    steps: { type: "string", default: "5" },
    "step-seconds": { type: "string", default: "0.5" },
    histories: { type: "string", default: "0" },
    keys: { type: "string", default: "0" },
    waiting: { type: "boolean", default: false },
    docs: { type: "boolean", default: false },
  },
});
if (values.docs) {
  for (const [name, mix] of Object.entries(MIXES)) console.log(`${name}\n\n${limitTable(limitsOf(mix))}\n`);
} else {
  const rate = Number(values.rate);
  const mix = {
    workspaces: Number(values.workspaces),
    flows: Number(values.flows),
    steps: Number(values.steps),
    stepSeconds: Number(values["step-seconds"]),
    historiesRead: Number(values.histories),
    keys: Number(values.keys),
    waits: values.waiting,
  };
  console.log(`At ${rate} runs a second, the hottest partition of each part:`);
  for (const { of, kind, key, perRun } of hottest(mix)) {
    console.log(`  ${of.padEnd(10)} ${(perRun * rate).toFixed(1).padStart(10)} ${kind}s a second  ${key}`);
  }
  console.log(`\n${limitTable(limitsOf(mix))}`);
}
