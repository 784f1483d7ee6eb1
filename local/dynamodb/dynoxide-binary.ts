import { accessSync, constants } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, dirname, join } from "node:path";

/** The name of dynoxide's package for this platform; it does not exist for every platform. */
const PACKAGE = `@dynoxide/${process.platform}-${process.arch}`;

/** The path of the DynamoDB engine: from its npm package, or else from the PATH. @throws Error that says how to install it */
export function findEngine(packageName = PACKAGE): string {
  const candidates = [
    fromPackage(packageName),
    ...(process.env["PATH"] ?? "").split(delimiter).map((folder) => join(folder, "dynoxide")),
  ];
  const found = candidates.find((path) => path !== undefined && isExecutable(path));
  if (found !== undefined) return found;
  throw new Error(
    "No DynamoDB engine: install dynoxide (cargo install dynoxide-rs), or set DYNAMODB_ENDPOINT to one that runs, e.g. DynamoDB Local",
  );
}

function fromPackage(packageName: string): string | undefined {
  try {
    return join(dirname(createRequire(import.meta.url).resolve(`${packageName}/package.json`)), "dynoxide");
  } catch {
    return undefined;
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
