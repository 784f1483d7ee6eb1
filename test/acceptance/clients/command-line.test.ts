import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FlowClient } from "../../harness/clients/flow-client.ts";
import { chain, task, tasks } from "../../harness/definitions.ts";
import { type CommandLine, commandLine } from "../../harness/stack/command-line.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";

/**
 * The administrator's day on the command line alone: find what did not finish and why, resume, delete, clean up, fix the flow.
 */
const FLOW = "orders";
/** Failed runs that are cleaned up. */
const CLEAN_UP = Number(process.env["SLUICE_CLEAN_UP"] ?? 25);

let stack: TestStack;
let cli: CommandLine;
const sluice = (...args: string[]) => cli.run(...args);
const file = (name: string, content: unknown): string => {
  const path = join(cli.folder, name);
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
};

beforeAll(async () => {
  stack = await testStack("charge", "ship");
  cli = commandLine();
});
afterAll(async () => {
  cli?.remove();
  await stack?.close();
});

describe("signing in", () => {
  it("is required, and stored without showing the token", async () => {
    const before = await sluice("runs", "list", "--json");
    expect(before).toMatchObject({ code: 3, json: { code: "not_signed_in" } });
    expect(before.stderr).toContain("sluice login");
    const { code, stdout, stderr } = await sluice("login", "--url", stack.url, "--user", "admin", "--json");
    expect(code).toBe(0);
    expect(stdout + stderr).not.toMatch(/ey[\w-]+\./);
    expect(await sluice("whoami", "--json")).toMatchObject({
      code: 0,
      json: { profile: "default", url: stack.url, workspace: "demo", user: "admin", role: "admin" },
    });
  });

  it("keeps several profiles; a machine has scopes and a viewer no control", async () => {
    const viewer = ["login", "--url", stack.url, "--user", "viewer", "--profile", "viewer"];
    const robot = [
      "login",
      "--url",
      stack.url,
      "--client",
      "robot",
      "--scopes",
      "runs:read",
      "--profile",
      "robot",
    ];
    const logins = await Promise.all([sluice(...viewer), sluice(...robot)]);
    expect(logins.map(({ code }) => code)).toEqual([0, 0]);
    const [as, list, refused, unauthorized] = await Promise.all([
      sluice("whoami", "--profile", "robot", "--json"),
      cli.runWith({ env: { SLUICE_PROFILE: "robot" } }, "runs", "list", "--json"),
      sluice("flows", "pause", FLOW, "--profile", "viewer", "--json"),
      cli.runWith({ env: { SLUICE_TOKEN: "not-a-token" } }, "runs", "list", "--json"),
    ]);
    expect(as.json).toMatchObject({ client: "robot", scopes: ["runs:read"] });
    expect(list).toMatchObject({ code: 0, json: { items: [] } });
    expect(refused).toMatchObject({ code: 4, json: { code: "forbidden", status: 403 } });
    expect(unauthorized).toMatchObject({ code: 3, json: { code: "unauthorized" } });
  });

  it("is undone by logout", async () => {
    expect(await sluice("logout", "--profile", "robot")).toMatchObject({ code: 0 });
    expect(await sluice("whoami", "--profile", "robot")).toMatchObject({ code: 3, stdout: "" });
  });
});

describe("wrong calls", () => {
  it("exit with 2 for wrong usage, and with 8 for a missing service", async () => {
    const env = { SLUICE_URL: "http://127.0.0.1:1", SLUICE_TOKEN: "t", SLUICE_WORKSPACE: "demo" };
    const [unknown, nothing, badTime, dots, unreachable] = await Promise.all([
      sluice("runs", "lst"),
      sluice(),
      sluice("runs", "list", "--created-after", "yesterday", "--json"),
      sluice("runs", "delete", "..", "--yes"),
      cli.runWith({ env }, "runs", "cancel", "x", "--json"),
    ]);
    expect(unknown).toMatchObject({ code: 2, stdout: "" });
    expect(unknown.stderr).toContain("unknown command 'lst'");
    expect(nothing).toMatchObject({ code: 2, stdout: "" });
    expect(badTime).toMatchObject({ code: 2, json: { code: "invalid_usage" } });
    expect(dots.code).toBe(2);
    expect(unreachable).toMatchObject({ code: 8, json: { code: "unreachable" } });
  });
});

describe("a flow", () => {
  it("is published from a file, with the position of each error", async () => {
    const broken = chain({ Charge: task("charge"), Ship: { Type: "Task", Resource: 7 } });
    const path = file("broken.asl.json", JSON.stringify(broken, null, 2));
    const refused = await sluice("flows", "publish", FLOW, path);
    expect(refused).toMatchObject({ code: 2, stdout: "" });
    expect(refused.stderr).toMatch(/^sluice: invalid_definition: /);
    expect(refused.stderr).toContain(`\n  ${path}:11:19: States.Ship.Resource: `);
    expect(await sluice("flows", "publish", FLOW, file("cut.asl.json", '{"StartAt"'))).toMatchObject({
      code: 2,
    });
    const published = await sluice(
      "flows",
      "publish",
      FLOW,
      file("good.asl.json", tasks("charge", "ship")),
      "--json",
    );
    expect(published).toMatchObject({
      code: 0,
      json: { version: 1, flow: { flowId: FLOW, status: "active" } },
    });
  });

  it("is published from a YAML file named after it, with values for its placeholders", async () => {
    const yaml = file(
      "named-by-file.asl.yaml",
      "StartAt: Charge\nStates:\n  Charge:\n    Type: Task\n    Resource: ${Function}\n    TimeoutSeconds: ${Seconds}\n    End: true\n",
    );
    const open = await sluice("flows", "publish", yaml, "--set", "Seconds=9");
    expect(open).toMatchObject({ code: 2, stdout: "" });
    expect(open.stderr).toContain(`\n  ${yaml}:5:15: States.Charge.Resource: \${Function} has no value.`);
    expect(open.stderr).toContain("--set Function=");
    const set = [
      "--set",
      "Seconds=9",
      "--set",
      "Function=arn:aws:lambda:us-east-1:123456789012:function:charge",
    ];
    expect(await sluice("flows", "publish", yaml, ...set, "--json")).toMatchObject({
      code: 0,
      json: { version: 1, flow: { flowId: "named-by-file" } },
    });
    const { json } = await sluice("flows", "get", "named-by-file", "--version", "1", "--json");
    expect(json).toMatchObject({ definition: { States: { Charge: { TimeoutSeconds: 9 } } } });
    expect(await sluice("flows", "delete", "named-by-file", "--yes")).toMatchObject({ code: 0 });
  });

  it("is published from a SAM template with the template's own values", async () => {
    file(
      "sam.asl.json",
      '{"StartAt": "Charge",\n "States": {"Charge": {\n  "Type": "Task",\n  "Resource": "${ChargeArn}",\n  "TimeoutSeconds": ${Seconds},\n  "End": true}}}',
    );
    const template = file(
      "template.yaml",
      `Transform: AWS::Serverless-2016-10-31
Resources:
  Orders:
    Type: AWS::Serverless::StateMachine
    Properties:
      DefinitionUri: sam.asl.json
      DefinitionSubstitutions:
        Seconds: 9
        ChargeArn: !GetAtt Charge.Arn
`,
    );
    const open = await sluice("flows", "publish", "by-template", "--template", template);
    expect(open.code).toBe(2);
    expect(open.stderr).toContain(`${join(cli.folder, "sam.asl.json")}:4:16: States.Charge.Resource: `);
    expect(open.stderr).toContain(`--set ChargeArn=…  (${template}:9:20: !GetAtt Charge.Arn)`);
    const set = ["--set", "ChargeArn=arn:aws:lambda:us-east-1:123456789012:function:charge"];
    const published = await sluice(
      "flows",
      "publish",
      "by-template",
      "--template",
      template,
      ...set,
      "--json",
    );
    expect(published).toMatchObject({ code: 0, json: { version: 1 } });
    expect(await sluice("flows", "delete", "by-template", "--yes")).toMatchObject({ code: 0 });
  });

  it("is paused until a time, and its queued records start at the resume", async () => {
    const paused = await sluice("flows", "pause", FLOW, "--for", "P3D", "--reason", "price list", "--json");
    expect(paused.json).toMatchObject({
      status: "paused",
      holds: [{ kind: "manual", reason: "price list" }],
    });
    const ahead = Date.parse(paused.json.resumeAt) - Date.now();
    expect(Math.abs(ahead - 3 * 86_400_000)).toBeLessThan(60_000);
    expect(await sluice("flows", "pause", FLOW)).toMatchObject({ code: 6 });
    const queued = await cli.runWith(
      { stdin: '{"n": 0}' },
      "runs",
      "dispatch",
      FLOW,
      "--payload-file",
      "-",
      "--json",
    );
    expect(queued).toMatchObject({ code: 0, json: { status: "pending", queued: true, payload: { n: 0 } } });
    const resumed = await sluice("flows", "resume", FLOW, "--watch", "--json");
    expect(resumed).toMatchObject({ code: 0, json: { status: "active", queued: 0, draining: null } });
    expect(await sluice("runs", "watch", queued.json.runId)).toMatchObject({ code: 0 });
  });
});

describe("the administrator's day", () => {
  let paused = "";
  let failed = "";

  it("lists paused and failed runs with their reasons", async () => {
    stack.functions.block("charge");
    paused = (await sluice("runs", "dispatch", FLOW, "--payload", '{"n": 1}', "--json")).json.runId;
    await stack.admin.untilStatus(paused, "running");
    const breakpoint = await sluice("runs", "pause", paused, "--before", "ship");
    expect(breakpoint.stdout).toBe(`Run ${paused} is running (at charge). It will be paused before ship.\n`);
    expect(await sluice("runs", "pause", paused, "--reason", "wrong price")).toMatchObject({ code: 0 });
    stack.functions.release("charge");
    await stack.admin.until(paused, ({ parkedAt }) => parkedAt !== undefined);
    stack.functions.fail("ship", "CarrierDown");
    const watched = await sluice("runs", "dispatch", FLOW, "--payload", '{"n": 2}', "--watch", "--json");
    expect(watched.code).toBe(7);
    const last = watched.lines.at(-1);
    failed = last.run.runId;
    expect(last).toMatchObject({ type: "run", run: { status: "failed", error: { error: "CarrierDown" } } });
    expect(watched.lines).toContainEqual(
      expect.objectContaining({
        type: "step",
        step: expect.objectContaining({ name: "charge", status: "completed" }),
      }),
    );
    const [text, json] = await Promise.all([
      sluice("attention"),
      sluice(
        "runs",
        "list",
        "--status",
        "paused,failed",
        "--flow",
        FLOW,
        "--created-after",
        "PT1H",
        "--json",
      ),
    ]);
    expect(text.code).toBe(0);
    expect(text.stdout).not.toContain("\u001b");
    expect(text.stdout).toMatch(
      new RegExp(
        `${paused} +orders +paused +.* resume cancel delete +paused by admin after charge, before ship: wrong price`,
      ),
    );
    expect(text.stdout).toMatch(
      new RegExp(`${failed} +orders +failed +.* replay delete +CarrierDown in ship: ship was told to fail`),
    );
    expect(json.json.items.map(({ runId }: { runId: string }) => runId)).toEqual([failed, paused]);
  });

  it("shows a run, its steps and its audit", async () => {
    const [run, steps, audit] = await Promise.all([
      sluice("runs", "get", failed),
      sluice("runs", "steps", failed),
      sluice("runs", "audit", paused),
    ]);
    expect(run.stdout).toMatch(/^why +CarrierDown in ship: ship was told to fail$/m);
    expect(steps.stdout).toMatch(/ship +Task +failed .*CarrierDown/);
    expect(audit.stdout).toMatch(/user admin +pause +running +paused +wrong price/);
  });

  it("resumes a paused run, unless it has changed since", async () => {
    stack.functions.mend("ship");
    const { rev } = (await sluice("runs", "get", paused, "--json")).json;
    const stale = await sluice("runs", "resume", paused, "--if-match", String(rev - 1), "--json");
    expect(stale).toMatchObject({ code: 6, json: { code: "state_changed", currentStatus: "paused", rev } });
    expect(stale.stderr).toContain("State changed; please refresh");
    const resumed = await sluice("runs", "resume", paused, "--steps", "2", "--if-match", String(rev));
    expect(resumed.stdout).toContain(" It will be paused after 2 more steps.");
    expect(await sluice("runs", "watch", paused)).toMatchObject({ code: 0 });
  });

  it("deletes a run after a confirmation", async () => {
    const flow = await sluice("flows", "delete", FLOW, "--yes", "--json");
    expect(flow).toMatchObject({ code: 6, json: { code: "flow_has_open_runs", counts: { failed: 1 } } });
    expect(flow.stderr).toContain(`sluice runs list --flow ${FLOW} --status failed`);
    expect(await sluice("runs", "delete", failed)).toMatchObject({ code: 2, stdout: "" });
    expect(await sluice("runs", "delete", failed, "--yes", "--json")).toMatchObject({
      code: 0,
      json: { runId: failed, deleted: true },
    });
    expect(await sluice("runs", "get", failed)).toMatchObject({ code: 5 });
  });

  it("saves a filter as a view", async () => {
    const filter = ["--status", "failed", "--flow", FLOW, "--error", "CarrierDown"];
    const saved = await sluice(
      "views",
      "save",
      "carrier",
      ...filter,
      "--shared",
      "--name",
      "Carrier",
      "--json",
    );
    expect(saved).toMatchObject({
      code: 0,
      json: {
        viewId: "carrier",
        shared: true,
        filter: { status: ["failed"], flowId: FLOW, error: "CarrierDown" },
      },
    });
    const [views, theirs] = await Promise.all([
      sluice("views", "list", "--profile", "viewer"),
      sluice("attention", "--view", "carrier", "--profile", "viewer", "--json"),
    ]);
    expect(views.stdout).toMatch(/^carrier +Carrier +admin +yes/m);
    expect(theirs).toMatchObject({ code: 0, json: { items: [] } });
  });

  it("deletes in bulk, with a count first, progress and a result for each run", async () => {
    stack.functions.fail("ship", "CarrierDown");
    const payloads = Array.from({ length: CLEAN_UP }, (_, n) => ({ n }));
    const flow = new FlowClient(stack.admin, FLOW);
    await flow.dispatchAll(payloads);
    await flow.untilCensus({ failed: CLEAN_UP, completed: 2 });
    const causes = await sluice("failures", "--flow", FLOW, "--since", "PT1H", "--json");
    const [{ failureId, ...cause }] = causes.json.items;
    expect(cause).toMatchObject({ error: "CarrierDown", state: "ship", count: CLEAN_UP, versions: [1] });
    const which = ["--failure", failureId, "--flow-version", "1"];
    const [everything, preview, unasked] = await Promise.all([
      sluice("bulk", "delete", "--yes"),
      sluice("bulk", "delete", ...which, "--dry-run", "--json"),
      sluice("bulk", "delete", ...which),
    ]);
    expect(everything.code).toBe(2);
    expect(preview).toMatchObject({ code: 0, json: { matched: CLEAN_UP } });
    expect(unasked).toMatchObject({ code: 2, stdout: "" });
    expect(unasked.stderr).toContain(`Delete ${CLEAN_UP} runs? This cannot be undone.`);
    const done = await sluice("bulk", "delete", ...which, "--reason", "accounted for", "--yes", "--json");
    expect(done).toMatchObject({
      code: 0,
      json: { status: "completed", matched: CLEAN_UP, succeeded: CLEAN_UP },
    });
    const progress = [...done.stderr.matchAll(/Bulk delete: (\d+) of \d+/g)].map((match) => Number(match[1]));
    expect(progress.at(-1)).toBe(CLEAN_UP);
    expect(progress.toSorted((a, b) => a - b)).toEqual(progress);
    const results = await sluice("bulk", "results", done.json.bulkId, "--all", "--json");
    expect(results.json.items).toHaveLength(CLEAN_UP);
    const ids = results.json.items.map(({ runId }: { runId: string }) => runId).join("\n");
    const [again, stopped] = await Promise.all([
      cli.runWith({ stdin: ids }, "bulk", "delete", "--ids-file", "-", "--yes", "--json"),
      sluice("bulk", "stop", done.json.bulkId, "--json"),
    ]);
    expect(again.json).toMatchObject({ matched: CLEAN_UP, succeeded: 0 });
    expect(stopped).toMatchObject({ code: 6, json: { code: "action_not_allowed" } });
  });

  it("publishes a fix and replays failed runs", async () => {
    stack.functions.fail("ship", "CarrierDown");
    const failing = await sluice("runs", "dispatch", FLOW, "--payload", '{"n": 3}', "--watch", "--json");
    expect(failing.code).toBe(7);
    const { runId } = failing.lines.at(-1).run;
    const ship = task("ship", { Catch: [{ ErrorEquals: ["CarrierDown"], Next: "Hold" }] });
    const mended = { ...chain({ charge: task("charge"), ship }) };
    const definition = {
      ...mended,
      States: { ...(mended["States"] as object), Hold: { Type: "Pass", End: true } },
    };
    const published = await sluice(
      "flows",
      "publish",
      FLOW,
      file("mended.asl.json", definition),
      "--draft",
      "--json",
    );
    expect(published).toMatchObject({ code: 0, json: { version: 2, flow: { version: 1 } } });
    expect(await sluice("flows", "activate", FLOW, "2")).toMatchObject({ code: 0 });
    const replayed = await sluice("runs", "replay", runId, "--watch", "--json");
    expect(replayed.code).toBe(0);
    expect(replayed.lines.at(-1)).toMatchObject({
      run: { status: "completed", replayOf: runId, flowVersion: 2 },
    });
    expect(await sluice("bulk", "delete", "--ids", runId, "--yes")).toMatchObject({ code: 0 });
    expect(await sluice("flows", "delete", FLOW, "--yes")).toMatchObject({ code: 0 });
    expect(await sluice("flows", "get", FLOW, "--json")).toMatchObject({
      code: 5,
      json: { code: "not_found" },
    });
  });
});
