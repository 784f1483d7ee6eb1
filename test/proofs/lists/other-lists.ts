import { randomUUID } from "node:crypto";
import type { JsonObject } from "../../../shared/model/json/json.ts";
import { MAX_PAGE } from "../../../shared/model/limits.ts";
import { eventually } from "../../harness/clients/client.ts";
import { chain, tasks } from "../../harness/definitions.ts";
import type { TestStack } from "../../harness/stack/test-stack.ts";
import { Ids, type ListId, type ListWorld, pageOf } from "./list-world.ts";

/** Items of each list when it is read first. */
const ITEMS = 7;
const DONE: JsonObject = { StartAt: "End", States: { End: { Type: "Succeed" } } };
let names = 0;
const newName = (kind: string): string => {
  names += 1;
  // In no order of time, as people's names are.
  return `${kind}-${(names * 37) % 101}-${names}`;
};

/** A list to which `add` adds an item, and from which `remove` takes one. */
const world = async (
  page: ListWorld["page"],
  add: () => Promise<string>,
  remove?: (id: string) => Promise<unknown>,
  items = ITEMS,
): Promise<ListWorld> => {
  const ids = new Ids();
  for (let n = 0; n < items; n += 1) ids.add(await add());
  const adding = async () => ids.add(await add());
  const removing = async (choice: number) => {
    if (ids.all().length < items - 2) return;
    const id = ids.take(choice);
    if (id !== undefined) await remove?.(id);
  };
  return {
    filters: [{}],
    expected: ids.all,
    changes: remove === undefined ? [adding] : [adding, removing],
    page,
  };
};

const members = (stack: TestStack): Promise<ListWorld> => {
  const others = ["admin", "operator", "viewer", "member"];
  const { api } = stack.admin;
  return world(
    async (filter, limit, cursor) => {
      const read = pageOf(
        (query) => api.listMembers({ query }),
        ({ userId }: { userId: string }) => userId,
      );
      const { ids, nextCursor } = await read(filter, limit, cursor);
      return { ids: ids.filter((id) => !others.includes(id)), nextCursor };
    },
    async () => (await api.putMember({ userId: newName("person"), body: { role: "viewer" } })).userId,
    (userId) => api.deleteMember({ userId }),
  );
};

const views = (stack: TestStack): Promise<ListWorld> => {
  const { api } = stack.admin;
  return world(
    pageOf(
      (query) => api.listViews({ query }),
      ({ viewId }: { viewId: string }) => viewId,
    ),
    async () => {
      const viewId = newName("view");
      const shared = names % 2 === 0;
      await api.putView({ viewId, body: { name: viewId, filter: { status: ["failed"] }, shared } });
      return viewId;
    },
    (viewId) => api.deleteView({ viewId }),
  );
};

/** The flows of the other lists are there throughout. */
const flows = async (stack: TestStack): Promise<ListWorld> => {
  const { api } = stack.admin;
  const other = (id: string): boolean => !id.startsWith("flow-");
  const read = pageOf(
    (query) => api.listFlows({ query }),
    ({ flowId }: { flowId: string }) => flowId,
  );
  return world(
    async (filter, limit, cursor) => {
      const { ids, nextCursor } = await read(filter, limit, cursor);
      return { ids: ids.filter((id) => !other(id)), nextCursor };
    },
    async () => (await stack.admin.publish(newName("flow"), DONE)).flow.flowId,
    (flowId) => api.deleteFlow({ flowId, ifMatch: "any" }),
  );
};

const versions = async (stack: TestStack): Promise<ListWorld> => {
  const { api } = stack.admin;
  let comment = 0;
  return world(
    pageOf(
      (query) => api.listVersions({ flowId: "versioned", query }),
      ({ version }: { version: number }) => String(version),
    ),
    async () => {
      comment += 1;
      return String((await stack.admin.publish("versioned", { ...DONE, Comment: String(comment) })).version);
    },
  );
};

const revOf = ({ rev }: { readonly rev: number }): string => String(rev);

const flowAudit = async (stack: TestStack): Promise<ListWorld> => {
  const { api } = stack.admin;
  await stack.admin.publish("audited", DONE);
  const ids = new Ids();
  ids.add("1");
  const turn = async () => {
    const { holds } = await api.getFlow({ flowId: "audited" });
    const { rev } = await api[holds.length === 0 ? "pauseFlow" : "resumeFlow"]({
      flowId: "audited",
      ifMatch: "any",
      body: {},
    });
    ids.add(String(rev));
  };
  for (let n = 1; n < ITEMS; n += 1) await turn();
  return {
    filters: [{}],
    changes: [turn],
    expected: ids.all,
    page: pageOf((query) => api.listFlowAudit({ flowId: "audited", query }), revOf),
  };
};

const runAudit = async (stack: TestStack): Promise<ListWorld> => {
  const { api } = stack.admin;
  await stack.admin.publish("still", DONE);
  await api.pauseFlow({ flowId: "still", ifMatch: "any", body: {} });
  const { runId, rev: first } = await stack.admin.dispatch("still", {});
  const ids = new Ids();
  ids.add(String(first));
  const turn = async () => {
    const { status } = await api.getRun({ runId });
    const { rev } = await api[status === "paused" ? "resumeRun" : "pauseRun"]({
      runId,
      ifMatch: "any",
      body: {},
    });
    ids.add(String(rev));
  };
  // More than a run item keeps: the older ones are in the archive.
  for (let n = 1; n < ITEMS + 8; n += 1) await turn();
  return {
    filters: [{}],
    changes: [turn],
    expected: ids.all,
    page: pageOf((query) => api.listRunAudit({ runId, query }), revOf),
  };
};

const steps = async (stack: TestStack): Promise<ListWorld> => {
  const { api } = stack.admin;
  await stack.admin.publish("long", tasks("s1", "s2", "s3", "s4", "s5", "s6", "s7"));
  stack.functions.block("s5");
  const { runId } = await stack.admin.dispatch("long", {});
  await stack.admin.until(runId, ({ currentStep }) => currentStep === "s5");
  const ids = new Ids();
  for (let n = 1; n <= 5; n += 1) ids.add(`s${n}`);
  const finish = async () => {
    stack.functions.release("s5");
    await stack.admin.untilStatus(runId, "completed");
    if (ids.all().length === 5) for (const name of ["s6", "s7"]) ids.add(name);
  };
  return {
    filters: [{}],
    changes: [finish],
    expected: ids.all,
    page: pageOf(
      (query) => api.listSteps({ runId, query }),
      ({ name }: { name: string }) => name,
    ),
  };
};

const inbox = async (stack: TestStack): Promise<ListWorld> => {
  const { api } = stack.admin;
  const ask = { Type: "Task", Resource: "arn:sluice:::approval", Parameters: { Title: "May we?" } };
  await stack.admin.publish("asks", chain({ Ask: ask }));
  return world(
    pageOf(
      (query) => api.listInbox({ query }),
      ({ runId }: { runId: string }) => runId,
    ),
    async () => {
      const { runId } = await stack.admin.dispatch("asks", {});
      await eventually(async () => {
        const { items } = await api.listInbox({ query: { limit: MAX_PAGE } });
        return items.some((item) => item.runId === runId);
      });
      return runId;
    },
    (runId) => api.cancelRun({ runId, ifMatch: "any", body: {} }),
  );
};

const bulks = async (stack: TestStack): Promise<ListWorld> => {
  const { api } = stack.admin;
  return world(
    pageOf(
      (query) => api.listBulkOperations({ query }),
      ({ bulkId }: { bulkId: string }) => bulkId,
    ),
    async () => (await api.startBulkOperation({ body: { action: "pause", runIds: [randomUUID()] } })).bulkId,
  );
};

const incidents = async (stack: TestStack): Promise<ListWorld> => {
  const { api } = stack.admin;
  await stack.admin.publish("affected", DONE);
  return world(
    pageOf(
      (query) => api.listIncidents({ query }),
      ({ incidentId }: { incidentId: string }) => incidentId,
    ),
    // One flow, which only the first incident can hold: to look at all flows each time says nothing about lists.
    async () => (await api.openIncident({ body: { title: "Closed", flows: ["affected"] } })).incidentId,
  );
};

const bulkResults = async (stack: TestStack): Promise<ListWorld> => {
  const { api } = stack.admin;
  const runIds = Array.from({ length: ITEMS }, () => randomUUID());
  const { bulkId } = await api.startBulkOperation({ body: { action: "pause", runIds } });
  while ((await api.getBulkOperation({ bulkId })).status === "running");
  return {
    filters: [{}],
    changes: [async () => undefined],
    expected: () => runIds,
    page: pageOf(
      (query) => api.listBulkResults({ bulkId, query }),
      ({ runId }: { runId: string }) => runId,
    ),
  };
};

/** Every list but those of runs. A new one does not compile without its entry. */
export const OTHER_LISTS: Readonly<
  Record<Exclude<ListId, "listRuns" | "listAttention">, (stack: TestStack) => Promise<ListWorld>>
> = {
  listMembers: members,
  listViews: views,
  listFlows: flows,
  listVersions: versions,
  listFlowAudit: flowAudit,
  listRunAudit: runAudit,
  listSteps: steps,
  listInbox: inbox,
  listBulkOperations: bulks,
  listBulkResults: bulkResults,
  listIncidents: incidents,
};
