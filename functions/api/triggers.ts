import {
  deleteTrigger,
  putTrigger,
  readTrigger,
  readTriggers,
  triggerView,
} from "../../shared/domain/triggers/put-trigger.ts";
import { triggerOperations } from "../../shared/model/api/trigger-operations.ts";
import type { Dependencies } from "../dependencies/dependencies.ts";
import { endpoint } from "../middleware/http.ts";

export const putTriggerEndpoint = (deps: Dependencies) =>
  endpoint(deps, triggerOperations.putTrigger, async ({ params, body }, { actor }) => {
    const { trigger, created } = await putTrigger(deps, { ...params, ...body, actor });
    return { status: created ? 201 : 200, body: triggerView(trigger) };
  });

export const getTriggerEndpoint = (deps: Dependencies) =>
  endpoint(deps, triggerOperations.getTrigger, async ({ params }) => ({
    status: 200,
    body: triggerView(await readTrigger(deps, params)),
  }));

export const getTriggersEndpoint = (deps: Dependencies) =>
  endpoint(deps, triggerOperations.getTriggers, async ({ params }) => ({
    status: 200,
    body: { items: (await readTriggers(deps, params)).map(triggerView) },
  }));

export const deleteTriggerEndpoint = (deps: Dependencies) =>
  endpoint(deps, triggerOperations.deleteTrigger, async ({ params }) => {
    await deleteTrigger(deps, params);
    return { status: 204 };
  });
