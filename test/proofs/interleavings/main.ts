import { spawn } from "node:child_process";
import { parseArgs } from "node:util";
import { randomSeed } from "../harness/replay.ts";

/** Plays more schedules than `npm test` has time for, only of some operations if they are named, or replays one. */
const { values } = parseArgs({
  options: {
    schedules: { type: "string", default: "10000" },
    seed: { type: "string" },
    path: { type: "string" },
    operations: { type: "string" },
  },
});
const { schedules, seed, path, operations } = values;
const env = {
  ...process.env,
  SCHEDULES: schedules,
  SEED: seed ?? String(randomSeed()),
  ...(path === undefined ? {} : { REPLAY: path }),
  ...(operations === undefined ? {} : { OPERATIONS: operations }),
};
const child = spawn("vitest", ["run", "test/proofs/interleavings/interleavings.test.ts"], {
  env,
  stdio: "inherit",
});
child.on("exit", (code) => process.exit(code ?? 1));
