import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { JsonObject } from "../../../shared/model/json/json.ts";
import { chain, task } from "../../harness/definitions.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";

const approval = (more: JsonObject = {}): JsonObject => ({
  Type: "Task",
  Resource: "arn:sluice:::approval",
  Parameters: { Title: "Ship it?" },
  ResultPath: "$.answer",
  ...more,
});

describe("a waiting run", () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await testStack("after", "rejected", "late");
    await stack.admin.publish(
      "delay",
      chain({ Wait: { Type: "Wait", Seconds: 259_200 }, after: task("after") }),
    );
    await stack.admin.publish("approve", {
      StartAt: "Approve",
      States: {
        Approve: approval({
          TimeoutSeconds: 86_400,
          Catch: [
            { ErrorEquals: ["Sluice.Rejected"], ResultPath: "$.refusal", Next: "rejected" },
            { ErrorEquals: ["States.Timeout"], ResultPath: "$.refusal", Next: "late" },
          ],
          Next: "after",
        }),
        after: task("after", { End: true }),
        rejected: task("rejected", { End: true }),
        late: task("late", { End: true }),
      },
    });
    await stack.admin.publish("form", {
      StartAt: "Address",
      States: {
        Address: {
          Type: "Task",
          Resource: "arn:sluice:::form",
          Parameters: {
            Title: "Where to?",
            Assignees: ["member"],
            Form: {
              type: "object",
              properties: { street: { type: "string", minLength: 1 }, floor: { type: "integer" } },
              required: ["street"],
              additionalProperties: false,
            },
          },
          ResultPath: "$.address",
          End: true,
        },
      },
    });
  });
  afterAll(() => stack.close());

  const waiting = async (flowId: string) => {
    const { runId } = await stack.operator.dispatch(flowId, { order: 1 });
    const run = await stack.operator.untilStatus(runId, "waiting");
    return { runId, run, complete: `/runs/${runId}/steps/${run.waitingOn?.stepId}/complete` };
  };

  it("in a delay of three days shows its end, refuses a pause and continues when the delay ends", async () => {
    const { runId, run } = await waiting("delay");
    expect(run.waitingOn?.kind).toBe("delay");
    const left = Date.parse(run.waitingOn?.until ?? "") - Date.parse(run.startedAt ?? "");
    expect(Math.abs(left - 259_200_000)).toBeLessThan(5_000);
    const refused = await stack.operator.act(runId, "pause");
    expect(refused.status).toBe(409);
    expect(refused.body).toMatchObject({ code: "action_not_allowed", allowedActions: ["cancel"] });
    expect((await stack.operator.steps(runId)).map((step) => [step.name, step.type, step.status])).toEqual([
      ["Wait", "Wait", "waiting"],
    ]);
    expect((await stack.operator.steps(runId))[0]?.waitingOn).toEqual(run.waitingOn);
    await stack.admin.advance("P2DT23H");
    expect((await stack.operator.run(runId)).status).toBe("waiting");
    await stack.admin.advance("PT2H");
    expect((await stack.operator.untilStatus(runId, "completed")).output).toEqual({ order: 1, after: 1 });
  });

  it("completes an approval once and refuses a second answer", async () => {
    const { runId, run, complete } = await waiting("approve");
    expect(run.waitingOn?.kind).toBe("approval");
    const answer = { decision: "approved", comment: "fine" };
    expect((await stack.operator.call("POST", complete, answer)).status).toBe(200);
    const second = await stack.operator.call("POST", complete, { decision: "rejected" });
    expect(second.status).toBe(409);
    expect(second.body["code"]).toBe("step_already_completed");
    const done = await stack.operator.untilStatus(runId, "completed");
    expect(done.output).toMatchObject({
      order: 1,
      answer: { decision: "approved", by: "operator", comment: "fine" },
      after: 1,
    });
  });

  it("accepts one of two concurrent answers", async () => {
    const { runId, complete } = await waiting("approve");
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => stack.operator.call("POST", complete, { decision: "approved" })),
    );
    expect(answers.map((answer) => answer.status).toSorted()).toEqual([
      200, 409, 409, 409, 409, 409, 409, 409,
    ]);
    await stack.operator.untilStatus(runId, "completed");
  });

  it("passes a rejection to the user's Catch", async () => {
    const { runId, complete } = await waiting("approve");
    expect(
      (await stack.operator.call("POST", complete, { decision: "rejected", comment: "no" })).status,
    ).toBe(200);
    const done = await stack.operator.untilStatus(runId, "completed");
    expect(done.output).toMatchObject({ order: 1, refusal: { Error: "Sluice.Rejected" }, rejected: 1 });
  });

  it("lets an approval time out and refuses a later answer", async () => {
    const { runId, complete } = await waiting("approve");
    await stack.admin.advance("P1DT1M");
    const done = await stack.operator.untilStatus(runId, "completed");
    expect(done.output).toMatchObject({ refusal: { Error: "States.Timeout" }, late: 1 });
    const answer = await stack.operator.call("POST", complete, { decision: "approved" });
    expect(answer.status).toBe(409);
    expect(answer.body["code"]).toBe("step_already_completed");
  });

  it("checks a form's data against its schema and its user against the assignees", async () => {
    const { runId, complete } = await waiting("form");
    const member = await stack.as("member");
    const bad = await member.call("POST", complete, {
      decision: "submitted",
      data: { street: "", floor: "x" },
    });
    expect(bad.status).toBe(422);
    expect(bad.body["code"]).toBe("invalid_request");
    expect(JSON.stringify(bad.body["errors"])).toContain("street");
    expect((await stack.operator.run(runId)).status).toBe("waiting");
    const good = await member.call("POST", complete, {
      decision: "submitted",
      data: { street: "Main 1", floor: 2 },
    });
    expect(good.status).toBe(200);
    const done = await stack.operator.untilStatus(runId, "completed");
    expect(done.output).toMatchObject({
      address: { decision: "submitted", by: "member", data: { street: "Main 1", floor: 2 } },
    });
  });
});
