import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { ListStateMachineVersionsCommand, SFNClient } from "@aws-sdk/client-sfn";
import { BatchWriteCommand, DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { JsonObject } from "../../../shared/model/json/json.ts";
import { chain, task } from "../../harness/definitions.ts";
import { allItems, sdkConfig } from "../../harness/ledger/stored-items.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";

interface Published {
  readonly version: number;
  readonly warnings: readonly string[];
}

describe("a flow with many versions", { timeout: 120_000 }, () => {
  let stack: TestStack;
  let table: DynamoDBDocumentClient;
  let states: SFNClient;
  beforeAll(async () => {
    // The failures are intended here, so the handlers' log lines about them are suppressed.
    vi.stubEnv("POWERTOOLS_LOG_LEVEL", "SILENT");
    stack = await testStack("one");
    table = DynamoDBDocumentClient.from(new DynamoDBClient(sdkConfig(stack.url, "dynamodb")));
    states = new SFNClient(sdkConfig(stack.url, "states"));
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    table.destroy();
    states.destroy();
    await stack.close();
  });

  const definition = (mark: string): JsonObject => ({
    Comment: mark,
    ...chain({ Doze: { Type: "Wait", Seconds: 3_600 }, one: task("one") }),
  });
  const publish = (flowId: string, mark: string) =>
    stack.admin.publish(flowId, definition(mark)) as Promise<Published>;
  /** The items of the flow's versions, by number. */
  const versionItems = async (flowId: string) => {
    const items = (await allItems(stack.url)).filter(
      ({ PK, SK }) => String(PK).endsWith(`#F#${flowId}`) && String(SK).startsWith("V#"),
    );
    return new Map(items.map((item) => [Number(item["version"]), item]));
  };
  /** Writes versions up to 899 as copies of version 3, the active one. Their state machine versions do not exist, so they count as deleted. */
  const fill = async (flowId: string): Promise<void> => {
    const third = (await versionItems(flowId)).get(3);
    if (third === undefined) throw new Error("No version 3");
    const numbered = (name: string, version: number) =>
      String(third[name]).replace(/\d+$/, (digits) => String(version).padStart(digits.length, "0"));
    const puts = Array.from({ length: 896 }, (_, at) => {
      const version = at + 4;
      const SK = numbered("SK", version);
      const machineVersionArn = numbered("machineVersionArn", version);
      return { PutRequest: { Item: { ...third, SK, version, definitionHash: SK, machineVersionArn } } };
    });
    for (let at = 0; at < puts.length; at += 25)
      await table.send(new BatchWriteCommand({ RequestItems: { sluice: puts.slice(at, at + 25) } }));
  };
  /** The numbers that Step Functions has given to the versions of the flow's state machine. */
  const machineVersions = async (flowId: string): Promise<number[]> => {
    const arn = String((await versionItems(flowId)).get(1)?.["machineVersionArn"]);
    const request = { stateMachineArn: arn.replace(/:\d+$/, ""), maxResults: 1_000 };
    const { stateMachineVersions = [] } = await states.send(new ListStateMachineVersionsCommand(request));
    return stateMachineVersions
      .map(({ stateMachineVersionArn }) => Number(stateMachineVersionArn?.split(":").at(-1)))
      .toSorted((one, other) => one - other);
  };

  it("prunes the oldest versions that no run needs, with a warning, and restores one that is chosen again", async () => {
    expect((await publish("many", "1")).warnings).toEqual([]);
    const waiting = await stack.operator.dispatch("many", {});
    await stack.admin.untilStatus(waiting.runId, "waiting");
    for (const mark of ["2", "3"]) await publish("many", mark);
    await fill("many");
    await stack.admin.advance("PT10M");

    const { version, warnings } = await publish("many", "900");
    expect(version).toBe(900);
    expect(warnings.join()).toMatch(/has 900 versions.*keeps 1,000.*The 100 oldest/);
    // Version 1 has a run, 3 was active a moment ago, and 900 is the machine's fourth.
    expect(await machineVersions("many")).toEqual([1, 3, 4]);
    expect((await publish("many", "901")).warnings).toEqual([]);

    // The versions are still listed, with their text.
    const old = await stack.admin.expect<{ definition: JsonObject }>([200], "GET", "/flows/many/versions/2");
    expect(old.definition["Comment"]).toBe("2");
    await stack.admin.expect([200], "POST", "/flows/many/versions/2/activate");
    const again = await stack.operator.dispatch("many", {});
    expect(again.flowVersion).toBe(2);
    await stack.admin.untilStatus(again.runId, "waiting");
    await stack.admin.advance("PT2H");
    for (const { runId } of [waiting, again]) await stack.admin.untilStatus(runId, "completed");
  });

  it("restores a pruned version for a replay", async () => {
    await publish("replayed", "1");
    const { runId } = await stack.operator.dispatch("replayed", {});
    await stack.admin.untilStatus(runId, "waiting");
    await stack.admin.expect([200], "POST", `/runs/${runId}/cancel`, {});
    for (const mark of ["2", "3"]) await publish("replayed", mark);
    await fill("replayed");
    await stack.admin.advance("PT10M");
    await publish("replayed", "900");
    expect(await machineVersions("replayed")).toEqual([3, 4]);
    const replayed = await stack.operator.api.replayRun({ runId, body: { version: "same" } });
    expect(replayed.flowVersion).toBe(1);
    await stack.admin.untilStatus(replayed.runId, "waiting");
  });

  it("completes a pruning that failed at the next publication", async () => {
    for (const mark of ["1", "2", "3"]) await publish("broken", mark);
    await fill("broken");
    await stack.admin.advance("PT10M");
    await stack.admin.expect([200, 201, 204], "POST", "/local/faults", {
      ...{ service: "states", operation: "DeleteStateMachineVersion", when: "before", times: 1 },
    });
    const failed = await stack.admin.call("PUT", "/flows/broken", { definition: definition("900") });
    expect(failed.status).toBeGreaterThanOrEqual(500);
    expect((await versionItems("broken")).get(900)).not.toHaveProperty("machineVersionArn");

    expect((await publish("broken", "900")).version).toBe(900);
    const items = [...(await versionItems("broken")).values()];
    expect(
      items.filter(({ prunedAt, machineGone }) => prunedAt !== undefined && machineGone !== true),
    ).toEqual([]);
    expect(items.filter(({ prunedAt }) => prunedAt !== undefined).length).toBeGreaterThan(0);
    expect(await machineVersions("broken")).toEqual([3, 4]);
  });

  it("refuses a new flow, and says what to do, if the account has too many state machines", async () => {
    await stack.admin.expect([200, 201, 204], "POST", "/local/faults", {
      ...{ service: "states", operation: "CreateStateMachine", when: "before" },
      error: "StateMachineLimitExceeded",
    });
    const answer = await stack.admin.call("PUT", "/flows/too-many", { definition: definition("1") });
    await stack.admin.call("DELETE", "/local/faults");
    expect(answer).toMatchObject({ status: 409, body: { code: "action_not_allowed" } });
    expect(answer.body["detail"]).toMatch(/Delete flows, or raise the quota/);
  });

  it("keeps a version that is active or was active a moment ago", async () => {
    await publish("switched", "1");
    for (const mark of ["2", "3"]) await publish("switched", mark);
    await fill("switched");
    await stack.admin.expect([200], "POST", "/flows/switched/versions/1/activate");
    const { warnings } = await publish("switched", "900");
    expect(warnings.join()).toMatch(/The 100 oldest/);
    expect(await machineVersions("switched")).toEqual([1, 2, 3, 4]);
  });
});
