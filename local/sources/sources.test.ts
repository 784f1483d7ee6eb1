import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { Run } from "../../shared/model/schemas/run.ts";
import { type Client, clientFor, eventually } from "../../test/harness/clients/client.ts";
import { sendingTo } from "../../test/harness/definitions.ts";
import type { LocalStack } from "../stack/stack.ts";
import { startLocalStack } from "../start.ts";

const DONE = { StartAt: "Done", States: { Done: { Type: "Succeed" } } };
const SEND = sendingTo("imports");

describe("the sources of flows", { timeout: 60_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-sources-"));
  const flows = join(folder, "flows");
  const data = join(folder, "data");
  let stack: LocalStack;
  let admin: Client;
  const write = (name: string, value: unknown) => writeFileSync(join(flows, name), JSON.stringify(value));
  const start = async () => {
    stack = await startLocalStack({ port: 0, data, flows, allow: ["sqs"] });
    admin = await clientFor(stack.url, "admin");
  };
  beforeAll(async () => {
    mkdirSync(flows);
    write("orders.asl.json", DONE);
    write("send.asl.json", SEND);
    write("orders.triggers.json", {
      rules: [{ eventPattern: { source: ["shop"] } }],
      queues: [{ queue: "imports", maxReceiveCount: 2 }],
      buckets: [{ bucket: "uploads" }],
    });
    await start();
  });
  afterAll(async () => {
    await stack.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const runsOf = async (flowId: string) =>
    (await admin.expect<{ items: Run[] }>([200], "GET", `/runs?flowId=${flowId}&limit=200`)).items;
  const payloads = async () => {
    const runs = await Promise.all(
      (await runsOf("orders")).map(({ runId }) =>
        admin.expect<Run & { payload: unknown }>([200], "GET", `/runs/${runId}`),
      ),
    );
    return runs.map(({ payload }) => payload as Record<string, unknown>);
  };
  const untilThere = (holds: (payload: Record<string, unknown>) => boolean) =>
    eventually(async () => (await payloads()).find(holds), 25);
  const put = async (Source: string) => {
    const credentials = { accessKeyId: "a", secretAccessKey: "s" };
    const client = new EventBridgeClient({
      ...{ endpoint: `${stack.url}/aws/events`, region: "us-east-1", credentials },
    });
    const { Entries } = await client.send(
      new PutEventsCommand({ Entries: [{ Source, DetailType: "Order placed", Detail: '{"n":1}' }] }),
    );
    client.destroy();
    return Entries?.[0]?.EventId ?? "none";
  };
  const deadLetters = async () => {
    const { items } = await admin.expect<{ items: Record<string, unknown>[] }>(
      [200],
      "GET",
      "/local/dead-letters",
    );
    return items.filter(({ source }) => source === "sqs");
  };

  it("start a run for each event that a rule matches, and for no other", async () => {
    await put("stock");
    const id = await put("shop");
    expect(await untilThere((payload) => payload["id"] === id)).toMatchObject({
      ...{ source: "shop", "detail-type": "Order placed", detail: { n: 1 } },
    });
    expect((await payloads()).some(({ source }) => source === "stock")).toBe(false);
  });

  it("start a run for each message of a queue, and make those that fail dead letters with the reason", async () => {
    const bodies = [...Array.from({ length: 23 }, (_, n) => ({ n })), "not JSON"];
    await admin.dispatch("send", { bodies });
    await untilThere(({ n }) => n === 22);
    await eventually(async () => {
      await admin.advance("PT1M");
      return (await deadLetters()).length === 1 || undefined;
    }, 25);
    expect(await deadLetters()).toMatchObject([
      { target: "imports", payload: "not JSON", attempts: 2, error: { reason: "The message is not JSON" } },
    ]);
    const numbers = (await payloads()).flatMap(({ n }) => (typeof n === "number" ? [n] : []));
    expect(numbers.sort((one, other) => one - other)).toEqual(Array.from({ length: 23 }, (_, n) => n));
  });

  it("start a run for each object that is created or replaced in a bucket, also while the stack did not run", async () => {
    const ofKey = (key: string) => (payload: Record<string, unknown>) =>
      JSON.stringify(payload["detail"] ?? {}).includes(`"${key}"`);
    const uploads = join(data, "s3", "uploads");
    mkdirSync(join(uploads, "in"), { recursive: true });
    writeFileSync(join(uploads, "in", "a.csv"), "1");
    expect(await untilThere(ofKey("in/a.csv"))).toMatchObject({
      ...{ source: "aws.s3", "detail-type": "Object Created" },
      detail: { bucket: { name: "uploads" }, object: { key: "in/a.csv", size: 1 } },
    });
    await stack.close();
    writeFileSync(join(uploads, "b.csv"), "22");
    await start();
    await untilThere(ofKey("b.csv"));
    expect((await payloads()).filter(ofKey("in/a.csv")).length).toBe(1);
    // What was consumed before the restart does not come again.
    expect((await payloads()).filter(({ n }) => n === 0).length).toBe(1);
  });

  it("may not be events of Sluice itself: such a rule is refused, and of one for everything, Sluice's events start no run", async () => {
    const said = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    try {
      write("loop.asl.json", DONE);
      write("loop.triggers.json", { rules: [{ eventPattern: { source: ["sluice"] } }] });
      write("all.asl.json", DONE);
      write("all.triggers.json", { rules: [{ eventPattern: { source: [{ prefix: "" }] } }] });
      await eventually(async () => {
        await put("stock");
        return (await runsOf("all")).length > 1 || undefined;
      }, 25);
      expect(said.mock.calls.flat().join()).toContain(
        "loop.triggers.json: The pattern matches events of Sluice itself",
      );
    } finally {
      said.mockRestore();
    }
    // Every run that has ended has had its events.
    await admin.advance("PT1M");
    const { items } = await admin.expect<{ items: { source: string }[] }>([200], "GET", "/local/events");
    const others = items.filter(({ source }) => !["sluice", "aws.states"].includes(source)).length;
    expect((await runsOf("all")).length).toBeLessThanOrEqual(others);
    expect(await runsOf("loop")).toEqual([]);
  });
});
