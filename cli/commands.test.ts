import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Command } from "commander";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { PATHS, WITH_IF_MATCH } from "../shared/model/api/paths.ts";
import { EXIT } from "./failure.ts";
import { buildProgram } from "./program.ts";
import { runCommand } from "./run-command.ts";

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, unknown>>;
}
type Answer = readonly [status: number, body: object];

/** An API that answers each call in turn. The last answer serves all later calls. */
let answers: Answer[] = [];
const asked: Asked[] = [];
let server: Server;
let printed = "";
const connectToServer = () =>
  vi.stubEnv("SLUICE_URL", `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push({ method: request.method ?? "", path: request.url ?? "", headers: request.headers });
    const [status, body] = (answers.length > 1 ? answers.shift() : answers[0]) ?? [500, {}];
    request.resume().on("end", () => {
      response.writeHead(status, { "content-type": "application/json", "retry-after": "0" });
      response.end(status === 204 ? undefined : JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  connectToServer();
  vi.stubEnv("SLUICE_TOKEN", "token");
  vi.stubEnv("SLUICE_WORKSPACE", "demo");
});
afterAll(() => {
  vi.unstubAllEnvs();
  server.close();
});
beforeEach(() => {
  asked.length = 0;
  printed = "";
  // No pause between the attempts of a call.
  vi.spyOn(Math, "random").mockReturnValue(0);
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, "write").mockImplementation((text) => {
      printed += String(text);
      return true;
    });
});
afterEach(() => vi.restoreAllMocks());

const sluice = (line: string) => runCommand([...line.split(" "), "--json"]);

const at = "2026-03-01T12:00:00.000Z";
const run = (status: string) => ({
  ...{ runId: "r", flowId: "f", flowVersion: 1, status, rev: 3, createdAt: at, updatedAt: at },
  ...{ startedBy: "ann", allowedActions: [], payload: {} },
});
const flow = (status: string, draining: object | null = null) => ({
  ...{ flowId: "f", name: "f", description: "", status, rev: 3, version: 1, queued: 0, inFlight: 0 },
  ...{ holds: [], caps: {}, mode: "queue", draining, createdAt: at, updatedAt: at, resumeAt: at },
});
const bulk = (status: string, failed: number) => ({
  ...{
    bulkId: "b",
    action: "pause",
    status,
    matched: 3,
    succeeded: 3 - failed,
    skipped: 0,
    failed,
    rate: 10,
  },
  ...{ createdBy: "ann", createdAt: at, updatedAt: at },
});
const trigger = {
  ...{ triggerId: "t", schedule: "rate(1 day)", timezone: "UTC", payload: {}, whileHeld: "queue" },
  ...{ enabled: true, createdAt: at, updatedAt: at, updatedBy: "ann" },
};
const INCIDENT = {
  ...{ incidentId: "i", title: "Down", status: "open", mode: "queue", by: "ann", openedAt: at, resumeAt: at },
  holds: [{ flowId: "f", holdId: "h", state: "held", steps: ["Charge"], since: at }],
  timeline: [
    { at, event: "opened", by: "ann", text: "Down" },
    { at, event: "held", by: "ann", flowId: "f", holdId: "h", steps: ["Charge"] },
  ],
};
const list: Answer = [200, { items: [] }];

/** Each command with its arguments, and the answers that it needs to succeed. A command without an entry fails a test. */
const CALLING: Readonly<Record<string, readonly [args: string, ...answers: Answer[]]>> = {
  "flows list": ["", list],
  "flows get": ["f", [200, flow("active")]],
  "flows health": [
    "f",
    [
      200,
      {
        ...{ oldestParkedAt: at, oldestQueuedAt: null, queueGrowthPerMinute: 0, drain: null },
        ...{ failureRate: { minute: 0, hour: 1 }, overdue: 0 },
      },
    ],
  ],
  "flows versions": ["f", list],
  "flows audit": ["f", list],
  "flows publish": ["f package.json", [200, { flow: flow("active"), version: 1, warnings: [] }]],
  "flows register": [
    "f package.json",
    [200, { flow: flow("active"), version: 1, values: { SluiceVersion: "1" }, warnings: [] }],
  ],
  "flows activate": ["f 1", [200, flow("active")]],
  "flows pause": ["f", [200, flow("paused")]],
  "flows cancel-pause": ["f", [204, {}]],
  "flows resume": ["f", [200, flow("active")]],
  "flows caps": ["f --spend none", [200, flow("active")]],
  "flows slots": [
    "f",
    [200, { limit: 1, used: 1, paused: 1, waiting: 0, keys: [{ used: 1, paused: 1, waiting: 0 }] }],
  ],
  "flows triggers": ["f", [200, { items: [trigger] }]],
  "flows put-trigger": ["f t --schedule rate(1day)", [200, trigger]],
  "flows delete-trigger": ["f t", [204, {}]],
  "flows settings": ["f --when-unreachable fail", [200, flow("active")]],
  "flows delete": ["f --yes", [204, {}]],
  "runs list": ["", list],
  "runs get": ["r", [200, run("running")]],
  "runs steps": ["r", list],
  "runs logs": ["r s", [200, { attempts: [] }]],
  "runs audit": ["r", list],
  "runs dispatch": ["f --payload 1", [202, run("pending")]],
  "runs replay": ["r", [202, run("pending")]],
  "runs watch": ["r", [200, run("completed")], list],
  "runs pause": ["r", [200, run("paused")]],
  "runs resume": ["r", [200, run("running")]],
  "runs cancel": ["r", [200, run("cancelled")]],
  "runs complete": ["r s --decision approved", [200, { stepId: "s", name: "s" }]],
  "runs delete": ["r --yes", [204, {}]],
  adopt: [
    "arn:machine --flow f",
    [
      200,
      {
        report: {
          ...{ unsupported: [], warnings: [], missingGrants: [], versions: [], aliases: [] },
          transitionsPerRun: { before: 1, after: 3 },
        },
      },
    ],
  ],
  release: ["f", [200, flow("active")]],
  attention: ["", list],
  failures: ["", list],
  "bulk pause": ["--ids r --yes", [202, bulk("completed", 0)]],
  "bulk resume": ["--ids r --yes", [202, bulk("completed", 0)]],
  "bulk cancel": ["--ids r --yes", [202, bulk("completed", 0)]],
  "bulk delete": ["--ids r --yes", [202, bulk("completed", 0)]],
  "bulk replay": ["--ids r --yes", [202, bulk("completed", 0)]],
  "bulk list": ["", list],
  "bulk status": ["b", [200, bulk("completed", 0)]],
  "bulk results": ["b", list],
  "bulk stop": ["b", [200, bulk("stopped", 0)]],
  "incidents list": ["", list],
  "incidents show": ["i", [200, INCIDENT]],
  "incidents open": ["Down --resource pay", [201, INCIDENT]],
  "incidents note": ["i Found", [200, INCIDENT]],
  "incidents resolve": ["i --canary 2 --ramp 1", [200, INCIDENT]],
  "incidents export": ["i", [200, INCIDENT]],
  "views list": ["", list],
  "views get": ["v", [200, { viewId: "v", name: "v", owner: "ann", shared: false, filter: {} }]],
  "views save": [
    "v --status failed",
    [200, { viewId: "v", name: "v", owner: "ann", shared: false, filter: {} }],
  ],
  "views delete": ["v", [204, {}]],
  "members list": ["", list],
  "members get": ["ann", [200, { userId: "ann", role: "viewer", permissions: [], createdAt: at }]],
  "members set": [
    "ann --role viewer",
    [200, { userId: "ann", role: "viewer", permissions: [], createdAt: at }],
  ],
  "members remove": ["ann", [204, {}]],
  "settings get": ["", [200, { retentionDays: 30 }]],
  "settings set": ["--retention-days 30", [200, { retentionDays: 30 }]],
};
/** Commands that do more than call the API, or never call it. The tests of login, of the administrator's day and below cover them. */
const OTHERS = [
  "start",
  "login",
  "logout",
  "whoami",
  "use",
  "profiles",
  "compile",
  "doctor",
  "flows check",
  "flows deploy",
  "destroy-plan",
];

const leaves = (command: Command, path = ""): string[] =>
  command.commands.length === 0
    ? [path]
    : command.commands.flatMap((child) => leaves(child, `${path} ${child.name()}`.trim()));

test("the table has every command", () => {
  const names = leaves(buildProgram()).filter(
    (name) => !OTHERS.includes(name) && !OTHERS.includes(name.split(" ")[0] ?? ""),
  );
  expect(names.sort()).toEqual(Object.keys(CALLING).sort());
});

const OUTCOMES = [
  [400, EXIT.invalid],
  [401, EXIT.notSignedIn],
  [403, EXIT.forbidden],
  [404, EXIT.notFound],
  [409, EXIT.conflict],
  [412, EXIT.conflict],
  [413, EXIT.invalid],
  [422, EXIT.invalid],
  [429, EXIT.unavailable],
  [500, EXIT.unexpected],
  [503, EXIT.unavailable],
] as const;

describe.each(Object.entries(CALLING))("sluice %s", (name, [args, ...good]) => {
  const line = `${name} ${args}`.trim();

  test("exits with 0 on success", async () => {
    answers = [...good];
    expect(await sluice(line), printed).toBe(EXIT.ok);
    expect(asked.length).toBeGreaterThan(0);
  });

  test.each(OUTCOMES)("exits after the answer %i with %i", async (status, code) => {
    answers = [[status, { code: "no", detail: "No", status }]];
    expect(await sluice(line), printed).toBe(code);
    expect(JSON.parse(printed.split("\n")[0] ?? "")).toMatchObject({ code: "no", status });
  });

  test("exits with 2 for an unknown option", async () => {
    expect(await sluice(`${line} --nonsense`)).toBe(EXIT.invalid);
    expect(asked).toEqual([]);
  });

  test("sends If-Match with each call that supports it: the given rev, or any", async () => {
    for (const [given, sent] of [
      ["", "*"],
      [" --if-match 7", '"7"'],
    ] as const) {
      asked.length = 0;
      answers = [...good];
      const code = await sluice(line + given);
      const conditional = asked.filter(({ method, path }) => takesIfMatch(method, path));
      if (given !== "" && code === EXIT.invalid) expect(conditional).toEqual([]);
      else expect(conditional.map(({ headers }) => headers["if-match"])).toEqual(conditional.map(() => sent));
    }
  });
});

const patterns = WITH_IF_MATCH.map((id) => {
  const { method, path } = PATHS[id];
  return { method, path: new RegExp(`^${path.replaceAll(/\{\w+\}/g, "[^/]+")}$`) };
});
const takesIfMatch = (method: string, path: string): boolean =>
  patterns.some((one) => one.method === method && one.path.test(path));

describe("a command that follows to the end", () => {
  test.each([
    ["runs watch r", [run("completed")], EXIT.ok],
    ["runs watch r", [run("failed")], EXIT.endedBadly],
    ["runs watch r", [run("cancelled")], EXIT.endedBadly],
    ["flows resume f --watch", [flow("active"), flow("active")], EXIT.ok],
    // The first answer is that of the resume.
    [
      "flows resume f --watch",
      [flow("active", { remaining: 2 }), flow("active", { remaining: 1 }), flow("active")],
      EXIT.ok,
    ],
    [
      "flows resume f --watch",
      [flow("active", { remaining: 2 }), flow("active", { remaining: 1 }), flow("paused")],
      EXIT.endedBadly,
    ],
    ["flows resume f --watch", [flow("active", { remaining: 2 }), flow("paused_safety")], EXIT.endedBadly],
    ["flows resume f --watch", [flow("paused_safety"), flow("paused_safety")], EXIT.endedBadly],
    ["bulk pause --ids r --yes", [bulk("running", 0), bulk("completed", 0)], EXIT.ok],
    ["bulk pause --ids r --yes", [bulk("running", 0), bulk("completed", 1)], EXIT.endedBadly],
    ["bulk pause --ids r --yes", [bulk("running", 0), bulk("stopped", 0)], EXIT.endedBadly],
    ["bulk pause --ids r --yes", [bulk("running", 0), bulk("failed", 0)], EXIT.endedBadly],
    ["bulk status b --watch", [bulk("completed", 0)], EXIT.ok],
    ["bulk status b --watch", [bulk("completed", 2)], EXIT.endedBadly],
    ["bulk pause --ids r --yes --no-wait", [bulk("running", 0)], EXIT.ok],
    ["bulk status b", [bulk("completed", 2)], EXIT.ok],
  ] as const)("%s: %j exits with %i", async (line, bodies, code) => {
    answers = bodies.map((body) => [200, line.startsWith("runs") ? { ...body, items: [] } : body]);
    expect(await sluice(line), printed).toBe(code);
  });
});

describe("sluice compile", () => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-compile-"));
  afterAll(() => {
    connectToServer();
    rmSync(folder, { recursive: true, force: true });
  });
  const write = (name: string, text: string): string => {
    const file = join(folder, name);
    writeFileSync(file, text);
    return file;
  };
  const ORDERS = `{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "\${Charge}", "End": true}}}`;

  test("needs no service, and prints the same text each time", async () => {
    const file = write("orders.asl.json", ORDERS);
    vi.stubEnv("SLUICE_URL", "");
    const texts = [];
    for (let time = 0; time < 2; time++) {
      printed = "";
      expect(await runCommand(["compile", file, "--flow", "orders"]), printed).toBe(EXIT.ok);
      texts.push(printed);
    }
    expect(texts[0]).toBe(texts[1]);
    expect(JSON.parse(texts[0] ?? "").States).toHaveProperty("Sluice gate - A");
    expect(asked).toEqual([]);

    printed = "";
    const out = join(folder, "compiled.json");
    expect(await sluice(`compile ${file} --out ${out}`)).toBe(EXIT.ok);
    expect(readFileSync(out, "utf8")).toBe(texts[0]);
    expect(JSON.parse(printed)).toMatchObject({ flowId: "orders", placeholders: ["Charge"], warnings: [] });
  });

  test("names the state, the file and the line of an error", async () => {
    const file = write("wrong.json", ORDERS.replace('"End": true', '\n"Next": "B"'));
    expect(await sluice(`compile ${file}`)).toBe(EXIT.invalid);
    expect(printed).toContain(`${file}:2:9: States.A.Next: `);
    expect(await sluice(`compile ${write("Orders_1.json", ORDERS)}`)).toBe(EXIT.invalid);
    expect(printed).toContain("--flow <flowId>");
  });
});

test("options of the connection may stand before the command, and those after it count more", async () => {
  answers = [[200, { items: [] }]];
  await sluice("--workspace first runs list");
  await sluice("--workspace first runs list --workspace second");
  expect(asked.map(({ path }) => path.split("/")[3])).toEqual(["first", "second"]);
});

test("each error of an invalid request is shown once", async () => {
  const invalid = (...errors: { path: string; message: string }[]): Answer => [
    422,
    {
      ...{ type: "urn:sluice:problem:invalid_request", code: "invalid_request", title: "Invalid request" },
      detail: errors.map(({ path, message }) => `${path}: ${message}`).join("; "),
      errors,
    },
  ];
  const printedOf = async (answer: Answer) => {
    answers = [answer];
    printed = "";
    await runCommand(["runs", "list"]);
    return printed.trim().split("\n");
  };
  const [one, two] = [
    { path: "rate", message: "Too small" },
    { path: "reason", message: "Too long" },
  ] as const;
  expect(await printedOf(invalid(one))).toEqual(["sluice: invalid_request: rate: Too small"]);
  expect(await printedOf(invalid(one, two))).toEqual([
    "sluice: invalid_request: Invalid request",
    "  rate: Too small",
    "  reason: Too long",
  ]);
});

test("a payload is read from the file after @, and following a run begins with its id", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-payload-"));
  const file = join(folder, "order.json");
  writeFileSync(file, '{"order": "A-1"}');
  answers = [
    [202, run("pending")],
    [200, { ...run("completed"), allowedActions: [] }],
    [200, { items: [] }],
    [200, { ...run("completed"), allowedActions: [] }],
  ];
  try {
    await runCommand(["runs", "dispatch", "f", "--payload", `@${file}`, "--watch"]);
  } finally {
    rmSync(folder, { recursive: true });
  }
  expect(asked[0]).toMatchObject({ method: "POST", path: "/v1/workspaces/demo/flows/f/runs" });
  expect(printed).toContain("Following run r\n");
});
