import { randomUUID } from "node:crypto";
import type { AuditItem, Run } from "../../shared/model/schemas/run.ts";
import { holds, refused, same } from "./expectations.ts";
import { APPROVAL, FAILING, FORM, GREETING, threeSteps, WAITING } from "./flows.ts";
import type { Premises } from "./premises.ts";

export type Check = (premises: Premises) => Promise<void>;

/** A dispatched record becomes a run, and ends with its output and an audit that leads to its status. */
export const run: Check = async (premises) => {
  const flowId = await premises.publish("run", GREETING);
  const payload = { order: "A-1", pieces: 3, note: "größer 😀" };
  const { runId, status } = await premises.dispatch(flowId, payload);
  same("The status of a new run", status, "pending");
  const ended = await premises.untilStatus(runId, "completed");
  same("The payload", ended.payload, payload);
  same("The output", ended.output, { ...payload, greeting: "hello" });
  same("The actions of a completed run", ended.allowedActions, []);
  await auditLeadsTo(premises, ended);
};

const auditLeadsTo = async ({ client }: Premises, { runId, status }: Run): Promise<void> => {
  const audit: AuditItem[] = await client.audit(runId);
  const played = audit.toSorted((one, other) => one.rev - other.rev);
  for (const [index, { from, rev }] of played.entries()) {
    const before = played[index - 1];
    if (before === undefined) continue;
    same(`The status before revision ${rev}`, from, before.to);
  }
  same("The last status in the audit", played.at(-1)?.to, status);
};

/** The same key is the same run, and with another body it is refused. */
export const idempotency: Check = async (premises) => {
  const flowId = await premises.publish("idempotency", GREETING);
  const idempotencyKey = randomUUID();
  const dispatch = (order: number) =>
    premises.api.dispatchRun({ flowId, idempotencyKey, body: { payload: { order } } });
  const first = await dispatch(1);
  same("The run of the same key", (await dispatch(1)).runId, first.runId);
  await refused("the same key with another body", dispatch(2), {
    status: 422,
    code: "idempotency_key_reused",
  });
  const { results } = await premises.api.dispatchBatch({
    flowId,
    body: { records: [{ payload: { order: 3 } }, { payload: { order: 4 }, idempotencyKey: randomUUID() }] },
  });
  same(
    "The statuses of a batch",
    results.map(({ status }) => status),
    [202, 202],
  );
  await premises.eventually("Three runs of the flow in the list", async () => {
    const { items } = await premises.api.listRuns({ query: { flowId } });
    return items.length === 3 ? true : undefined;
  });
};

/** A paused run finishes its step, stops at the next gate, and continues from there when it is resumed. */
export const pause: Check = async (premises) => {
  const { api, client, pace } = premises;
  const flowId = await premises.publish("pause", threeSteps(pace.stepSeconds));
  const { runId } = await premises.dispatch(flowId);
  await premises.until(runId, ({ currentStep }) => currentStep === "First");
  const paused = await api.pauseRun({ runId, ifMatch: "any", body: { reason: "verify" } });
  same("The status after a pause", paused.status, "paused");
  same("The reason of the pause", paused.pausedBy?.reason, "verify");
  same("The actions of a paused run", paused.allowedActions, ["resume", "cancel"]);
  await premises.until(runId, ({ parkedAt }) => parkedAt !== undefined);
  same(
    "The steps before the resume",
    (await client.steps(runId)).filter(({ branch }) => branch === undefined).map(({ name }) => name),
    ["First"],
  );
  await refused(
    "a resume with an old revision",
    api.resumeRun({ runId, ifMatch: paused.rev - 1, body: {} }),
    {
      ...{ status: 409, code: "state_changed" },
    },
  );
  await api.resumeRun({ runId, ifMatch: paused.rev, body: {} });
  const ended = await premises.untilStatus(runId, "completed");
  const steps = (await client.steps(runId)).filter(({ branch }) => branch === undefined);
  same(
    "The steps of the whole run",
    steps.map(({ name, status }) => `${name} ${status}`),
    ["First completed", "Second completed", "Last completed"],
  );
  await auditLeadsTo(premises, ended);
  await refused("a pause after the end", api.pauseRun({ runId, ifMatch: "any", body: {} }), {
    ...{ status: 409, code: "run_already_terminal" },
  });
};

/** A run is cancelled with its reason, and then accepts nothing. */
export const cancel: Check = async (premises) => {
  const { api } = premises;
  const flowId = await premises.publish("cancel", WAITING);
  const { runId } = await premises.dispatch(flowId);
  const waiting = await premises.untilStatus(runId, "waiting");
  same("What the run waits for", waiting.waitingOn?.kind, "delay");
  const problem = await refused(
    "the pause of a waiting run",
    api.pauseRun({ runId, ifMatch: "any", body: {} }),
    {
      ...{ status: 409, code: "action_not_allowed" },
    },
  );
  same("The allowed actions in the refusal", problem["allowedActions"], ["cancel"]);
  await api.cancelRun({ runId, ifMatch: "any", body: { reason: "no longer needed" } });
  const cancelled = await premises.untilStatus(runId, "cancelled");
  same("The reason", cancelled.cancelReason, "no longer needed");
  await refused("a second cancel", api.cancelRun({ runId, ifMatch: "any", body: {} }), {
    ...{ status: 409, code: "run_already_terminal" },
  });
};

/** A failed run shows why, is on the attention list, and can be replayed from its start and from a step. */
export const failure: Check = async (premises) => {
  const { api } = premises;
  const flowId = await premises.publish("failure", FAILING);
  const { runId } = await premises.dispatch(flowId, { order: 7 });
  const failed = await premises.untilStatus(runId, "failed");
  same("The error", failed.error, { error: "Verify.Refused", cause: "It was told to", state: "Refuse" });
  await premises.eventually("The failed run on the attention list", async () => {
    const { items } = await api.listAttention({ query: { flowId } });
    return items.some((item) => item.runId === runId) ? true : undefined;
  });
  await premises.publish("failure", GREETING);
  const replayed = await api.replayRun({ runId, body: {} });
  same("The run that is replayed", replayed.replayOf, runId);
  const ended = await premises.untilStatus(replayed.runId, "completed");
  same("The output of the replay", ended.output, { order: 7, greeting: "hello" });
  const again = await api.replayRun({ runId, body: { from: "Look", version: "same" } });
  same("The version of the replay of a step", again.flowVersion, failed.flowVersion);
  await premises.untilStatus(again.runId, "failed");
};

/** A person approves, rejects and fills in a form, once. */
export const people: Check = async (premises) => {
  const { api } = premises;
  const [approval, form] = [
    await premises.publish("approval", APPROVAL),
    await premises.publish("form", FORM),
  ];
  const open = async (flowId: string) => {
    const { runId } = await premises.dispatch(flowId, { order: 5 });
    const { waitingOn } = await premises.until(runId, (found) => found.waitingOn?.stepId !== undefined);
    return { runId, stepId: waitingOn?.stepId ?? "" };
  };
  const yes = await open(approval);
  await api.completeStep({ ...yes, body: { decision: "approved", comment: "fine" } });
  await refused("a second answer", api.completeStep({ ...yes, body: { decision: "rejected" } }), {
    ...{ status: 409, code: "step_already_completed" },
  });
  await premises.untilStatus(yes.runId, "completed");
  const no = await open(approval);
  await api.completeStep({ ...no, body: { decision: "rejected" } });
  const rejected = await premises.untilStatus(no.runId, "completed");
  same("Whether the rejection was caught", (rejected.output as { rejected?: boolean }).rejected, true);
  const asked = await open(form);
  const submit = (pieces: unknown) =>
    api.completeStep({ ...asked, body: { decision: "submitted", data: { pieces } as never } });
  await refused("data that its form does not allow", submit("many"), {
    status: 422,
    code: "invalid_request",
  });
  await submit(12);
  const counted = await premises.untilStatus(asked.runId, "completed");
  same("The form's data", (counted.output as { form?: { data?: unknown } }).form?.data, { pieces: 12 });
};

/** A deleted run is gone; a flow with open runs stays. */
export const deletion: Check = async (premises) => {
  const { api } = premises;
  const flowId = await premises.publish("deletion", WAITING);
  const { runId } = await premises.dispatch(flowId);
  await premises.untilStatus(runId, "waiting");
  await refused("the deletion of a waiting run", api.deleteRun({ runId, ifMatch: "any" }), {
    ...{ status: 409, code: "action_not_allowed" },
  });
  await premises.eventually("The refusal to delete a flow with open runs", async () => {
    const problem = await refused("the deletion of its flow", api.deleteFlow({ flowId, ifMatch: "any" }), {
      ...{ status: 409, code: "flow_has_open_runs" },
    });
    return problem;
  });
  await api.cancelRun({ runId, ifMatch: "any", body: {} });
  await api.deleteRun({ runId, ifMatch: "any" });
  await refused("a deleted run", api.getRun({ runId }), { status: 404, code: "not_found" });
  await premises.eventually("The deletion of the empty flow", async () => {
    try {
      await api.deleteFlow({ flowId, ifMatch: "any" });
      return true;
    } catch {
      return undefined; // the list of open runs lags
    }
  });
  await refused("a deleted flow", api.getFlow({ flowId }), { status: 404, code: "not_found" });
  holds(
    "other flows are untouched",
    (await api.listFlows()).items.every((flow) => flow.flowId !== flowId),
  );
};
