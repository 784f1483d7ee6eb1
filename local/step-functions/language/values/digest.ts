import { createHash } from "node:crypto";

const algorithms = new Map(
  Object.entries({
    MD5: "md5",
    "SHA-1": "sha1",
    "SHA-256": "sha256",
    "SHA-384": "sha384",
    "SHA-512": "sha512",
  }),
);

/**
 * Returns the hexadecimal digest of a string under one of the five algorithms of Step Functions; undefined for another name.
 */
export function digest(text: string, algorithm: string): string | undefined {
  const name = algorithms.get(algorithm);
  return name === undefined ? undefined : createHash(name).update(text, "utf8").digest("hex");
}

/** A number in [0, 1) that depends only on the seed. */
export function seededFraction(seed: number): number {
  return createHash("sha256").update(String(seed)).digest().readUIntBE(0, 6) / 2 ** 48;
}
