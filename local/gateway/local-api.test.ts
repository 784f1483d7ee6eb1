import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { StackUnderTest } from "../stack/test-stack.ts";

const local = new StackUnderTest();
beforeAll(() => local.start());
afterAll(() => local.remove());

describe("/local", () => {
  it("issues tokens with the requested claims", async () => {
    const claimsOf = async (request: unknown) => {
      const { body } = await local.call("POST", "/v1/echo/a/b", {}, await local.bearer(request));
      return body.requestContext.authorizer.jwt.claims;
    };
    expect(await claimsOf({ user: "platform" })).toMatchObject({
      sub: "platform",
      "sluice:platform_admin": "true",
    });
    expect(await claimsOf({ client: "crm", scopes: ["runs:dispatch", "runs:read"] })).toMatchObject({
      client_id: "crm",
      scope: "runs:dispatch runs:read",
      "sluice:workspaces": "[demo]",
    });
    // Whatever a member may be called.
    const longest = "x".repeat(255);
    expect(await claimsOf({ user: longest })).toMatchObject({ sub: longest });
    expect(await claimsOf({ user: "anna" })).not.toHaveProperty("sluice:platform_admin");
  });

  it.each([
    ["/local/token", {}],
    ["/local/token", { user: 7 }],
    ["/local/token", { user: "x".repeat(256) }],
    ["/local/token", { user: "anna", role: "admin" }],
    ["/local/token", { user: "anna", client: "crm", scopes: [] }],
    ["/local/token", "not json"],
    ["/local/clock", { advanceBy: "-P1D" }],
    ["/local/clock", { advanceBy: "P1Y" }],
    ["/local/clock", { advanceBy: 5 }],
    ["/local/clock", {}],
    ["/local/faults", { service: "s3", operation: "GetObject", when: "before" }],
    ["/local/faults", { service: "dynamodb", operation: "GetItem", when: "during" }],
    ["/local/faults", { service: "dynamodb", operation: "GetItem", when: "before", times: 0 }],
    ["/local/faults", { service: "dynamodb", operation: "GetItem", when: "before", probability: 2 }],
  ])("refuses %s %j", async (path, body) => {
    const answer = await local.call("POST", path, body);
    expect([answer.status, answer.body.code, answer.body.errors.length > 0]).toEqual([
      422,
      "invalid_request",
      true,
    ]);
  });

  it("advances the clock, and tokens stay valid", async () => {
    const headers = await local.bearer({ user: "anna" });
    const before = Date.parse((await local.call("GET", "/local/clock")).body.now);
    const after = Date.parse(
      (await local.call("POST", "/local/clock", { advanceBy: "P13DT23H59M" })).body.now,
    );
    expect(after - before).toBeGreaterThanOrEqual(1_209_540_000);
    expect(after - before).toBeLessThan(1_209_550_000);
    expect((await local.call("POST", "/v1/echo/a/b", {}, headers)).status).toBe(201);
  });
});
