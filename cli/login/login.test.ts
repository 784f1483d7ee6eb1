import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Profile, Profiles } from "../session/profiles.ts";
import { type LoginOptions, signIn } from "./login.ts";
import { renewed } from "./renew.ts";

/** An issuer that records its requests and issues tokens for known clients. */
let server: Server;
let issuer: string;
let home: string;
let asked: { path: string; form: Record<string, string>; authorization: string | undefined }[] = [];
let offers: Record<string, string> = {};
let answers: ((form: Record<string, string>) => [number, object])[] = [];

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), "sluice-login-"));
  server = createServer(async (request, response) => {
    const path = request.url ?? "";
    if (path === "/.well-known/openid-configuration") {
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ issuer, token_endpoint: `${issuer}/token`, ...offers }));
      return;
    }
    let text = "";
    for await (const chunk of request) text += chunk;
    const form = Object.fromEntries(new URLSearchParams(text));
    asked.push({ path, form, authorization: request.headers.authorization });
    const [status, body] = answers.shift()?.(form) ?? [500, {}];
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
  rmSync(home, { recursive: true, force: true });
});
beforeEach(() => {
  asked = [];
  offers = {};
  answers = [];
});

const tokens = { access_token: "access", token_type: "Bearer", refresh_token: "refresh", expires_in: 3600 };
const login = (options: Partial<LoginOptions>, say: (text: string) => void = () => undefined, env = {}) =>
  signIn("https://api.example.com", { redirectPort: 0, issuer, clientId: "cli", ...options }, env, say);

describe("the device flow", () => {
  it("polls for the person, as slowly as the issuer asks, and keeps the refresh token", async () => {
    offers = { device_authorization_endpoint: `${issuer}/device`, revocation_endpoint: `${issuer}/revoke` };
    const code = {
      device_code: "dc",
      user_code: "AB-CD",
      verification_uri: "https://i/device",
      expires_in: 60,
      interval: 0.01,
    };
    answers = [() => [200, code], () => [400, { error: "authorization_pending" }], () => [200, tokens]];
    const said: string[] = [];
    const signedIn = await login({}, (text) => said.push(text));
    expect(said).toEqual(["Open https://i/device and enter the code AB-CD"]);
    expect(asked.map(({ path }) => path)).toEqual(["/device", "/token", "/token"]);
    expect(asked[2]?.form).toEqual({
      grant_type: "urn:ietf:params:oauth:grant-type:device_code",
      device_code: "dc",
      client_id: "cli",
    });
    expect(signedIn).toMatchObject({
      accessToken: "access",
      renewal: { kind: "refresh-token", refreshToken: "refresh", revocationEndpoint: `${issuer}/revoke` },
    });
    expect(Date.parse(signedIn.expiresAt ?? "") - Date.now()).toBeGreaterThan(3_500_000);
  });
  it("ends if the person refuses", async () => {
    offers = { device_authorization_endpoint: `${issuer}/device` };
    const code = {
      device_code: "dc",
      user_code: "AB",
      verification_uri: "https://i",
      expires_in: 60,
      interval: 0.01,
    };
    answers = [() => [200, code], () => [400, { error: "access_denied", error_description: "No, thanks" }]];
    await expect(login({})).rejects.toMatchObject({ exitCode: 3, message: "The issuer refused: No, thanks" });
  });
});

describe("the authorization code flow", () => {
  it("uses PKCE and accepts only its own response", async () => {
    offers = { authorization_endpoint: `${issuer}/authorize` };
    answers = [() => [200, tokens]];
    let challenge: string | null = "";
    const signedIn = await login({ scopes: "openid,email" }, async (text) => {
      const page = new URL(/http\S+/.exec(text)?.[0] ?? "");
      const back = page.searchParams.get("redirect_uri") ?? "";
      challenge = page.searchParams.get("code_challenge");
      expect(Object.fromEntries(page.searchParams)).toMatchObject({
        response_type: "code",
        client_id: "cli",
        scope: "openid email",
        code_challenge_method: "S256",
      });
      expect(back).toMatch(/^http:\/\/localhost:\d+\/callback$/);
      const forged = await fetch(`${back}?code=forged&state=guess`);
      expect(forged.status).toBe(404);
      await fetch(`${back}?code=real&state=${page.searchParams.get("state")}`);
    });
    expect(signedIn.accessToken).toBe("access");
    const form = asked[0]?.form ?? {};
    expect(form).toMatchObject({ grant_type: "authorization_code", code: "real", client_id: "cli" });
    expect(
      createHash("sha256")
        .update(form["code_verifier"] ?? "")
        .digest("base64url"),
    ).toBe(challenge);
  });
});

it("a machine signs in with a secret that is not stored", async () => {
  answers = [() => [200, { access_token: "machine", token_type: "Bearer", expires_in: 60 }]];
  const env = { SLUICE_CLIENT_SECRET: "s3cret" };
  const signedIn = await login({ clientCredentials: true, scopes: "sluice/runs:read" }, undefined, env);
  expect(asked[0]?.form).toMatchObject({ grant_type: "client_credentials", scope: "sluice/runs:read" });
  expect(asked[0]?.authorization).toBe(`Basic ${Buffer.from("cli:s3cret").toString("base64")}`);
  expect(JSON.stringify(signedIn)).not.toContain("s3cret");
});

it("an issuer whose document names another issuer is rejected", async () => {
  offers = { issuer: "https://other.example.com" };
  await expect(login({})).rejects.toThrow(/does not match the expected issuer/);
});

it("requires exactly one sign-in method", async () => {
  await expect(login({ user: "admin" })).rejects.toMatchObject({ exitCode: 2 });
});

describe("an access token that has expired", () => {
  const profile = (refreshToken: string): Profile => ({
    url: "https://api.example.com",
    accessToken: "old",
    renewal: { kind: "refresh-token", tokenEndpoint: `${issuer}/token`, clientId: "cli", refreshToken },
  });

  it("is renewed, and a new refresh token replaces the old one", async () => {
    const profiles = new Profiles({ XDG_CONFIG_HOME: home });
    answers = [() => [200, { access_token: "new", token_type: "Bearer", refresh_token: "second" }]];
    const next = await renewed("one", profile("first"), {}, profiles);
    expect(asked[0]?.form).toMatchObject({ grant_type: "refresh_token", refresh_token: "first" });
    expect(next).toMatchObject({ accessToken: "new", renewal: { refreshToken: "second" } });
    expect(profiles.read("one")).toEqual(next);
  });
  it("uses the token that another process has renewed in the meantime", async () => {
    const profiles = new Profiles({ XDG_CONFIG_HOME: home });
    profiles.write("two", { ...profile("second"), accessToken: "theirs" });
    answers = [() => [400, { error: "invalid_grant" }]];
    expect(await renewed("two", profile("first"), {}, profiles)).toMatchObject({ accessToken: "theirs" });
  });
  it("requires a person if the refresh token is no longer valid", async () => {
    const profiles = new Profiles({ XDG_CONFIG_HOME: home });
    profiles.write("three", profile("first"));
    answers = [() => [400, { error: "invalid_grant" }]];
    expect(await renewed("three", profile("first"), {}, profiles)).toBeUndefined();
  });
});
