import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TestStack, testStack } from "../support/stack.ts";

describe("the running user", () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await testStack("work");
  });
  afterAll(() => stack.close());

  describe("a workspace's settings", () => {
    const DEFAULTS = { ownersMayResume: false, resumeWithSameAccess: false, retentionDays: 90 };
    const put = (body: unknown) => stack.admin.call("PUT", "/settings", body);

    it("have defaults, change key by key, and keep what is left out", async () => {
      expect((await stack.operator.call("GET", "/settings")).body).toEqual(DEFAULTS);
      expect((await put({})).body).toEqual(DEFAULTS);
      const changed = await put({ retentionDays: 1 });
      expect([changed.status, changed.body]).toEqual([200, { ...DEFAULTS, retentionDays: 1 }]);
      expect((await put({ ownersMayResume: true, retentionDays: 3_650 })).status).toBe(200);
      const all = { ...DEFAULTS, ownersMayResume: true, retentionDays: 3_650 };
      expect((await stack.operator.call("GET", "/settings")).body).toEqual(all);
      expect((await put(DEFAULTS)).body).toEqual(DEFAULTS);
    });

    it.each([
      [{ retentionDays: 0 }, "retentionDays"],
      [{ retentionDays: 3_651 }, "retentionDays"],
      [{ retentionDays: 1.5 }, "retentionDays"],
      [{ retentionDays: "90" }, "retentionDays"],
      [{ retentionDays: null }, "retentionDays"],
      [{ ownersMayResume: "true" }, "ownersMayResume"],
      [{ resumeWithSameAccess: 1 }, "resumeWithSameAccess"],
      [{ retentiondays: 5, ownersMayResume: true }, "retentiondays"],
    ])("refuse %j, and nothing is written", async (body, path) => {
      const { status, body: problem } = await put(body);
      expect([status, problem["code"]]).toEqual([422, "invalid_request"]);
      expect((problem["errors"] as { path: string }[]).map((error) => error.path)).toEqual([path]);
      expect((await stack.operator.call("GET", "/settings")).body).toEqual(DEFAULTS);
    });
  });
});
