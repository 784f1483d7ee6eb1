import {
  deleteTrigger,
  putTrigger,
  readTrigger,
  readTriggers,
  triggerView,
} from "../../shared/domain/triggers/put-trigger.ts";
import { triggerOperations } from "../../shared/model/api/trigger-operations.ts";
import type { TriggerItem } from "../../shared/store/flows/triggers.ts";
import type { Dependencies } from "../dependencies/dependencies.ts";
import { endpoint } from "../middleware/http.ts";
import type { HttpAnswer } from "../middleware/http-event.ts";

const answerWith = (trigger: TriggerItem, status = 200): HttpAnswer => {
  const body = triggerView(trigger);
  return { status, body, rev: body.rev };
};

export const putTriggerEndpoint = (deps: Dependencies) =>
  endpoint(deps, triggerOperations.putTrigger, async ({ params, body, ifMatch }, { actor }) => {
    const { trigger, created } = await putTrigger(deps, { ...params, ...body, actor, ifMatch });
    return answerWith(trigger, created ? 201 : 200);
  });

export const getTriggerEndpoint = (deps: Dependencies) =>
  endpoint(deps, triggerOperations.getTrigger, async ({ params }) =>
    answerWith(await readTrigger(deps, params)),
  );

export const getTriggersEndpoint = (deps: Dependencies) =>
  endpoint(deps, triggerOperations.getTriggers, async ({ params }) => ({
    status: 200,
    body: { items: (await readTriggers(deps, params)).map(triggerView) },
  }));

export const deleteTriggerEndpoint = (deps: Dependencies) =>
  endpoint(deps, triggerOperations.deleteTrigger, async ({ params, ifMatch }) => {
    await deleteTrigger(deps, { ...params, ifMatch });
    return { status: 204 };
  });
