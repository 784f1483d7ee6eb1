import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import {
  type CryptoKey,
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
} from "jose";

/** The local issuer's signing key and the key set that it publishes. */
export interface SigningKey {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly publicSet: { readonly keys: JWK[] };
}

/** Reads the key from `file`, or creates one and stores it there; in `:memory:` nothing is stored. */
export async function openSigningKey(file: string): Promise<SigningKey> {
  const stored =
    file !== ":memory:" && existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as JWK) : undefined;
  const jwk = stored ?? (await newKey());
  if (stored === undefined && file !== ":memory:") {
    writeFileSync(`${file}.new`, JSON.stringify(jwk), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }
  const kid = await calculateJwkThumbprint(jwk);
  const privateKey = await importJWK(jwk, "RS256");
  if (privateKey instanceof Uint8Array) throw new Error(`${file} does not contain an RSA key`);
  const { kty, n, e } = jwk;
  if (kty === undefined || n === undefined || e === undefined)
    throw new Error(`${file} does not contain an RSA key`);
  return { kid, privateKey, publicSet: { keys: [{ kty, n, e, kid, alg: "RS256", use: "sig" }] } };
}

async function newKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair("RS256", { extractable: true, modulusLength: 2_048 });
  return exportJWK(privateKey);
}
