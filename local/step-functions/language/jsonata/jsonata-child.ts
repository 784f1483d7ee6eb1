/** The process for expressions that could take any amount of time or memory. It is killed if they do. */
import { flushCompileCache } from "node:module";
import { Worker } from "node:worker_threads";
import { type Evaluated, evaluateHere } from "./jsonata-evaluation.ts";

export interface Question {
  readonly text: string;
  readonly bindings: Record<string, unknown>;
}
export type Reply = "ready" | Evaluated;

process.on("disconnect", () => process.exit());
// The parent can be killed while an expression keeps this process from noticing it.
const watch = `const { ppid } = process; setInterval(() => { if (process.ppid !== ppid) process.kill(process.pid, "SIGKILL"); }, 1000);`;
new Worker(watch, {
  ...{ eval: true, stdout: false, execArgv: [] },
  resourceLimits: { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 16 },
}).unref();

const reply = (message: Reply): void => {
  process.send?.(message);
};
process.on("message", async ({ text, bindings }: Question) => reply(await evaluateHere(text, bindings)));
reply("ready");
// Written now, because a process that is killed loses its compile cache.
flushCompileCache();
