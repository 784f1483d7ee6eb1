import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { cloudWatchFunctionLogs } from "./cloudwatch-function-logs.ts";
import type { Invocation } from "./ports.ts";

interface Stored {
  readonly logStreamName: string;
  readonly timestamp: number;
  readonly message: string;
}
const MINE = "11111111-2222-4333-8444-555555555555";
const OTHER = "99999999-2222-4333-8444-555555555555";

/** A server with FilterLogEvents as AWS documents it: phrases, streams, times, and pages that may be empty. */
let groups: Record<string, Stored[]> = {};
let calls: Record<string, unknown>[] = [];
let refusal: string | undefined;
let server: Server;
let client: CloudWatchLogsClient;
beforeAll(async () => {
  server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const asked = JSON.parse(body) as Record<string, unknown>;
    calls.push(asked);
    const group = groups[String(asked["logGroupName"])];
    const error = refusal ?? (group === undefined ? "ResourceNotFoundException" : undefined);
    response.setHeader("content-type", "application/x-amz-json-1.1");
    if (error !== undefined) {
      response.statusCode = 400;
      response.end(JSON.stringify({ __type: error, message: error }));
      return;
    }
    if (asked["nextToken"] === undefined) {
      response.end(JSON.stringify({ events: [], nextToken: "more" }));
      return;
    }
    const phrase =
      /^"(.*)"$/s.exec(String(asked["filterPattern"] ?? '""'))?.[1]?.replaceAll(/\\(.)/g, "$1") ?? "";
    const streams = asked["logStreamNames"] as string[] | undefined;
    const events = (group ?? []).filter(
      ({ logStreamName, timestamp, message }) =>
        message.includes(phrase) &&
        (streams?.includes(logStreamName) ?? true) &&
        timestamp >= Number(asked["startTime"]) &&
        timestamp < Number(asked["endTime"]),
    );
    response.end(JSON.stringify({ events }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  client = new CloudWatchLogsClient({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...{ region: "eu-west-1", credentials: { accessKeyId: "a", secretAccessKey: "b" }, maxAttempts: 1 },
  });
});
afterAll(() => {
  client.destroy();
  server.close();
});
beforeEach(() => {
  [groups, calls, refusal] = [{}, [], undefined];
});

const at = (logStreamName: string, ...messages: readonly (readonly [number, string])[]): Stored[] =>
  messages.map(([timestamp, message]) => ({ logStreamName, timestamp, message: `${message}\n` }));
const logs = () => cloudWatchFunctionLogs(client, (workspace) => (workspace === "acme" ? ["charge*"] : []));
const read = (more: Partial<Invocation> = {}) =>
  logs().read({
    ...{ workspace: "acme", functionName: "charge", executionArn: "arn", startedId: 3 },
    ...{ from: 100_000, to: 101_000, requestId: MINE, ...more },
  });
const texts = async (more?: Partial<Invocation>) => (await read(more)).lines.map(({ text }) => text);

it("shows what one invocation of a Node.js function printed, and nothing of the platform's", async () => {
  groups["/aws/lambda/charge"] = [
    ...at(
      "a",
      [100_010, `START RequestId: ${MINE} Version: $LATEST`],
      [100_020, `2026-01-01T00:00:00.000Z\t${MINE}\tINFO\tcharging 3`],
      [100_030, `2026-01-01T00:00:00.000Z\t${MINE}\tERROR\tcard declined`],
      [100_040, `END RequestId: ${MINE}`],
      [100_040, `REPORT RequestId: ${MINE}\tDuration: 30 ms`],
      [100_040, `START RequestId: ${OTHER} Version: $LATEST`],
      [100_040, `2026-01-01T00:00:00.000Z\t${OTHER}\tINFO\tof another workspace`],
    ),
    ...at("b", [100_025, `2026-01-01T00:00:00.000Z\t${OTHER}\tINFO\tbeside it`]),
  ];
  expect(await read()).toEqual({
    requestId: MINE,
    isCut: false,
    lines: [
      { at: 100_020, text: "INFO charging 3" },
      { at: 100_030, text: "ERROR card declined" },
    ],
  });
});

it("shows lines without an id, as Python prints them, from the invocation's own stream", async () => {
  groups["/aws/lambda/charge"] = [
    ...at("a", [99_000, "before it"], [100_010, `START RequestId: ${MINE} Version: 7`], [100_020, "printed"]),
    ...at("a", [100_030, `REPORT RequestId: ${MINE}\tDuration: 9 ms`], [100_500, "after it"]),
    ...at("b", [100_020, "elsewhere"]),
  ];
  expect(await texts()).toEqual(["printed"]);
});

it("reads Lambda's JSON format", async () => {
  const line = (value: object) => JSON.stringify(value);
  groups["/aws/lambda/charge"] = at(
    "a",
    [100_010, line({ type: "platform.start", record: { requestId: MINE } })],
    [100_020, line({ level: "INFO", message: "charging", requestId: MINE })],
    [100_021, line({ level: "WARN", message: { left: 2 }, requestId: MINE })],
    [100_030, line({ type: "platform.report", record: { requestId: MINE } })],
  );
  expect(await texts()).toEqual(["INFO charging", 'WARN {"left":2}']);
});

it("finds the invocation by the text of its error, and never guesses between two", async () => {
  const error = (id: string) =>
    `2026-01-01T00:00:00.000Z\t${id}\tERROR\tInvoke Error \t${JSON.stringify({ errorMessage: 'no "card" 7' })}`;
  const asked = { requestId: undefined, errorMessage: 'no "card" 7' } as never;
  groups["/aws/lambda/charge"] = at(
    "a",
    [100_010, `START RequestId: ${MINE} Version: 1`],
    [100_020, error(MINE)],
  );
  expect(await read(asked)).toMatchObject({ requestId: MINE, lines: [{ at: 100_020 }] });
  groups["/aws/lambda/charge"].push(...at("b", [100_030, error(OTHER)]));
  expect(await read(asked)).toEqual({ lines: [], isCut: false, note: expect.stringMatching(/does not say/) });
  expect(await read({ requestId: undefined } as never)).toMatchObject({
    lines: [],
    note: expect.any(String),
  });
});

it("reads nothing of a function that the deployer has not opened to the workspace", async () => {
  groups["/aws/lambda/charge"] = at("a", [100_020, `2026-01-01T00:00:00.000Z\t${MINE}\tINFO\tsecret`]);
  for (const more of [{ workspace: "umbrella" }, { functionName: "ship" }, { functionName: "recharge" }])
    expect(await read(more)).toEqual({ lines: [], isCut: false, note: expect.stringMatching(/stepLogs/) });
  expect(calls).toEqual([]);
});

it("says that a log group is missing, or that CloudWatch Logs is busy", async () => {
  expect((await read()).note).toMatch(/no log group/);
  refusal = "ThrottlingException";
  expect((await read()).note).toMatch(/busy/);
});

it("shows the end of a long output", async () => {
  groups["/aws/lambda/charge"] = at(
    "a",
    ...Array.from({ length: 100 }, (_, n) => [100_000 + n, `${MINE} ${n} ${"x".repeat(1_000)}`] as const),
  );
  const { lines, isCut } = await read();
  expect(isCut).toBe(true);
  expect(lines.length).toBeLessThan(66);
  expect(lines.at(-1)?.text).toContain(" 99 ");
});
