import { expect, it } from "vitest";
import { audit, type Lockfile, recordsOf } from "./audit.ts";

const [manifest, lock] = recordsOf(new URL("../..", import.meta.url).pathname);
const PRODUCT = "node_modules/zod";
const TOOL = "node_modules/vitest";

/** The lock file with other values for one package. */
const locked = (path: string, more: object): Lockfile => ({
  ...lock,
  packages: { ...lock.packages, [path]: { ...lock.packages[path], ...more } },
});

it("finds no problem in this checkout", () => {
  expect(audit(manifest, lock)).toEqual([]);
  expect(Object.keys(lock.packages).length).toBeGreaterThan(300);
});

it.each<[string, Lockfile, RegExp]>([
  ["no hash", locked(PRODUCT, { integrity: undefined }), /zod: has no sha512 integrity/],
  ["a weak hash", locked(PRODUCT, { integrity: "sha1-abc" }), /zod: has no sha512 integrity/],
  [
    "another registry",
    locked(PRODUCT, { resolved: "https://registry.npmjs.org.evil.example/zod.tgz" }),
    /zod: does not come from the npm registry/,
  ],
  [
    "a repository",
    locked(TOOL, { resolved: "git+ssh://git@github.com/a/b.git#1" }),
    /vitest: does not come from/,
  ],
  ["a file", locked(TOOL, { resolved: "file:../x.tgz" }), /vitest: does not come from/],
  ["a link", locked(TOOL, { link: true }), /vitest: is a link/],
  [
    "a license of a product's",
    locked(PRODUCT, { license: "MPL-2.0" }),
    /zod: its license is not on the list/,
  ],
  [
    "a license of a tool's",
    locked(TOOL, { license: "AGPL-3.0-only" }),
    /vitest: its license is not on the list/,
  ],
  ["both of two licenses", locked(TOOL, { license: "MIT AND GPL-3.0-only" }), /vitest: its license/],
  ["no license", locked(TOOL, { license: undefined }), /vitest: names no license/],
  ["an install script", locked(TOOL, { hasInstallScript: true }), /vitest: has an install script/],
])("names %s", (_what, changed, message) => {
  expect(audit(manifest, changed).join("\n")).toMatch(message);
});

it("accepts a choice of licenses if one of them is allowed", () => {
  expect(audit(manifest, locked(PRODUCT, { license: "(GPL-3.0-only OR MIT)" }))).toEqual([]);
});

it.each(["^1.0.0", "~1.0.0", "latest", "*", "1.x", "git://a/b", "file:../b", "npm:other@1.0.0"])(
  "reports a version that is not exact: %s",
  (version) => {
    const dependencies = { ...manifest.dependencies, zod: version };
    expect(audit({ ...manifest, dependencies }, lock)).toEqual([
      `package.json: zod has no exact version: ${version}`,
    ]);
  },
);

it("allows only the install scripts of named packages", () => {
  expect(audit({ ...manifest, allowScripts: {} }, lock).join("\n")).toMatch(/esbuild: has an install script/);
});
