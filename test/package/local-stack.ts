import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import type { Folder } from "./folder.ts";

/** Uses a function in a thread, and an expression that runs in a process of its own. */
const FLOW = {
  QueryLanguage: "JSONata",
  StartAt: "Greet",
  States: {
    Greet: {
      Type: "Task",
      Resource: "arn:aws:lambda:us-east-1:123456789012:function:greet",
      Arguments: "{% $states.input %}",
      Next: "Count",
    },
    Count: {
      Type: "Pass",
      Output:
        "{% {'greeting': $states.input.greeting, 'sum': $sum($map([1..100], function($n) { $n * 2 }))} %}",
      End: true,
    },
  },
};
const FUNCTION = `interface Guest { readonly name: string }
export const handler = async ({ name }: Guest): Promise<object> => ({ greeting: \`Hello \${name}\` });
`;

/** `npx sluice start`: a flow runs, the console is served, and nothing is left after the end. */
export const proveLocalStack = async (folder: Folder): Promise<void> => {
  folder.write("flows/hello.asl.json", JSON.stringify(FLOW));
  folder.write("functions/greet.ts", FUNCTION);
  const child = folder.start(
    ...["npx", "sluice", "start", "--port", "0", "--flows", "flows", "--functions", "functions"],
  );
  try {
    const url = await addressOf(child);
    const sluice = (...args: string[]) => JSON.parse(folder.run("npx", "sluice", ...args, "--json"));
    sluice("login", "--url", url, "--user", "operator", "--profile", "prove");
    const on = ["--profile", "prove", "--workspace", "demo"];
    const { runId } = sluice("runs", "dispatch", "hello", "--payload", '{"name":"Ada"}', ...on);
    folder.run("npx", "sluice", "runs", "watch", runId, ...on);
    assert.deepEqual(sluice("runs", "get", runId, ...on).output, { greeting: "Hello Ada", sum: 10_100 });
    const page = await fetch(url, { headers: { accept: "text/html" } });
    assert.match(await page.text(), /<script type="module"/);
    child.kill("SIGTERM");
    await ended(url);
  } finally {
    if (child.pid !== undefined) killGroup(child.pid);
  }
  console.log("  npx sluice start: a flow ran, the console was served, and the stack ended");
};

const addressOf = async (child: ChildProcess): Promise<string> => {
  assert(child.stdout !== null);
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /^Sluice is ready: (\S+)$/.exec(line)?.[1];
    if (url !== undefined) return url;
  }
  throw new Error("sluice start ended before it was ready");
};

/** npm ends before the command that it ran. */
const ended = async (url: string): Promise<void> => {
  for (let looks = 0; looks < 100; looks += 1) {
    const runs = await fetch(`${url}/healthz`).then(
      () => true,
      () => false,
    );
    if (!runs) return;
    await sleep(100);
  }
  throw new Error("The stack is still running");
};

const killGroup = (pid: number): void => {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // All have ended.
  }
};
