import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { DynamoDBClient, PutItemCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { CreateScheduleCommand, ListSchedulesCommand, SchedulerClient } from "@aws-sdk/client-scheduler";
import { afterEach, beforeEach, expect, it } from "vitest";

let folder: string;
const children: ChildProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "main-"));
});
afterEach(async () => {
  for (const child of children.splice(0)) await kill(child);
  rmSync(folder, { recursive: true, maxRetries: 10, retryDelay: 100 });
});

function run(...args: string[]) {
  const child = spawn(process.execPath, ["local/main.ts", ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.push(child);
  let complaint = "";
  child.stderr.on("data", (chunk: Buffer) => {
    complaint += chunk.toString();
  });
  const ready = new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      const url = /^Sluice is ready: (http:\/\/localhost:\d+)$/.exec(line)?.[1];
      if (url !== undefined) resolve(url);
    });
    child.once("exit", (code) => reject(new Error(`ended with ${code}: ${complaint}`)));
  });
  ready.catch(() => undefined);
  return { child, ready, complaint: () => complaint };
}
async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
}
const sdk = (url: string, service: string) => ({
  endpoint: `${url}/aws/${service}`,
  region: "us-east-1",
  credentials: { accessKeyId: "local", secretAccessKey: "local" },
});
const item = (n: number) => ({ PK: { S: `test-${String(n).padStart(6, "0")}` }, SK: { S: "x" } });

it("loses nothing that was acknowledged when it is killed in the middle of writing", async () => {
  const data = join(folder, "data");
  let acknowledged = 0;
  let schedules = 0;
  for (let round = 0; round < 2; round++) {
    const { child, ready } = run("--port", "0", "--data", data);
    const url = await ready;
    const table = new DynamoDBClient({ ...sdk(url, "dynamodb"), maxAttempts: 1 });
    const scheduler = new SchedulerClient({ ...sdk(url, "scheduler"), maxAttempts: 1 });
    const until = acknowledged + 100;
    let name = 0;
    const writing = untilItFails(async () => {
      await table.send(new PutItemCommand({ TableName: "sluice", Item: item(acknowledged) }));
      acknowledged += 1;
    });
    const scheduling = untilItFails(async () => {
      name += 1;
      await scheduler.send(
        new CreateScheduleCommand({
          Name: `test-${round}-${name}`,
          ScheduleExpression: "at(2200-01-01T00:00:00)",
          FlexibleTimeWindow: { Mode: "OFF" },
          Target: {
            Arn: "arn:aws:lambda:us-east-1:000000000000:function:x",
            RoleArn: "arn:aws:iam::000000000000:role/r",
          },
        }),
      );
      schedules += 1;
    });
    while (acknowledged < until) await sleep(10);
    await kill(child);
    await Promise.all([writing, scheduling]);
  }
  const url = await run("--port", "0", "--data", data).ready;
  const { Count } = await new DynamoDBClient(sdk(url, "dynamodb")).send(
    new ScanCommand({
      TableName: "sluice",
      Select: "COUNT",
      FilterExpression: "begins_with(PK, :test)",
      ExpressionAttributeValues: { ":test": { S: "test-" } },
    }),
  );
  // One write per round may have taken effect without being acknowledged, and is then written again.
  expect(Count).toBeGreaterThanOrEqual(acknowledged);
  const names = new Set<string>();
  const scheduler = new SchedulerClient(sdk(url, "scheduler"));
  let NextToken: string | undefined;
  do {
    const page = await scheduler.send(new ListSchedulesCommand({ NamePrefix: "test-", NextToken }));
    for (const { Name } of page.Schedules ?? []) names.add(String(Name));
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  expect(names.size).toBeGreaterThanOrEqual(schedules);
}, 60_000);

it("leaves no engine behind, however it ends", async () => {
  for (const signal of ["SIGKILL", "SIGTERM", "SIGINT"] as const) {
    const { child, ready } = run("--port", "0", "--data", join(folder, signal));
    const url = await ready;
    const table = new DynamoDBClient(sdk(url, "dynamodb"));
    await table.send(new PutItemCommand({ TableName: "sluice", Item: item(1) }));
    const engine = await engineOf(join(folder, signal));
    child.kill(signal);
    const [code] = await once(child, "exit");
    expect(code).toBe(signal === "SIGKILL" ? null : 0);
    for (let i = 0; i < 100 && isAlive(engine); i++) await sleep(20);
    expect(isAlive(engine)).toBe(false);
  }
});

it("restarts its engine when it dies, without losing anything", async () => {
  const data = join(folder, "data");
  const table = new DynamoDBClient(sdk(await run("--port", "0", "--data", data).ready, "dynamodb"));
  await table.send(new PutItemCommand({ TableName: "sluice", Item: item(1) }));
  const engine = await engineOf(data);
  process.kill(engine, "SIGKILL");
  await expect
    .poll(
      () =>
        table.send(new ScanCommand({ TableName: "sluice" })).then(
          ({ Items }) => Items?.some(({ PK }) => PK?.S === "test-000001"),
          () => false,
        ),
      { timeout: 10_000 },
    )
    .toBe(true);
  expect(await engineOf(data)).not.toBe(engine);
});

it.each(["SIGTERM", "SIGKILL"] as const)("ends when the npm that started it ends: %s", async (signal) => {
  const npm = spawn("npm", ["start", "--", "--port", "0", "--data", join(folder, "data")], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  children.push(npm);
  const url = await new Promise<string>((resolve) => {
    createInterface({ input: npm.stdout }).on("line", (line) => {
      const [, found] = /^Sluice is ready: (.*)$/.exec(line) ?? [];
      if (found !== undefined) resolve(found);
    });
  });
  const engine = await engineOf(join(folder, "data"));
  npm.kill(signal);
  await expect
    .poll(
      () =>
        fetch(`${url}/healthz`).then(
          () => "up",
          () => "down",
        ),
      { timeout: 5_000 },
    )
    .toBe("down");
  await expect.poll(() => isAlive(engine), { timeout: 5_000 }).toBe(false);
});

it("stays when the script that started npm in the background ends", async () => {
  const out = join(folder, "out");
  const start = `nohup npm start -- --port 0 --data ${join(folder, "data")} > ${out} 2>&1 & echo $!`;
  const script = spawn("sh", ["-c", start], { stdio: ["ignore", "pipe", "ignore"] });
  const [npm] = (await once(createInterface({ input: script.stdout }), "line")) as [string];
  const url = await expect
    .poll(() => /^Sluice is ready: (.*)$/m.exec(readFileSync(out, "utf8"))?.[1], { timeout: 25_000 })
    .toBeDefined()
    .then(() => /^Sluice is ready: (.*)$/m.exec(readFileSync(out, "utf8"))?.[1]);
  try {
    // The script ended long ago, and the stack looks at its parents ten times a second.
    await sleep(300);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  } finally {
    process.kill(Number(npm), "SIGTERM");
  }
  await expect
    .poll(
      () =>
        fetch(`${url}/healthz`).then(
          () => "up",
          () => "down",
        ),
      { timeout: 10_000 },
    )
    .toBe("down");
});

it.each([
  ["an unknown option", ["--prot", "1"], 2, "--prot"],
  ["a port that is none", ["--port", "many"], 2, "--port must be a number"],
  [
    "a folder that is none",
    ["--functions", "/nowhere/at/all"],
    2,
    "--functions /nowhere/at/all is not a folder",
  ],
  ["a stray word", ["now"], 2, "now"],
])("refuses %s", async (_what, args, code, words) => {
  const { child, complaint } = run(...args);
  expect((await once(child, "exit"))[0]).toBe(code);
  await expect.poll(complaint).toContain(words);
});

it("reports a port or a folder that is in use", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const { port } = other.address() as { port: number };
  const taken = run("--port", String(port), "--data", ":memory:");
  expect((await once(taken.child, "exit"))[0]).toBe(1);
  await expect.poll(taken.complaint).toContain(`Port ${port} is in use`);
  other.close();

  await run("--port", "0", "--data", folder).ready;
  const second = run("--port", "0", "--data", folder);
  expect((await once(second.child, "exit"))[0]).toBe(1);
  await expect.poll(second.complaint).toContain(`Another local stack is using ${folder}`);
});

async function untilItFails(work: () => Promise<void>): Promise<void> {
  try {
    for (;;) await work();
  } catch {
    // The stack has exited.
  }
}

/** The engine's own process, not the shell that guards it, whose command line contains the same words. */
async function engineOf(data: string): Promise<number> {
  const pattern = `^[^ ]*/dynoxide serve .*--db-path ${data}/dynamodb.sqlite$`;
  const { stdout } = spawn("pgrep", ["-f", pattern], { stdio: ["ignore", "pipe", "ignore"] });
  let text = "";
  for await (const chunk of stdout) text += String(chunk);
  expect(text).toMatch(/^\d+\n$/);
  return Number(text);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

it("refuses an unknown name in --allow and lists the known ones", async () => {
  const { ready } = run("--port", "0", "--data", ":memory:", "--allow", "sqs,queues");
  await expect(ready).rejects.toThrow(/ended with 2: --allow: .*"queues".*dynamodb, sns, sqs/);
});

it.each([
  ["by default", [], 201],
  ["with its set", ["--allow", "sns,sqs"], 201],
  ["without its set", ["--allow", "sns"], 422],
])("publishes a flow that sends to a queue, or not: %s", async (_when, args, status) => {
  const { ready } = run("--port", "0", "--data", ":memory:", ...args);
  const url = await ready;
  const token = await fetch(`${url}/local/token`, { method: "POST", body: '{"user":"admin"}' });
  const { accessToken } = (await token.json()) as { accessToken: string };
  const definition = {
    StartAt: "Send",
    States: {
      Send: {
        Type: "Task",
        Resource: "arn:aws:states:::sqs:sendMessage",
        Parameters: { QueueUrl: "https://sqs.us-east-1.amazonaws.com/123456789012/q", MessageBody: "m" },
        End: true,
      },
    },
  };
  const answer = await fetch(`${url}/v1/workspaces/demo/flows/send`, {
    method: "PUT",
    headers: { authorization: `Bearer ${accessToken}`, "content-type": "application/json" },
    body: JSON.stringify({ definition }),
  });
  const text = await answer.text();
  expect(answer.status, text).toBe(status);
  if (status === 422) expect(text).toContain('The set \\"sqs\\" in');
});
