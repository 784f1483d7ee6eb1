import { answerStep } from "../../shared/domain/people/answer-step.ts";
import { assignStep } from "../../shared/domain/people/assign-step.ts";
import { listInbox } from "../../shared/domain/people/list-inbox.ts";
import { readStepLogs } from "../../shared/domain/steps/logs/step-logs.ts";
import { readStep, readSteps } from "../../shared/domain/steps/read-steps.ts";
import { runOperations } from "../../shared/model/api/run-operations.ts";
import { readCursor, writeCursor } from "../../shared/model/cursor.ts";
import type { Dependencies } from "../dependencies/dependencies.ts";
import type { ReadDependencies } from "../dependencies/read-dependencies.ts";
import { endpoint } from "../middleware/http.ts";
import { refuseUnlessMaySee } from "./run-access.ts";

export const listStepsEndpoint = (deps: Dependencies) =>
  endpoint(deps, runOperations.listSteps, async ({ params, query }, caller) => {
    const { workspace, runId } = params;
    await refuseUnlessMaySee(deps, caller, params);
    const list = ["steps", workspace, runId];
    const after = readCursor(list, query.cursor);
    const page = { limit: query.limit, ...(after === undefined ? {} : { after }) };
    const { items, next } = await readSteps(deps, workspace, runId, page);
    return {
      status: 200,
      body: { items, ...(next === undefined ? {} : { nextCursor: writeCursor(list, next) }) },
    };
  });

export const getStepEndpoint = (deps: Dependencies) =>
  endpoint(deps, runOperations.getStep, async ({ params }, caller) => {
    await refuseUnlessMaySee(deps, caller, params);
    return { status: 200, body: await readStep(deps, params) };
  });

export const getStepLogsEndpoint = (deps: ReadDependencies) =>
  endpoint(deps, runOperations.getStepLogs, async ({ params }, caller) => {
    await refuseUnlessMaySee(deps, caller, params);
    return { status: 200, body: await readStepLogs(deps, params) };
  });

export const listInboxEndpoint = (deps: Dependencies) =>
  endpoint(deps, runOperations.listInbox, async ({ params, query }, caller) => {
    const { workspace } = params;
    const { actor, grant } = caller;
    const asked = { workspace, actor, mayAnswerUnassigned: grant === "all", ...query };
    return { status: 200, body: await listInbox(deps, asked) };
  });

export const assignStepEndpoint = (deps: Dependencies) =>
  endpoint(deps, runOperations.assignStep, async ({ params, body }, caller) => ({
    status: 200,
    body: await assignStep(deps, { ...params, ...body, actor: caller.actor }),
  }));

export const completeStepEndpoint = (deps: Dependencies) =>
  endpoint(deps, runOperations.completeStep, async ({ params, body }, caller) => {
    const { decision, comment, data } = body;
    const step = await answerStep(deps, {
      ...params,
      actor: caller.actor,
      mayAnswerUnassigned: caller.grant === "all",
      decision,
      ...(comment === undefined ? {} : { comment }),
      ...(data === undefined ? {} : { data }),
    });
    return { status: 200, body: step };
  });
