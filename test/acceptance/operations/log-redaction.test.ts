import { afterAll, beforeAll, expect, it, vi } from "vitest";
import type { JsonObject } from "../../../shared/model/json/json.ts";
import { type Client, clientFor } from "../../harness/clients/client.ts";
import { chain, task } from "../../harness/definitions.ts";
import { type FunctionsFolder, functionsFolder } from "../../harness/stack/functions-folder.ts";
import { type StackProcess, startStackProcess } from "../../harness/stack/stack-process.ts";

/** A marker in every place that contains the user's data. */
const MARK = "m4rk-of-the-user";
const FORM = { type: "object", properties: { note: { const: MARK } }, required: ["note"] };
const ask = (resource: string, more: JsonObject = {}): JsonObject => ({
  Type: "Task",
  Resource: `arn:sluice:::${resource}`,
  Parameters: { Title: MARK, ...more },
});
const PAYLOAD = { secret: MARK };

let folder: FunctionsFolder;
let stack: StackProcess;
let admin: Client;
beforeAll(async () => {
  // The deployed functions' own level; the local stack logs less.
  vi.stubEnv("POWERTOOLS_LOG_LEVEL", "INFO");
  folder = functionsFolder("work", "fails");
  folder.fail("fails", MARK);
  stack = await startStackProcess("--port", "0", "--data", ":memory:", "--functions", folder.dir);
  admin = await clientFor(stack.url, "admin");
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await stack.stop();
  folder.remove();
});

const fault = (service: string, operation: string, error: string, when = "before") =>
  admin.expect([200, 201, 204], "POST", "/local/faults", { service, operation, when, error, times: 2 });

const publishAll = async (): Promise<void> => {
  await admin.publish("plain", chain({ work: task("work") }, { Comment: MARK }), { description: MARK });
  await admin.publish("failing", chain({ fails: task("fails") }));
  await admin.publish(
    "asking",
    chain({ ask: ask("approval"), work: task("work", { Sluice: { Requires: [MARK] } }) }),
  );
  await admin.publish("filling", chain({ fill: ask("form", { Form: FORM }), work: task("work") }));
};

const answer = async (runId: string, body: JsonObject): Promise<number> => {
  const run = await admin.untilStatus(runId, "waiting", 30);
  const { status } = await admin.call("POST", `/runs/${runId}/steps/${run.waitingOn?.stepId}/complete`, body);
  return status;
};

it("the handlers' logs contain no user data, whatever fails", async () => {
  await publishAll();
  await admin.expect([200, 201], "PUT", "/members/ann", { role: "member", permissions: [MARK] });
  await admin.expect([200, 201], "PUT", "/views/mine", { name: MARK, filter: { error: MARK } });

  // Successful calls, and failures of the user's code.
  const done = await admin.dispatch("plain", PAYLOAD);
  await admin.untilStatus(done.runId, "completed", 30);
  const failed = await admin.dispatch("failing", PAYLOAD);
  await admin.untilStatus(failed.runId, "failed", 30);
  await admin.call("POST", `/runs/${failed.runId}/replay`, { payload: PAYLOAD });
  const filling = await admin.dispatch("filling", PAYLOAD);
  expect(await answer(filling.runId, { decision: "submitted", data: { note: "no", more: MARK } })).toBe(422);
  expect(await answer(filling.runId, { decision: "submitted", comment: MARK, data: { note: MARK } })).toBe(
    200,
  );
  const asking = await admin.dispatch("asking", PAYLOAD);
  expect(await answer(asking.runId, { decision: "approved", comment: MARK })).toBe(200);
  await admin.call("POST", "/flows/plain/pause", { reason: MARK });
  await admin.dispatch("plain", PAYLOAD);
  await admin.call("POST", "/flows/plain/resume", { reason: MARK });

  // Refused and malformed requests.
  const bodies = [
    `{"payload": ${MARK}`,
    `"${MARK}"`,
    { payload: 1, [MARK]: MARK },
    { payload: { a: "\ud800" } },
  ];
  for (const body of bodies) await admin.call("POST", "/flows/plain/runs", body);
  await admin.call("PUT", "/flows/bad", {
    definition: { StartAt: MARK, States: { [MARK]: { Type: MARK } } },
  });
  await admin.call("GET", `/runs?cursor=${MARK}&error=${MARK}`);
  await admin.call("GET", "/runs", undefined, { authorization: `Bearer ${MARK}.${MARK}.${MARK}` });

  // Every service fails, before and after a call takes effect. DynamoDB's refusals contain the item.
  for (const when of ["before", "after"]) {
    for (const [service, operation, error] of [
      ["dynamodb", "UpdateItem", "InternalServerError"],
      ["dynamodb", "PutItem", "ValidationException"],
      ["dynamodb", "TransactWriteItems", "TransactionCanceledException"],
      ["dynamodb", "Query", "AccessDeniedException"],
      ["states", "StartExecution", "InvalidExecutionInput"],
      ["states", "SendTaskSuccess", "InvalidOutput"],
      ["scheduler", "CreateSchedule", "ValidationException"],
    ] as const) {
      await fault(service, operation, error, when);
      await admin.call("POST", "/flows/plain/runs", { payload: PAYLOAD });
      await admin.call("POST", "/flows/plain/pause", { reason: MARK });
      await admin.call("POST", "/flows/plain/resume", { reason: MARK });
      await admin.call("GET", `/runs?error=${MARK}`);
      await admin.call("DELETE", "/local/faults");
    }
  }
  await admin.advance("P1D");

  const said = stack.said.join("\n");
  expect(said.split("\n").filter((line) => line.includes('"request"')).length).toBeGreaterThan(20);
  expect(said).toMatch(/"failed"/);
  const own = said.split("\n").filter((line) => line.startsWith("{"));
  expect(own.filter((line) => line.includes(MARK))).toEqual([]);
  const [, token = ""] =
    /"accessToken":"([^"]+)"/.exec(
      JSON.stringify(await admin.expect([200], "POST", "/local/token", { user: "admin" })),
    ) ?? [];
  expect(own.filter((line) => line.includes(token.split(".")[0] ?? "?"))).toEqual([]);
}, 120_000);
