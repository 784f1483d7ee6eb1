import { afterAll, beforeAll, expect, test } from "vitest";
import type { JsonObject } from "../../../shared/model/json/json.ts";
import type { InboxItem } from "../../../shared/model/schemas/inbox.ts";
import { type Client, eventually } from "../../harness/clients/client.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";

let stack: TestStack;
let ann: Client;
beforeAll(async () => {
  stack = await testStack();
  for (const userId of ["ann", "ben"]) {
    await stack.admin.expect([201], "PUT", `/members/${userId}`, { role: "member", permissions: [] });
  }
  ann = await stack.as("ann");
});
afterAll(() => stack.close());

const FORM = { type: "object", properties: { count: { type: "integer" } }, required: ["count"] };
const asking = (parameters: JsonObject, kind = "approval"): JsonObject => ({
  StartAt: "Ask",
  States: {
    Ask: {
      Type: "Task",
      Resource: `arn:sluice:::${kind}`,
      Parameters: parameters,
      TimeoutSeconds: 600,
      End: true,
    },
  },
});
const inbox = async (client: Client, query = ""): Promise<{ items: InboxItem[]; nextCursor?: string }> =>
  client.expect([200], "GET", `/inbox${query}`);
const ids = async (client: Client) => (await inbox(client)).items.map(({ runId }) => runId);
/** The run waits a moment before the person is asked. */
const asked = async (flowId: string, who: Client = stack.operator) => {
  const { runId } = await stack.admin.dispatch(flowId, {});
  await eventually(async () => (await ids(who)).includes(runId));
  return runId;
};

test("users find the steps that wait for them, and no others", async () => {
  await stack.admin.publish("for-ann", asking({ Title: "Ship it?", Assignees: ["ann"] }));
  await stack.admin.publish("for-anybody", asking({ Title: "How many?", Form: FORM }, "form"));
  const annsRun = await asked("for-ann", ann);
  const openRun = await asked("for-anybody");

  expect(await ids(ann)).toEqual([annsRun]);
  expect(await ids(await stack.as("ben"))).toEqual([]);
  expect(await ids(stack.operator)).toEqual([openRun]);
  expect((await (await stack.as("viewer")).call("GET", "/inbox")).status).toBe(403);
  const [item] = (await inbox(stack.operator)).items;
  expect(item).toMatchObject({
    ...{ runId: openRun, flowId: "for-anybody", name: "Ask", kind: "form", title: "How many?" },
    ...{ form: FORM, startedBy: "admin" },
  });

  const answer = { decision: "submitted", data: { count: 3 } };
  const path = `/runs/${openRun}/steps/${encodeURIComponent(item?.stepId ?? "")}/complete`;
  await stack.operator.expect([200], "POST", path, answer);
  expect(await ids(stack.operator)).toEqual([]);
  await stack.admin.untilStatus(openRun, "completed");
});

test("cancelled and timed-out steps wait for nobody", async () => {
  await stack.admin.publish("late", asking({ Title: "Late?" }));
  const cancelled = await asked("late");
  const timedOut = await asked("late");
  expect(await ids(stack.operator)).toEqual([timedOut, cancelled]);
  await stack.admin.act(cancelled, "cancel");
  expect(await ids(stack.operator)).toEqual([timedOut]);
  await stack.admin.advance("PT11M");
  await stack.admin.untilStatus(timedOut, "failed");
  expect(await ids(stack.operator)).toEqual([]);
});

test("an administrator assigns a step whose only assignee has left; an answer that was first stands", async () => {
  await stack.admin.publish("left", asking({ Title: "Ship it?", Assignees: ["gone"] }));
  const { runId } = await stack.admin.dispatch("left", {});
  const stepOf = async () => (await stack.admin.steps(runId))[0];
  await eventually(async () => (await stepOf())?.question !== undefined || undefined);
  const stepId = (await stepOf())?.stepId ?? "";
  const path = `/runs/${runId}/steps/${encodeURIComponent(stepId)}`;
  const assign = (client: Client, body: JsonObject) => client.call("PUT", `${path}/assignees`, body);
  expect((await assign(stack.operator, { assignees: ["ann"] })).status).toBe(403);
  for (const assignees of [[], ["ann", "ann"], [""]])
    expect((await assign(stack.admin, { assignees })).status).toBe(422);
  expect((await stack.operator.call("POST", `${path}/complete`, { decision: "approved" })).status).toBe(403);
  const assigned = await assign(stack.admin, { assignees: ["ann"], reason: "gone has left" });
  expect([assigned.status, assigned.body]).toMatchObject([
    200,
    {
      question: { title: "Ship it?", assignees: ["ann"], assigned: { by: "admin", reason: "gone has left" } },
    },
  ]);
  expect(await ids(ann)).toContain(runId);
  await ann.expect([200], "POST", `${path}/complete`, { decision: "approved" });
  expect((await assign(stack.admin, { assignees: ["ben"] })).body).toMatchObject({
    code: "step_already_completed",
  });
  await stack.admin.untilStatus(runId, "completed");
});

test("an approval whose branch was left after a sibling failed waits for nobody", async () => {
  const branch = (name: string, state: JsonObject) => ({ StartAt: name, States: { [name]: state } });
  const ask = { Type: "Task", Resource: "arn:sluice:::approval", Parameters: { Title: "Dead?" }, End: true };
  const nap = { Type: "Wait", Seconds: 60, Next: "Stop" };
  await stack.admin.publish("fan", {
    StartAt: "Fan",
    States: {
      Fan: {
        Type: "Parallel",
        Branches: [
          branch("Ask", ask),
          {
            StartAt: "Nap",
            States: { Nap: nap, Stop: { Type: "Fail", Error: "Sibling", Cause: "failed" } },
          },
        ],
        Catch: [{ ErrorEquals: ["States.ALL"], Next: "Later" }],
        End: true,
      },
      Later: { Type: "Wait", Seconds: 36_000, End: true },
    },
  });
  const runId = await asked("fan");
  const [, dead] = await stack.admin.steps(runId);
  await stack.admin.advance("PT2M");
  await stack.admin.until(runId, (run) => run.currentStep === "Later");
  expect(await ids(stack.operator)).not.toContain(runId);
  const path = `/runs/${runId}/steps/${encodeURIComponent(dead?.stepId ?? "")}/complete`;
  expect((await stack.operator.call("POST", path, { decision: "approved" })).body).toMatchObject({
    code: "step_already_completed",
  });
});

test("pages continue even if steps between them are answered", async () => {
  await stack.admin.publish("many", asking({ Title: "Again?" }));
  const runs: string[] = [];
  for (let n = 0; n < 5; n += 1) runs.unshift(await asked("many"));
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await inbox(stack.operator, `?limit=2${cursor === undefined ? "" : `&cursor=${cursor}`}`);
    seen.push(...page.items.map(({ runId }) => runId));
    // The anchor of the next page is answered.
    const last = page.items.at(-1);
    if (last !== undefined) await stack.admin.act(last.runId, "cancel");
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  expect(seen).toEqual(runs);
  expect((await ann.call("GET", "/inbox?cursor=nonsense")).status).toBe(422);
});
