import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WORLD_FILES } from "./callee.ts";
import type { Weather, World } from "./world.ts";

/** Folders with functions and stubs that answer according to a world. */
export interface WorldFolders {
  readonly functions: string;
  readonly stubs: string;
  /** Begins a run: every callee's next call is its first. */
  restart(weather: Weather): void;
  /** The calls since the last restart, each with the callee's name and its input. */
  received(): readonly string[];
  remove(): void;
}

const CALLEE = new URL("callee.ts", import.meta.url).href;

const source = (root: string, name: string): string =>
  `import { callee } from ${JSON.stringify(CALLEE)};
export const handler = callee(${JSON.stringify(root)}, ${JSON.stringify(name)});
`;

export function writeWorld(world: World): WorldFolders {
  const root = mkdtempSync(join(tmpdir(), "sluice-corpus-"));
  const write = (file: string, content: string) => writeFileSync(join(root, file), content);
  const folders = { functions: join(root, "functions"), stubs: join(root, "stubs") };
  for (const folder of Object.values(folders)) mkdirSync(folder);
  const { answers, faults, lists, places } = world;
  write(WORLD_FILES.world, JSON.stringify({ answers, faults, lists, places }));
  for (const kind of ["functions", "stubs"] as const)
    for (const name of world[kind]) writeFileSync(join(folders[kind], `${name}.mjs`), source(root, name));
  let run = 0;
  return {
    ...folders,
    restart(weather) {
      run += 1;
      write(WORLD_FILES.calls, "");
      write(WORLD_FILES.run, `${run} ${weather}`);
    },
    received: () =>
      readFileSync(join(root, WORLD_FILES.calls), "utf8")
        .split("\n")
        .filter((line) => line !== ""),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}
