import { expect, test } from "vitest";
import { tasks } from "../../../test/harness/definitions.ts";
import { HoldHarness } from "../../../test/harness/domain/hold-harness.ts";
import { eachWithTable } from "../../../test/harness/table/each-with-table.ts";
import type { Table } from "../../store/table.ts";
import { previewIncident } from "./preview-incident.ts";

let harness: HoldHarness;
let table: Table;
/** Of each test, a workspace of its own. */
let workspace: string;
eachWithTable(async (fresh, nth) => {
  table = fresh;
  workspace = `preview-${nth}`;
  harness = new HoldHarness(table);
});

const flowWith = async (flowId: string, definition: object) => {
  const flow = await harness.flow(table, flowId, { workspace });
  await harness.deps.versions.putText(flow, 1, "user", definition as never);
};
const calling = (name: string, FunctionName: string, more: object = {}) => ({
  StartAt: name,
  States: {
    [name]: {
      ...{ Type: "Task", Resource: "arn:aws:states:::lambda:invoke", Parameters: { FunctionName } },
      ...{ ...more, End: true },
    },
  },
});

test("a preview lists what the incident would hold, and holds and stores nothing", async () => {
  await flowWith("orders", calling("Charge", "pay"));
  await flowWith("free", calling("Refund", "pay", { Sluice: { Gate: "none" } }));
  await flowWith("other", calling("Mail", "mail"));
  await flowWith("named", tasks("Check"));
  expect(await previewIncident(harness.deps, { workspace, resources: ["pay"], flows: ["named"] })).toEqual({
    holds: [
      { flowId: "free", steps: ["Refund"], unheld: ["Refund"] },
      { flowId: "named" },
      { flowId: "orders", steps: ["Charge"] },
    ],
  });
  const all = await previewIncident(harness.deps, { workspace, all: true });
  expect(all).toEqual({ holds: ["free", "named", "orders", "other"].map((flowId) => ({ flowId })) });
  expect(await harness.deps.incidents.open(workspace)).toEqual([]);
  for (const flowId of ["free", "named", "orders"])
    expect(await harness.deps.flows.read(workspace, flowId)).toMatchObject({ rev: 1, holds: {} });
});

test("a preview refuses flows that do not exist, as opening does", async () => {
  await flowWith("orders", tasks("Check"));
  await expect(previewIncident(harness.deps, { workspace, flows: ["orders", "gone"] })).rejects.toMatchObject(
    {
      code: "invalid_request",
      fields: { errors: [{ path: "flows[1]", message: "The workspace has no flow gone." }] },
    },
  );
});

test("a preview of more flows than can be looked at in time says so", async () => {
  await Promise.all(
    Array.from({ length: 51 }, (_, n) =>
      flowWith(`flow-${String(n).padStart(2, "0")}`, calling("Charge", "pay")),
    ),
  );
  const { clock, ...deps } = harness.deps;
  let passed = 0;
  // Twenty seconds pass whenever somebody asks for the time.
  const now = () => {
    passed += 20_000;
    return clock.now() + passed;
  };
  const slow = { ...clock, now };
  const { holds, more } = await previewIncident({ ...deps, clock: slow }, { workspace, resources: ["pay"] });
  expect([holds.length, more]).toEqual([50, true]);
});
