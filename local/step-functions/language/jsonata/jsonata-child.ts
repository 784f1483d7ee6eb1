/** The process in which expressions run that could take any time or memory; it is killed with them. */
import { Worker } from "node:worker_threads";
import { type Evaluated, evaluateHere } from "./jsonata-evaluation.ts";

export interface Question {
  readonly text: string;
  readonly bindings: Record<string, unknown>;
}
export type Reply = "ready" | Evaluated;

process.on("disconnect", () => process.exit());
// Whoever started this process may be killed while an expression keeps it from hearing of that.
const watch = `const { ppid } = process; setInterval(() => { if (process.ppid !== ppid) process.kill(process.pid, "SIGKILL"); }, 1000);`;
new Worker(watch, { eval: true, stdout: false }).unref();

const reply = (message: Reply): void => {
  process.send?.(message);
};
process.on("message", async ({ text, bindings }: Question) => reply(await evaluateHere(text, bindings)));
reply("ready");
