import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { BUILD, bundleFunctions } from "../../../infra/build/functions.ts";
import { functions } from "../../../infra/functions.ts";
import type { Bench, Line } from "../report.ts";
import { median } from "../statistics.ts";

const GATE_KB = 450;
const IMPORT = 1.3;
/** An empty handler with the clients that the gate has. */
const EMPTY = `
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SchedulerClient } from "@aws-sdk/client-scheduler";
import { SFNClient } from "@aws-sdk/client-sfn";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
const clients = () => [DynamoDBDocumentClient.from(new DynamoDBClient({})), new SFNClient({}), new SchedulerClient({})];
export const handler = async () => clients().length;
`;

interface Loaded {
  readonly milliseconds: number;
  readonly mib: number;
}

/** The median time to load each bundle in a fresh process, alternating with an empty handler. */
export const bench: Bench = async ({ quick }) => {
  const directory = mkdtempSync(join(tmpdir(), "sluice-bench-bundles-"));
  try {
    const { metafile } = bundleFunctions(directory);
    const bytes = (name: string) =>
      Object.entries(metafile.outputs).find(([file]) => file.endsWith(`/${name}/index.mjs`))?.[1].bytes ?? 0;
    const empty = emptyBundle(directory);
    return Object.values(functions).flatMap(({ name }): Line[] => {
      const samples = Array.from({ length: quick ? 3 : 21 }, () => ({
        floor: load(empty),
        own: load(join(directory, name, "index.mjs")),
      }));
      const milliseconds = median(samples.map(({ own }) => own.milliseconds));
      return [
        {
          ...{ name: `${name}: bundle`, value: bytes(name) / 1_024, unit: "kB" },
          ...(name === functions.gate.name ? { mark: { of: "value", atMost: GATE_KB } as const } : {}),
        },
        {
          ...{ name: `${name}: import`, value: milliseconds, unit: "ms" },
          floor: median(samples.map(({ floor }) => floor.milliseconds)),
          ...(name === functions.gate.name ? { mark: { of: "ratio", atMost: IMPORT } as const } : {}),
        },
        {
          ...{ name: `${name}: memory`, value: median(samples.map(({ own }) => own.mib)), unit: "MiB" },
          floor: median(samples.map(({ floor }) => floor.mib)),
        },
      ];
    });
  } finally {
    rmSync(directory, { recursive: true });
  }
};

/** Built as the functions are. */
const emptyBundle = (directory: string): string => {
  const outfile = join(directory, "empty.mjs");
  buildSync({
    ...BUILD,
    stdin: { contents: EMPTY, resolveDir: process.cwd(), loader: "js" },
    outfile,
  });
  return outfile;
};

const load = (file: string): Loaded => {
  const script = `const began = performance.now(); await import(${JSON.stringify(file)}); console.log(performance.now() - began, process.memoryUsage().rss / 1048576)`;
  const { NODE_COMPILE_CACHE: _cache, ...env } = process.env;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", script], {
    ...{ encoding: "utf8", env },
  });
  const [milliseconds, mib] = stdout.trim().split(" ").map(Number);
  if (milliseconds === undefined || mib === undefined || Number.isNaN(milliseconds)) throw new Error(stderr);
  return { milliseconds, mib };
};
