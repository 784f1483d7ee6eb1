import { existsSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { buildConsole } from "../../../infra/build/console.ts";
import { projectRoot } from "../../../infra/build/project-root.ts";

/** All sources of the console. */
const SOURCES = ["console", "shared", "docs", "package-lock.json"];
const BUILT = join(projectRoot, "dist/console");

/** The time of the newest change, epoch milliseconds. */
const newestIn = (path: string): number => {
  const entry = statSync(path, { throwIfNoEntry: false });
  if (entry === undefined) return 0;
  if (!entry.isDirectory()) return entry.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => newestIn(join(path, name))));
};

/** Builds the console that the local stack serves, unless it is newer than its sources. */
export const ensureConsole = async (): Promise<void> => {
  const builtAt = newestIn(join(BUILT, "index.html"));
  if (builtAt > Math.max(...SOURCES.map((source) => newestIn(join(projectRoot, source))))) return;
  // Test processes may build at the same time, so each builds in a separate folder that it then renames.
  const aside = `${BUILT}-${process.pid}`;
  await buildConsole(aside);
  const old = `${aside}-old`;
  try {
    if (existsSync(BUILT)) renameSync(BUILT, old);
    renameSync(aside, BUILT);
  } catch (error) {
    if (!existsSync(join(BUILT, "index.html"))) throw error;
  } finally {
    for (const left of [aside, old]) rmSync(left, { recursive: true, force: true });
  }
};
