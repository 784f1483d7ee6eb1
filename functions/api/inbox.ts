import { answerStep } from "../../shared/domain/people/answer-step.ts";
import { listInbox } from "../../shared/domain/people/list-inbox.ts";
import { runOperations } from "../../shared/model/api/run-operations.ts";
import type { Dependencies } from "../dependencies/dependencies.ts";
import { endpoint } from "../middleware/http.ts";

export const listInboxEndpoint = (deps: Dependencies) =>
  endpoint(deps, runOperations.listInbox, async ({ params, query }, caller) => {
    const { workspace } = params;
    const { actor, grant } = caller;
    const asked = { workspace, actor, mayAnswerUnassigned: grant === "all", ...query };
    return { status: 200, body: await listInbox(deps, asked) };
  });

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
