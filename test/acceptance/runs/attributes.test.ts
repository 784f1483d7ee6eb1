import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Run } from "../../../shared/model/schemas/run.ts";
import type { Client } from "../../harness/clients/client.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";

interface Page {
  readonly items: readonly Run[];
}
const DEFINITION = {
  StartAt: "Decide",
  Sluice: {
    Index: { orderId: "$.order.id", customer: "{% $lowercase($states.input.customer) %}", vip: "$.vip" },
  },
  States: {
    Decide: {
      ...{ Type: "Choice", Default: "Done" },
      Choices: [{ Variable: "$.fail", IsPresent: true, Next: "Broken" }],
    },
    Broken: { Type: "Fail", Error: "Broken" },
    Done: { Type: "Succeed" },
  },
};

describe("attributes", () => {
  let stack: TestStack;
  let operator: Client;
  beforeAll(async () => {
    stack = await testStack();
    operator = stack.operator;
    await stack.admin.expect([201], "PUT", "/flows/orders", { definition: DEFINITION });
  });
  afterAll(() => stack.close());

  const dispatch = async (payload: object, headers: Readonly<Record<string, string>> = {}) => {
    const { status, body } = await operator.call<Run>("POST", "/flows/orders/runs", { payload }, headers);
    expect(status).toBe(202);
    return body;
  };
  const found = async (path: string) =>
    (await operator.expect<Page>([200], "GET", path)).items.map(({ runId }) => runId);

  it("are read from the payload, shown in the run and found by their value until the run is deleted", async () => {
    const first = await dispatch({ order: { id: "o-1" }, customer: "ACME", vip: true });
    expect(first.attributes).toEqual({ orderId: "o-1", customer: "acme", vip: "true" });
    const { attributes } = await operator.expect<Run>([200], "GET", `/runs/${first.runId}`);
    expect(attributes).toEqual(first.attributes);
    const other = await dispatch({ order: { id: "x".repeat(257) }, customer: 7 });
    expect(other.attributes).toBeUndefined();
    const second = await dispatch({ order: { id: "o-2" }, customer: "Acme" }, { "Idempotency-Key": "k" });
    expect(await dispatch({ order: { id: "o-2" }, customer: "Acme" }, { "Idempotency-Key": "k" })).toEqual(
      second,
    );

    expect(await found("/runs?attribute.customer=acme")).toEqual([second.runId, first.runId]);
    expect(await found("/runs?attribute.customer=acme&attribute.orderId=o-1")).toEqual([first.runId]);
    expect(await found("/runs?attribute.vip=true&flowId=orders")).toEqual([first.runId]);
    expect(await found("/runs?attribute.customer=ACME")).toEqual([]);

    await operator.untilStatus(first.runId, "completed");
    expect((await stack.admin.call("DELETE", `/runs/${first.runId}`)).status).toBe(204);
    expect(await found("/runs?attribute.customer=acme")).toEqual([second.runId]);
    expect(await found("/runs?attribute.orderId=o-1")).toEqual([]);
  });

  it("filter the attention list, views and bulk operations", async () => {
    const failing = await dispatch({ fail: 1, customer: "beta" });
    const fine = await dispatch({ customer: "beta" });
    await operator.untilStatus(failing.runId, "failed");
    await operator.untilStatus(fine.runId, "completed");
    expect(await found("/attention?attribute.customer=beta")).toEqual([failing.runId]);
    expect(await found("/attention?attribute.customer=acme")).toEqual([]);
    const since = `after=${encodeURIComponent("2020-01-01T00:00:00.000Z")}`;
    const newer = (query: string) => operator.expect([200], "GET", `/run-changes?${query}&${since}`);
    expect(await newer("attribute.customer=beta")).toMatchObject({ newer: 2 });
    expect(await newer("list=attention&attribute.customer=beta")).toMatchObject({ newer: 1 });

    const filter = { "attribute.customer": "beta", status: ["failed"] };
    await operator.expect([201], "PUT", "/views/beta", { name: "Beta", filter });
    expect(await operator.expect([200], "GET", "/views/beta")).toMatchObject({ filter });
    const bulk = { action: "replay", filter, dryRun: true };
    expect(await operator.expect([200], "POST", "/bulk-operations", bulk)).toMatchObject({ matched: 1 });
  });

  it.each([
    ["/runs?attribute.1x=a", "attribute.1x"],
    ["/runs?attribute.=a", "attribute."],
    ["/runs?attribute=a", "attribute"],
    ["/runs?attribute.customer=", "attribute.customer"],
    ["/attention?attributes.customer=a", "attributes.customer"],
  ])("%s is refused with its name", async (path, name) => {
    const { status, body } = await operator.call("GET", path);
    expect([status, body]).toMatchObject([422, { code: "invalid_request", errors: [{ path: name }] }]);
  });

  it("belong to the active version, and a replay is found by them too", async () => {
    const { Sluice: _field, ...without } = DEFINITION;
    const old = await dispatch({ customer: "gamma" });
    await operator.untilStatus(old.runId, "completed");
    const again = await operator.expect<Run>([202], "POST", `/runs/${old.runId}/replay`, {});
    expect(again.attributes).toEqual({ customer: "gamma" });
    await stack.admin.expect([200], "PUT", "/flows/orders", { definition: without });
    expect((await dispatch({ customer: "gamma" })).attributes).toBeUndefined();
    await stack.admin.expect([200], "POST", "/flows/orders/versions/1/activate", {});
    expect((await dispatch({ customer: "gamma" })).attributes).toEqual({ customer: "gamma" });
  });
});
