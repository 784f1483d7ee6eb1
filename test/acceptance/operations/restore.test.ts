import { spawnSync } from "node:child_process";
import { CreateTableCommand, DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { SFNClient } from "@aws-sdk/client-sfn";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CopyRequest, copyTable } from "../../../infra/restore/copy-table.ts";
import { rejoin } from "../../../infra/restore/rejoin.ts";
import { tableDefinition } from "../../../local/dynamodb/table.ts";
import type { Run } from "../../../shared/model/schemas/run.ts";
import { eventually } from "../../harness/clients/client.ts";
import { FlowClient } from "../../harness/clients/flow-client.ts";
import { chain, task } from "../../harness/definitions.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";

const RESTORED = "sluice-restored";
const FLOW = chain({
  first: task("first"),
  Ask: {
    Type: "Task",
    Resource: "arn:sluice:::approval",
    Parameters: { Title: "Right?" },
    ResultPath: "$.answer",
  },
  last: task("last"),
});

describe("a table restored to a point in time", () => {
  let stack: TestStack;
  let dynamodb: DynamoDBClient;
  let states: SFNClient;
  let lambda: LambdaClient;
  const runs: Record<string, Run> = {};
  beforeAll(async () => {
    stack = await testStack("first", "last");
    const at = (service: string) => ({
      endpoint: `${stack.url}/aws/${service}`,
      region: "us-east-1",
      credentials: { accessKeyId: "local", secretAccessKey: "local" },
    });
    dynamodb = new DynamoDBClient(at("dynamodb"));
    states = new SFNClient(at("states"));
    lambda = new LambdaClient(at("lambda"));
  });
  afterAll(async () => {
    for (const client of [dynamodb, states, lambda]) client.destroy();
    await stack.close();
  });

  const items = async (table: string): Promise<Record<string, unknown>> => {
    const { Items = [] } = await dynamodb.send(new ScanCommand({ TableName: table, ConsistentRead: true }));
    return Object.fromEntries(Items.map((item) => [`${item["PK"]?.S} ${item["SK"]?.S}`, item]));
  };
  const copy = (more: Omit<CopyRequest, "from" | "to"> = {}) =>
    copyTable(dynamodb, { from: RESTORED, to: "sluice", ...more });
  const dispatch = async (name: string): Promise<void> => {
    runs[name] = await stack.admin.dispatch("order", { name });
  };
  const id = (name: string): string => runs[name]?.runId ?? "";
  /** Answered through the inbox, as people do. */
  const answer = async (name: string): Promise<number> => {
    const stepId = await eventually(async () => {
      const { items: asked } = await stack.admin.expect<{ items: { runId: string; stepId: string }[] }>(
        [200],
        "GET",
        "/inbox",
      );
      return asked.find(({ runId }) => runId === id(name))?.stepId;
    });
    const path = `/runs/${id(name)}/steps/${stepId}/complete`;
    return (await stack.admin.call("POST", path, { decision: "approved" })).status;
  };

  it("is as it was then, and leaves no run waiting", async () => {
    const { admin, functions } = stack;
    await admin.publish("order", FLOW);
    functions.block("first");
    for (const name of ["parks", "asks", "ends"]) await dispatch(name);
    await eventually(() => functions.count("first") === 3 || undefined);
    await dynamodb.send(new CreateTableCommand(tableDefinition(RESTORED)));
    await copyTable(dynamodb, { from: "sluice", to: RESTORED });
    const then = await items(RESTORED);
    expect(Object.keys(then).length).toBeGreaterThan(10);

    // Since then, one run parks, one asks a person, one ends, one is new, and the flow is paused.
    await admin.act(id("parks"), "pause");
    functions.release("first");
    await admin.until(id("parks"), ({ parkedAt }) => parkedAt !== undefined);
    await dispatch("new");
    expect(await answer("ends")).toBe(200);
    await admin.untilStatus(id("ends"), "completed");
    for (const name of ["asks", "new"]) await admin.untilStatus(id(name), "waiting");
    const order = new FlowClient(admin, "order");
    await order.pause();

    const planned = await copy({ dryRun: true });
    expect(Math.min(planned.put, planned.deleted, planned.unchanged)).toBeGreaterThan(0);
    expect(await items("sluice")).not.toEqual(then);
    expect(await copy()).toEqual(planned);
    expect(await items("sluice")).toEqual(then);
    expect(await copy()).toEqual({ put: 0, deleted: 0, unchanged: Object.keys(then).length });
    expect((await order.now()).status).toBe("active");
    expect((await admin.call("GET", `/runs/${id("new")}`)).status).toBe(404);
    await admin.advance("PT10M");
    // The sweeper finds the ended executions. It does not know about tokens that the table has lost.
    await admin.untilStatus(id("ends"), "completed");
    expect((await admin.run(id("parks"))).status).toBe("running");

    const told: string[] = [];
    const tools = { dynamodb, states, lambda, say: (line: string) => void told.push(line) };
    expect(await rejoin(tools, { table: "sluice" })).toEqual({ executions: 3, calls: 5, unknown: 1 });
    expect(told).toContain(`called sluice-park demo ${id("parks")}`);
    expect(told).toContain(`called sluice-human-step demo ${id("asks")}`);
    expect(told.join("\n")).toContain(`unknown demo ${id("new")} arn:aws:states:`);
    for (const name of ["parks", "asks"]) {
      expect(await answer(name), name).toBe(200);
      expect((await admin.untilStatus(id(name), "completed")).output, name).toMatchObject({
        name,
        first: 1,
        last: 1,
      });
    }
  }, 60_000);

  it("receives missing items, and keeps newer ones", async () => {
    await stack.admin.publish("order-2", FLOW);
    await stack.admin.expect([204], "DELETE", `/runs/${id("ends")}`);
    const before = await items("sluice");
    const run = `W#demo#R#${id("ends")}`;
    expect(await copy({ only: "W#demo#F#order", missing: true })).toMatchObject({ put: 0, deleted: 0 });
    const { put, deleted } = await copy({ only: run, missing: true });
    expect([put > 0, deleted]).toEqual([true, 0]);
    const after = await items("sluice");
    expect(after).toMatchObject(before);
    const back = Object.keys(after).filter((key) => !(key in before));
    expect(back.filter((key) => !key.startsWith(`${run} `))).toEqual([]);
  });

  it("requires sensible options", () => {
    const { stderr, status } = spawnSync(
      process.execPath,
      ["infra/restore/main.ts", "copy", "--from", "sluice"],
      { encoding: "utf8" },
    );
    expect([status, stderr.split("\n")[0]]).toEqual([2, "--from must name the restored table"]);
  });
});
