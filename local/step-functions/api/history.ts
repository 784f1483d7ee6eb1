import type { Operation } from "./api.ts";
import { executionAt } from "./executions.ts";
import { nextToken } from "./parameters.ts";

export const getExecutionHistory: Operation = (api, parameters) => {
  const execution = executionAt(api, parameters);
  const reverse = parameters.flag("reverseOrder", false);
  const size = parameters.pageSize();
  const kind = reverse ? "history-reversed" : "history";
  const position = parameters.position(kind);
  const events = api.stores.history.page(execution.id, {
    after: position === undefined ? (reverse ? Number.MAX_SAFE_INTEGER : 0) : Number(position),
    limit: size,
    reverse,
    data: parameters.flag("includeExecutionData", true),
  });
  const last = Number(events.at(-1)?.["id"]);
  const more = reverse ? last > 1 : last < api.stores.history.count(execution.id);
  return { events, ...(more ? { nextToken: nextToken(kind, last) } : {}) };
};
