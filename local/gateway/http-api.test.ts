import { createHmac } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { StackUnderTest } from "../stack/test-stack.ts";

const local = new StackUnderTest();
beforeAll(() => local.start());
afterAll(() => local.remove());

describe("the HTTP API", () => {
  it("answers the health check", async () => {
    expect(await local.call("GET", "/healthz")).toMatchObject({ status: 200, body: { status: "ok" } });
  });

  it("passes on a request in payload format 2.0", async () => {
    const headers = {
      ...(await local.bearer({ user: "anna" })),
      "x-several": "a, b",
      cookie: "one=1; two=2",
    };
    const {
      status,
      headers: answered,
      body,
    } = await local.call("POST", "/v1/echo/a%2Fb/c?q=1&q=2&r=%C3%A4", { n: 1 }, headers);
    expect([status, answered.get("x-made-by"), answered.get("content-type")]).toEqual([
      201,
      "echo",
      "application/json",
    ]);
    expect(body).toMatchObject({
      version: "2.0",
      routeKey: "POST /v1/echo/{first}/{second}",
      rawPath: "/v1/echo/a%2Fb/c",
      rawQueryString: "q=1&q=2&r=%C3%A4",
      cookies: ["one=1", "two=2"],
      headers: { "x-several": "a, b", "content-type": "application/json" },
      queryStringParameters: { q: "1,2", r: "ä" },
      pathParameters: { first: "a/b", second: "c" },
      body: '{"n":1}',
      isBase64Encoded: false,
      requestContext: {
        http: { method: "POST", path: "/v1/echo/a%2Fb/c" },
        authorizer: { jwt: { claims: { sub: "anna", aud: "sluice" } } },
        stage: "$default",
      },
    });
  });

  it("passes on a binary body in Base64", async () => {
    const headers = { ...(await local.bearer({ user: "anna" })), "content-type": "application/octet-stream" };
    const { body } = await local.call("POST", "/v1/echo/a/b", "abc", headers);
    expect([body.body, body.isBase64Encoded]).toEqual(["YWJj", true]);
  });

  it.each([
    ["no token", {}],
    ["an expired token", { expiresIn: -10 }],
    ["another issuer", { issuer: "https://elsewhere.example" }],
    ["another audience", { audience: "elsewhere" }],
  ])("answers %s as API Gateway does", async (what, more) => {
    const headers = what === "no token" ? {} : await local.bearer({ user: "anna", ...more });
    const answer = await local.call("POST", "/v1/echo/a/b", {}, headers);
    expect([answer.status, answer.body]).toEqual([401, { message: "Unauthorized" }]);
    expect(answer.headers.get("content-type")).toBe("application/json");
    expect(answer.headers.get("www-authenticate")).toMatch(/^Bearer/);
  });

  it("refuses unsigned tokens and those of other issuers", async () => {
    const { authorization = "" } = await local.bearer({ user: "anna" });
    const [head = "", claims = "", signature = ""] = authorization.replace("Bearer ", "").split(".");
    const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const kid = JSON.parse(Buffer.from(head, "base64url").toString()).kid;
    const { body: keys } = await local.call("GET", "/local/.well-known/jwks.json");
    const hmacHead = encode({ alg: "HS256", kid });
    const forged = [
      `${encode({ alg: "none", kid })}.${claims}.`,
      `${hmacHead}.${claims}.${createHmac("sha256", keys.keys[0].n).update(`${hmacHead}.${claims}`).digest("base64url")}`,
      `${head}.${encode({ sub: "admin", iss: "https://issuer.sluice.localhost", aud: "sluice", exp: 9_999_999_999 })}.${signature}`,
      `${head}.${claims}.${signature.slice(0, -4)}AAAA`,
      "nonsense",
    ];
    for (const token of forged) {
      expect(
        (await local.call("POST", "/v1/echo/a/b", {}, { authorization: `Bearer ${token}` })).status,
      ).toBe(401);
    }
  });

  it("answers unknown routes, oversized bodies and crashes without revealing internals", async () => {
    expect(await local.call("GET", "/v1/none")).toMatchObject({
      status: 404,
      body: { code: "not_found", status: 404 },
    });
    expect(await local.call("GET", "/v1/items/%ZZ")).toMatchObject({ status: 404 });
    expect(await local.call("PUT", "/v1/items/%ZZ", {})).toMatchObject({ status: 404 });
    const large = await local.call("PUT", "/v1/items/x", `"${"x".repeat(5 * 1_024 * 1_024)}"`);
    expect([large.status, large.body.code, large.headers.get("content-type")]).toEqual([
      413,
      "payload_too_large",
      "application/problem+json",
    ]);
    const crash = await local.call("GET", "/v1/crash");
    expect([crash.status, crash.body]).toEqual([500, { message: "Internal Server Error" }]);
  });

  it("answers HEAD as GET, without the body", async () => {
    const answer = await fetch(`${local.stack.url}/v1/echo`, { method: "HEAD" });
    expect([answer.status, await answer.text()]).toEqual([201, ""]);
  });

  it("refuses requests from web pages of other sites", async () => {
    expect(
      (await local.call("POST", "/local/clock", { advanceBy: "PT1S" }, { origin: "https://evil.example" }))
        .status,
    ).toBe(403);
    expect(
      (await local.call("GET", "/local/clock", undefined, { origin: "http://localhost:5173" })).status,
    ).toBe(200);
  });
});
