import { createHmac } from "node:crypto";
import { type CryptoKey, exportSPKI, importJWK, SignJWT } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import { openSigningKey, type SigningKey } from "../identity/keys.ts";
import { type Authorizer, jwtAuthorizer } from "./authorizer.ts";

const now = () => Math.floor(Date.now() / 1_000);
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
/** The claims of a valid token. */
const claims = () => ({
  sub: "ann",
  iss: "https://issuer.sluice.localhost",
  aud: "sluice",
  iat: now() - 1,
  exp: now() + 60,
});
type Claims = Record<string, unknown>;

describe("the JWT authorizer", () => {
  let key: SigningKey;
  let other: SigningKey;
  let authorize: Authorizer;
  beforeAll(async () => {
    [key, other] = await Promise.all([openSigningKey(":memory:"), openSigningKey(":memory:")]);
    authorize = jwtAuthorizer(key);
  });
  const sign = (
    more: Claims = {},
    header: Claims = {},
    privateKey: CryptoKey | Uint8Array = key.privateKey,
  ) =>
    new SignJWT({ ...claims(), ...more })
      .setProtectedHeader({ alg: "RS256", kid: key.kid, ...header })
      .sign(privateKey);

  it.each<[string, Claims]>([
    ["a token of an hour", {}],
    ["one of several audiences", { aud: ["elsewhere", "sluice"] }],
    ["a client's id in place of an audience", { aud: undefined, client_id: "sluice" }],
    ["a not-before that has passed", { nbf: now() - 1 }],
    ["a token that says nothing of when it was issued", { iat: undefined }],
  ])("takes %s, with or without Bearer", async (_what, more) => {
    const token = await sign(more);
    for (const header of [`Bearer ${token}`, `bearer ${token}`, token]) {
      expect(await authorize(header)).toMatchObject({ ok: true, claims: { sub: "ann" } });
    }
  });

  it("passes on claims as strings", async () => {
    const answer = await authorize(
      await sign({ aud: ["a", "sluice"], admin: true, "cognito:groups": ["x", "y"], n: 1 }),
    );
    expect(answer).toMatchObject({
      claims: { aud: "[a sluice]", admin: "true", "cognito:groups": "[x y]", n: "1" },
    });
  });

  it.each<[string, Claims]>([
    ["expired", { exp: now() - 1 }],
    ["expired just now", { exp: now() }],
    ["without an end", { exp: undefined }],
    ["not yet valid", { nbf: now() + 60 }],
    ["issued in the future", { iat: now() + 60 }],
    ["of another issuer", { iss: "https://issuer.sluice.localhost/" }],
    ["of no issuer", { iss: undefined }],
    ["for another audience", { aud: "elsewhere" }],
    ["for another audience, though by a client that is one", { aud: "elsewhere", client_id: "sluice" }],
    ["for no audience", { aud: undefined }],
    ["for an empty list of audiences, though by a client that is one", { aud: [], client_id: "sluice" }],
    ["by another client, for no audience", { aud: undefined, client_id: "elsewhere" }],
  ])("refuses a token %s", async (_what, more) => {
    expect(await authorize(`Bearer ${await sign(more)}`)).toMatchObject({ ok: false });
  });

  it("refuses unsigned tokens and those of other issuers", async () => {
    const token = await sign();
    const [head = "", body = "", signature = ""] = token.split(".");
    const forged = { ...claims(), sub: "admin" };
    const pem = await exportSPKI((await importJWK(key.publicSet.keys[0] ?? {}, "RS256")) as CryptoKey);
    const hmac = (secret: string) => {
      const start = `${encode({ alg: "HS256", kid: key.kid })}.${encode(forged)}`;
      return `${start}.${createHmac("sha256", secret).update(start).digest("base64url")}`;
    };
    const refused = {
      "another's key under our key's name": await sign(forged, {}, other.privateKey),
      "another's key under its own name": await sign(forged, { kid: other.kid }, other.privateKey),
      "our key under no name": await sign({}, { kid: undefined }),
      "our key under another's name": await sign({}, { kid: other.kid }),
      "another's key, brought along": await sign(forged, { jwk: other.publicSet.keys[0] }, other.privateKey),
      "no algorithm": `${encode({ alg: "none", kid: key.kid })}.${body}.`,
      "no algorithm, but a signature": `${encode({ alg: "none", kid: key.kid })}.${body}.${signature}`,
      "no algorithm, in capitals": `${encode({ alg: "NONE" })}.${encode(forged)}.`,
      "a secret made of the public key": hmac(pem),
      "an empty secret": hmac("\0"),
      "another body": `${head}.${encode(forged)}.${signature}`,
      "another head": `${encode({ alg: "RS256", kid: key.kid, typ: "x" })}.${body}.${signature}`,
      "another signature": `${head}.${body}.${signature.startsWith("A") ? "B" : "A"}${signature.slice(1)}`,
      "no signature": `${head}.${body}.`,
    };
    for (const [what, forgery] of Object.entries(refused)) {
      expect(await authorize(`Bearer ${forgery}`), what).toMatchObject({ ok: false });
    }
    expect(await authorize(`Bearer ${token}`)).toMatchObject({ ok: true });
  });

  it("refuses anything that is not a token", async () => {
    const token = await sign();
    const headers = [undefined, "", " ", "Bearer", "Bearer ", "Bearer null", "Basic YWRtaW46YWRtaW4="];
    for (const header of [
      ...headers,
      `Basic ${token}`,
      `Bearer Bearer ${token}`,
      `${token} ${token}`,
      "a.b.c",
    ]) {
      expect(await authorize(header), String(header)).toMatchObject({ ok: false });
    }
  });
});
