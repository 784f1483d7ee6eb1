import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Json } from "../../../shared/model/json/json.ts";
import type { Run } from "../../../shared/model/schemas/run.ts";
import { type Client, clientFor, eventually } from "../../harness/clients/client.ts";
import { sendingTo } from "../../harness/definitions.ts";
import { startStackProcess } from "../../harness/stack/stack-process.ts";

/**
 * Sends messages to a queue whose messages start runs, every tenth of them broken, and kills the stack with SIGKILL in the middle:
 * `npm run sources`, or `npm run sources -- <messages>`. Each of the others must be one run, and each broken one a dead letter with its
 * reason.
 */
const [, , asked = "1000"] = process.argv;
const MESSAGES = Number(asked);
const SENDER = 100;
const numbers = Array.from({ length: MESSAGES }, (_, n) => n);
const isBroken = (n: number): boolean => n % 10 === 3;
const bodyOf = (n: number): Json => (isBroken(n) ? `broken ${n}` : { n });
const good = numbers.filter((n) => !isBroken(n));

const DONE = { StartAt: "Done", States: { Done: { Type: "Succeed" } } };
const SEND = sendingTo("imports");

const folder = mkdtempSync(join(tmpdir(), "sluice-sources-"));
const flows = join(folder, "flows");
mkdirSync(flows);
const write = (name: string, value: unknown) => writeFileSync(join(flows, name), JSON.stringify(value));
write("orders.asl.json", DONE);
write("send.asl.json", SEND);
write("orders.triggers.json", { queues: [{ queue: "imports", maxReceiveCount: 3 }] });
const args = ["--port", "0", "--data", join(folder, "data"), "--flows", flows];

const runsOf = async (admin: Client): Promise<Run[]> => {
  const found: Run[] = [];
  for (let cursor: string | undefined = ""; cursor !== undefined; ) {
    const path = `/runs?flowId=orders&limit=200${cursor === "" ? "" : `&cursor=${cursor}`}`;
    const page: { items: Run[]; nextCursor?: string } = await admin.expect([200], "GET", path);
    found.push(...page.items);
    cursor = page.nextCursor;
  }
  return found;
};
interface Letter {
  readonly source: string;
  readonly payload: string;
  readonly attempts: number;
  readonly error: { readonly reason: string };
}
const letters = async (admin: Client): Promise<Letter[]> =>
  (await admin.expect<{ items: Letter[] }>([200], "GET", "/local/dead-letters")).items.filter(
    ({ source }) => source === "sqs",
  );

let stack = await startStackProcess(...args);
const wrong: string[] = [];
try {
  let admin = await clientFor(stack.url, "admin");
  for (let at = 0; at < MESSAGES; at += SENDER)
    await admin.dispatch("send", { bodies: numbers.slice(at, at + SENDER).map(bodyOf) });
  await eventually(async () => (await runsOf(admin)).length >= good.length / 2 || undefined, 300);
  await stack.kill();
  stack = await startStackProcess(...args);
  admin = await clientFor(stack.url, "admin");
  await eventually(async () => {
    await admin.advance("PT1M");
    const isAll = (await runsOf(admin)).length >= good.length;
    return (isAll && (await letters(admin)).length >= MESSAGES - good.length) || undefined;
  }, 600);

  const runs = await runsOf(admin);
  const taken: number[] = [];
  for (const { runId } of runs) {
    const { payload } = await admin.expect<{ payload: { n: number } }>([200], "GET", `/runs/${runId}`);
    taken.push(payload.n);
  }
  if (taken.sort((one, other) => one - other).join() !== good.join()) wrong.push("a message is not one run");
  const dead = await letters(admin);
  const expected = numbers.filter(isBroken).map((n) => `broken ${n}`);
  if (
    dead
      .map(({ payload }) => payload)
      .sort()
      .join() !== expected.sort().join()
  )
    wrong.push("the dead letters are not the broken messages");
  if (dead.some(({ error }) => error.reason !== "The message is not JSON"))
    wrong.push("a dead letter has no reason, or another");
  console.log(`${MESSAGES} messages, one kill: ${runs.length} runs, ${dead.length} dead letters`);
} finally {
  await stack.kill();
  rmSync(folder, { recursive: true, force: true });
}
for (const text of wrong) console.log(`WRONG: ${text}`);
process.exit(wrong.length === 0 ? 0 : 1);
