import { readFileSync } from "node:fs";
import { join } from "node:path";

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  /** Packages whose install scripts npm may run. */
  readonly allowScripts?: Readonly<Record<string, boolean>>;
}
interface Locked {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly license?: string;
  readonly link?: boolean;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly inBundle?: boolean;
  readonly hasInstallScript?: boolean;
}
export interface Lockfile {
  readonly lockfileVersion: number;
  readonly packages: Readonly<Record<string, Locked>>;
}

const REGISTRY = "https://registry.npmjs.org/";
const EXACT = /^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/;
/**
 * Licenses that require only a notice when the package is redistributed: allowed for code bundled into the Lambda functions and
 * the command line.
 */
const PERMISSIVE = [
  "MIT",
  "MIT-0",
  "Apache-2.0",
  "ISC",
  "0BSD",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "BlueOak-1.0.0",
];
/**
 * Tools, and packages that the console is built from, may also have licenses that keep their own files free, such as MPL-2.0.
 */
const OF_TOOLS = [
  ...PERMISSIVE,
  "MPL-2.0",
  "Unlicense",
  "CC0-1.0",
  "WTFPL",
  "CC-BY-4.0",
  "CC BY-SA 4.0",
  "Python-2.0",
  "PSF-2.0",
];

/** Whether these licenses satisfy an SPDX expression `A OR B` or `A AND B`, with one pair of brackets. */
const allows = (expression: string, licenses: readonly string[]): boolean => {
  const text = expression.replace(/^\((.*)\)$/, "$1");
  if (text.includes(" OR ")) return text.split(" OR ").some((one) => allows(one, licenses));
  return text.split(" AND ").every((one) => licenses.includes(one.trim()));
};

const nameOf = (path: string): string => path.replace(/^.*node_modules\//, "");

const ofManifest = (manifest: Manifest): string[] =>
  [manifest.dependencies, manifest.devDependencies, manifest.optionalDependencies]
    .flatMap((group) => Object.entries(group ?? {}))
    .filter(([, version]) => !EXACT.test(version))
    .map(([name, version]) => `package.json: ${name} has no exact version: ${version}`);

const ofSource = (path: string, { resolved, integrity, inBundle, link }: Locked): string[] => {
  // It is part of the archive of the package that contains it, whose hash is recorded.
  if (inBundle === true) return [];
  if (link === true) return [`${path}: is a link to a folder`];
  // Without a URL, npm asks the registry and accepts the archive with this hash.
  return [
    ...(integrity?.startsWith("sha512-") === true ? [] : [`${path}: has no sha512 integrity`]),
    ...(resolved === undefined || resolved.startsWith(REGISTRY)
      ? []
      : [`${path}: does not come from the npm registry: ${resolved}`]),
  ];
};

const ofLicence = (path: string, { license, dev, devOptional }: Locked): string[] => {
  if (license === undefined) return [`${path}: names no license`];
  const licenses = dev === true || devOptional === true ? OF_TOOLS : PERMISSIVE;
  return allows(license, licenses) ? [] : [`${path}: its license is not on the list: ${license}`];
};

const ofScripts = (path: string, { hasInstallScript }: Locked, { allowScripts = {} }: Manifest): string[] =>
  hasInstallScript === true && allowScripts[nameOf(path)] !== true
    ? [`${path}: has an install script that package.json does not allow`]
    : [];

/**
 * Finds problems of the packages that a checkout needs. Reads npm's lock file, which is what `npm ci` installs, and asks no
 * registry.
 */
export const audit = (manifest: Manifest, lock: Lockfile): string[] => {
  const packages = Object.entries(lock.packages).filter(([path]) => path !== "");
  return [
    ...(lock.lockfileVersion === 3 ? [] : [`package-lock.json: has version ${lock.lockfileVersion}, not 3`]),
    ...ofManifest(manifest),
    ...packages.flatMap(([path, locked]) => [
      ...ofSource(path, locked),
      ...ofLicence(path, locked),
      ...ofScripts(path, locked, manifest),
    ]),
  ];
};

/** The records of a checkout. */
export const recordsOf = (root: string): [Manifest, Lockfile] => {
  const read = (path: string) => JSON.parse(readFileSync(join(root, path), "utf8"));
  return [read("package.json"), read("package-lock.json")];
};
