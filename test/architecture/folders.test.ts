import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const MAX_FILES = 20;

/** Lists that only grow: the numbered decisions, and the recorded outcomes, one file for each situation. */
const LISTS = ["docs/decisions", "test/proofs/between/outcomes"];

const TEST = /\.test(\.tsx?)$/;
/** Whether a file is a unit test beside its source, to which it belongs. */
const isBesideItsSource = (path: string, all: ReadonlySet<string>): boolean =>
  TEST.test(path) && all.has(path.replace(TEST, "$1"));

/** Returns the folders that have more files of their own than a reader takes in at a glance. */
const crowded = (paths: readonly string[]): string[] => {
  const all = new Set(paths);
  const folders = Map.groupBy(
    paths.filter((path) => !isBesideItsSource(path, all)),
    dirname,
  );
  return [...folders].flatMap(([folder, files]) =>
    files.length > MAX_FILES && !LISTS.includes(folder) ? [`${folder}: ${files.length} files`] : [],
  );
};

it(`gives every folder at most ${MAX_FILES} files of its own`, () => {
  const tracked = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
    cwd: root,
    encoding: "utf8",
  }).split("\n");
  const present = tracked.filter((path) => path !== "" && existsSync(join(root, path)));
  expect(present.map((path) => basename(path))).toContain("package.json");
  expect(crowded(present)).toEqual([]);
});

it("counts tests that stand alone, but not those beside their source", () => {
  const sources = Array.from({ length: MAX_FILES }, (_, index) => `cli/file-${index}.ts`);
  const beside = sources.map((path) => path.replace(".ts", ".test.ts"));
  expect(crowded([...sources, ...beside])).toEqual([]);
  expect(crowded([...sources, "cli/alone.test.ts"])).toEqual([`cli: ${MAX_FILES + 1} files`]);
});
