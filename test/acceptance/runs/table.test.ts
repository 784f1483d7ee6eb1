import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  RUN_ACTIONS,
  RUN_STATUSES,
  type RunAction,
  type RunStatus,
} from "../../../shared/model/transitions.ts";
import { chain, task, tasks } from "../../harness/definitions.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";

/** Written out from the product's documentation, not derived from the code's own table. */
const EXPECTED: Record<RunStatus, Record<RunAction, RunStatus | undefined>> = {
  pending: { pause: "paused", resume: undefined, cancel: "cancelled" },
  running: { pause: "paused", resume: undefined, cancel: "cancelled" },
  paused: { pause: undefined, resume: "running", cancel: "cancelled" },
  waiting: { pause: undefined, resume: undefined, cancel: "cancelled" },
  completed: { pause: undefined, resume: undefined, cancel: undefined },
  failed: { pause: undefined, resume: undefined, cancel: undefined },
  cancelled: { pause: undefined, resume: undefined, cancel: undefined },
};
const TERMINAL: RunStatus[] = ["completed", "failed", "cancelled"];

describe("all statuses and actions", () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await testStack("quick", "slow", "broken");
    stack.functions.block("slow");
    stack.functions.fail("broken", "Broken");
    await stack.admin.publish("quick", tasks("quick"));
    await stack.admin.publish("slow", tasks("slow"));
    await stack.admin.publish("broken", tasks("broken"));
    await stack.admin.publish(
      "wait",
      chain({ Wait: { Type: "Wait", Seconds: 259_200 }, quick: task("quick") }),
    );
  });
  afterAll(async () => {
    stack.functions.release("slow");
    await stack.close();
  });

  let tag = 0;
  const make: Record<RunStatus, () => Promise<string>> = {
    pending: async () => {
      await stack.admin.expect([200], "POST", "/local/faults", {
        service: "states",
        operation: "StartExecution",
        when: "before",
        times: 1000,
      });
      const run = await stack.operator.dispatch("slow", { tag: ++tag });
      expect(run.status).toBe("pending");
      await stack.admin.expect([200, 204], "DELETE", "/local/faults");
      return run.runId;
    },
    running: async () => {
      const { runId } = await stack.operator.dispatch("slow", {});
      await stack.operator.untilStatus(runId, "running");
      return runId;
    },
    paused: async () => {
      const runId = await make.running();
      expect((await stack.operator.act(runId, "pause")).status).toBe(200);
      return runId;
    },
    waiting: async () => {
      const { runId } = await stack.operator.dispatch("wait", {});
      await stack.operator.untilStatus(runId, "waiting");
      return runId;
    },
    completed: async () => {
      const { runId } = await stack.operator.dispatch("quick", {});
      await stack.operator.untilStatus(runId, "completed");
      return runId;
    },
    failed: async () => {
      const { runId } = await stack.operator.dispatch("broken", {});
      await stack.operator.untilStatus(runId, "failed");
      return runId;
    },
    cancelled: async () => {
      const runId = await make.running();
      expect((await stack.operator.act(runId, "cancel")).status).toBe(200);
      return runId;
    },
  };

  for (const status of RUN_STATUSES) {
    for (const action of RUN_ACTIONS) {
      it(`${action} of a ${status} run`, async () => {
        const runId = await make[status]();
        const before = await stack.operator.run(runId);
        expect(before.status).toBe(status);
        const legal = RUN_ACTIONS.filter((each) => EXPECTED[status][each] !== undefined);
        expect(before.allowedActions).toEqual(legal);

        const answer = await stack.operator.act(runId, action);
        const target = EXPECTED[status][action];
        if (target !== undefined) {
          expect(answer.status).toBe(200);
          expect(answer.body["status"]).toBe(target);
          expect(answer.headers.get("etag")).toBe(`"${answer.body["rev"]}"`);
          return;
        }
        expect(answer.status).toBe(409);
        expect(answer.headers.get("content-type")).toContain("application/problem+json");
        if (TERMINAL.includes(status)) {
          expect(answer.body).toMatchObject({
            code: "run_already_terminal",
            detail: `Run is already ${status}`,
          });
        } else {
          expect(answer.body).toMatchObject({
            code: "action_not_allowed",
            currentStatus: status,
            allowedActions: legal,
          });
        }
        expect((await stack.operator.run(runId)).rev).toBe(before.rev);
      });
    }
  }

  it("refuses a stale If-Match with the run's status", async () => {
    const runId = await make.running();
    const { rev } = await stack.operator.run(runId);
    expect((await stack.operator.act(runId, "pause")).status).toBe(200);
    const stale = await stack.operator.call("POST", `/runs/${runId}/cancel`, {}, { "if-match": `"${rev}"` });
    expect(stale.status).toBe(409);
    expect(stale.body).toMatchObject({
      code: "state_changed",
      detail: "State changed; please refresh",
      currentStatus: "paused",
      rev: rev + 1,
    });
    const fresh = await stack.operator.call(
      "POST",
      `/runs/${runId}/cancel`,
      {},
      { "if-match": `"${rev + 1}"` },
    );
    expect(fresh.status).toBe(200);
  });

  it("starts a run whose start failed, through the sweeper", async () => {
    const runId = await make.pending();
    stack.functions.release("slow");
    await stack.admin.advance("PT5M");
    await stack.operator.untilStatus(runId, "completed");
    expect(
      stack.functions
        .calls("slow")
        .filter((call) => call.at === "begin" && JSON.stringify(call.event) === JSON.stringify({ tag })),
    ).toHaveLength(1);
    stack.functions.block("slow");
  });
});
