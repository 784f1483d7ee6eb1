import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { bundleFunctions } from "../../infra/build/functions.ts";
import { type FunctionDefinition, functions } from "../../infra/functions.ts";
import type { GateEvent } from "../../shared/model/machines/task-events.ts";

// Outside the project, so that a bundle finds no node_modules, as on Lambda.
const directory = mkdtempSync(join(tmpdir(), "sluice-bundles-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const { metafile } = bundleFunctions(directory);

const outputOf = (name: string) => {
  const found = Object.entries(metafile.outputs).find(([file]) => file.endsWith(`/${name}/index.mjs`));
  if (found === undefined) throw new Error(`No bundle of ${name}`);
  return found[1];
};

/** The size of a bundle with everything that it always loads. */
const loadedBytes = (name: string): number => {
  const files = Object.entries(metafile.outputs);
  const sizeOf = (file: string): number => {
    const [, output] = files.find(([path]) => path === file) ?? [];
    const parts =
      output?.imports.filter(({ kind, external }) => kind === "import-statement" && !external) ?? [];
    return (output?.bytes ?? 0) + parts.reduce((sum, { path }) => sum + sizeOf(path), 0);
  };
  return sizeOf(files.find(([file]) => file.endsWith(`/${name}/index.mjs`))?.[0] ?? "");
};

/** Grants of Step Functions for each call of the domain. Publishing with the creation needs two (guide, "Authorization for versions"). */
const ACTIONS: Readonly<Record<string, readonly string[]>> = {
  "executions.start": ["StartExecution"],
  "executions.stop": ["StopExecution"],
  "executions.succeed": ["SendTaskSuccess"],
  "executions.fail": ["SendTaskFailure"],
  "executions.describe": ["DescribeExecution"],
  "executions.history": ["GetExecutionHistory"],
  "executions.length": ["GetExecutionHistory"],
  "executions.inputOf": ["GetExecutionHistory"],
  "executions.mapRun": ["DescribeMapRun"],
  "executions.openMapRuns": ["ListMapRuns"],
  "machines.publish": ["CreateStateMachine", "PublishStateMachineVersion", "UpdateStateMachine"],
  "machines.create": ["CreateStateMachine"],
  "machines.delete": ["DeleteStateMachine"],
  "machines.deleteVersion": ["DeleteStateMachineVersion"],
  "stateTests.test": ["TestState"],
};

/** The same for calls about the machines of others. */
const TEAM_ACTIONS: Readonly<Record<string, readonly string[]>> = {
  "teamMachines.describe": ["DescribeStateMachine"],
  "teamMachines.update": ["UpdateStateMachine"],
  "teamMachines.publish": ["UpdateStateMachine", "PublishStateMachineVersion"],
  "teamMachines.versions": ["ListStateMachineVersions"],
  "teamMachines.aliases": ["ListStateMachineAliases"],
  "teamMachines.routes": ["DescribeStateMachineAlias"],
  "teamMachines.moveAlias": ["UpdateStateMachineAlias"],
  "teamMachines.tag": ["ListTagsForResource"],
  "teamMachines.recentExecutions": ["ListExecutions"],
};

/** Calls that a bundle can make. Unreachable code is not in a bundle, and methods keep their names when minified. */
const callsOf = (name: string): string[] => {
  const text = readFileSync(join(directory, name, "index.mjs"), "utf8");
  const services =
    "executions|machines|stateTests|teamMachines|schedules|drains|bulkJobs|events|endWaits|triggerSchedules";
  const calls = new RegExp(
    `\\.((?:${services})\\.\\w+)\\(|\\.(runIndex|due\\.overdue|runs\\.purge|deletions\\.purge|bulks\\.purge)\\b`,
    "g",
  );
  return [...text.matchAll(calls)].map(([, call, index]) => call ?? index ?? "");
};

/** Grants of the other services for each call. */
const OTHER_ACTIONS: Readonly<Record<string, string>> = {
  "schedules.createEnd": "CreateSchedule",
  "schedules.createWarning": "CreateSchedule",
  "schedules.createBegin": "CreateSchedule",
  "schedules.deleteBegin": "DeleteSchedule",
  "schedules.delete": "DeleteSchedule",
  "drains.start": "drain:StartExecution",
  "drains.isRunning": "drain:DescribeExecution",
  "bulkJobs.start": "bulk:StartExecution",
  "bulkJobs.isRunning": "bulk:DescribeExecution",
  "events.put": "PutEvents",
  "endWaits.forEnd": "wait",
  "triggerSchedules.create": "CreateSchedule",
  "triggerSchedules.delete": "DeleteSchedule",
};

const COMMON_SETTINGS = { SLUICE_TABLE: "sluice", SLUICE_STATES_ARN_PREFIX: "arn:aws:states:x:y" };

const definitions: readonly FunctionDefinition[] = Object.values(functions);
describe.each(definitions)("the bundle of $name", (definition) => {
  const { name, states, teams = [], drain, bulk, schedules, events, invokes } = definition;
  it("loads on its own and exports a handler, with only the settings that every function has", () => {
    const url = pathToFileURL(join(directory, name, "index.mjs")).href;
    const { stdout, stderr } = spawnSync(
      process.execPath,
      ["--input-type=module", "--eval", `console.log(typeof (await import(${JSON.stringify(url)})).handler)`],
      { cwd: directory, encoding: "utf8", env: COMMON_SETTINGS },
    );
    expect(stderr).toBe("");
    expect(stdout).toBe("function\n");
  });

  it("is small enough to start quickly", ({ annotate }) => {
    const { bytes } = outputOf(name);
    annotate(`${Math.round(bytes / 1024)} kB`);
    expect(bytes).toBeLessThan(3 * 1024 * 1024);
  });

  it("is granted exactly its calls to Step Functions", () => {
    const calls = callsOf(name).filter((call) => /^(executions|machines|stateTests)\./.test(call));
    expect([...new Set(calls.flatMap((call) => ACTIONS[call] ?? [`${call}: unknown`]))].sort()).toEqual(
      [...(states ?? [])].sort(),
    );
  });

  it("is granted exactly its calls about the machines of others", () => {
    const calls = callsOf(name).filter((call) => call.startsWith("teamMachines."));
    expect([...new Set(calls.flatMap((call) => TEAM_ACTIONS[call] ?? `${call}: unknown`))].sort()).toEqual(
      [...teams].sort(),
    );
  });

  it("is granted exactly its calls to Scheduler, its own machines and the bus", () => {
    const calls = callsOf(name).filter((call) =>
      /^(schedules|drains|bulkJobs|events|endWaits|triggerSchedules)\./.test(call),
    );
    const granted = [
      ...(schedules ?? []),
      ...(drain ?? []).map((action) => `drain:${action}`),
      ...(bulk ?? []).map((action) => `bulk:${action}`),
      ...(events ? ["PutEvents"] : []),
      ...(invokes === undefined ? [] : [invokes]),
    ];
    expect([...new Set(calls.map((call) => OTHER_ACTIONS[call] ?? `${call}: unknown`))].sort()).toEqual(
      granted.sort(),
    );
  });
});

const TASKS = ["gate", "park", "humanStep", "handOver", "drain", "bulkBatch"] as const;
it.each(TASKS)("%s is bundled without the API's schema library", (key) => {
  const { inputs } = outputOf(functions[key].name);
  expect(
    Object.keys(inputs).filter((file) => /node_modules\/zod|shared\/model\/(schemas|api)\//.test(file)),
  ).toEqual([]);
});

it("the library of expressions is in a file of its own, which only flows with such expressions load", () => {
  for (const { name } of [functions.gate, functions.dispatch]) {
    const parts = Object.entries(metafile.outputs).filter(([file]) => file.includes(`/${name}/`));
    const holding = parts.filter(([, { inputs }]) =>
      Object.keys(inputs).some((file) => file.includes("jsonata")),
    );
    expect(holding.map(([file]) => file.replace(/^.*\/(jsonata)-.*$/, "$1"))).toEqual(["jsonata"]);
  }
});

/** The functions that run before every step and so must start fastest. */
it.each([functions.gate, functions.park, functions.handOver])("$name is at most 450 kB", ({ name }) => {
  expect(loadedBytes(name)).toBeLessThanOrEqual(450 * 1024);
});

it("signs with the credentials that Lambda puts into the environment, including the session token", async () => {
  const seen: IncomingHttpHeaders[] = [];
  const table = createServer((request, response) => {
    seen.push(request.headers);
    response.writeHead(400, { "content-type": "application/x-amz-json-1.0" });
    response.end('{"__type":"ValidationException"}');
  });
  table.listen(0, "127.0.0.1");
  await once(table, "listening");
  const env = {
    ...COMMON_SETTINGS,
    AWS_REGION: "us-east-1",
    ...{ AWS_ACCESS_KEY_ID: "AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY: "secret", AWS_SESSION_TOKEN: "session" },
    AWS_ENDPOINT_URL_DYNAMODB: `http://127.0.0.1:${(table.address() as AddressInfo).port}`,
  };
  const event: GateEvent = {
    ...{ v: 1, op: "gate", workspace: "demo", flowId: "f", incarnation: "i", version: 1, execution: "r.1" },
    ...{ state: "A", path: "", entered: "2026-11-27T00:00:00.000Z", kind: "step" },
  };
  const url = pathToFileURL(join(directory, functions.gate.name, "index.mjs")).href;
  const script = `await (await import(${JSON.stringify(url)})).handler(${JSON.stringify(event)}, {})`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", script], {
    ...{ cwd: directory, stdio: "ignore", env },
  });
  await once(child, "exit");
  table.close();
  expect(seen[0]?.authorization).toContain("Credential=AKIDEXAMPLE/");
  expect(seen[0]?.["x-amz-security-token"]).toBe("session");
});

it("indexes are queried only by functions that are granted it", () => {
  const asking = (what: string) =>
    Object.values(functions)
      .filter(({ name }) => callsOf(name).includes(what))
      .map(({ name }) => name);
  expect(asking("runIndex")).toEqual([
    "sluice-read",
    "sluice-publish",
    "sluice-attach",
    "sluice-register",
    "sluice-holds",
    "sluice-bulk",
    "sluice-drain",
    "sluice-bulk-batch",
    "sluice-sweep",
  ]);
  expect(asking("due.overdue")).toEqual(["sluice-sweep"]);
});

it("whole runs, flows and bulk operations are purged only by functions that are granted it", () => {
  const purging = definitions.filter(({ name }) => callsOf(name).some((call) => call.endsWith(".purge")));
  expect(purging.map(({ name }) => name)).toEqual(
    definitions.filter(({ purges }) => purges === true).map(({ name }) => name),
  );
});
