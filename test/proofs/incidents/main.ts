import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { forEachConcurrent } from "../../../shared/domain/concurrency.ts";
import type { JsonObject } from "../../../shared/model/json/json.ts";
import type { Incident } from "../../../shared/model/schemas/incident.ts";
import { type Client, clientFor, eventually } from "../../harness/clients/client.ts";
import { chain, lambdaArn, task } from "../../harness/definitions.ts";
import { publishAs } from "../../harness/stack/flow-kinds.ts";
import { type StackProcess, startStackProcess } from "../../harness/stack/stack-process.ts";

/**
 * Plays an incident over 200 flows, of which every fifth calls what is down, at the top level, in a Parallel, in a Map and in attached flows:
 * `npm run incidents`. The stack is killed while its holds are placed and while they are lifted, and a flow is published in between. Afterwards
 * nothing is held, and every run has completed.
 */
const FLOWS = Number(process.argv[2] ?? 200);
const EVERY = 5;
const CONCURRENT = { concurrency: 6 };

const invoking = (FunctionName: string): JsonObject => ({
  ...{
    Type: "Task",
    Resource: "arn:aws:states:::lambda:invoke",
    Parameters: { FunctionName, "Payload.$": "$" },
  },
  ...{ ResultPath: null },
});
const inParallel = (branches: readonly JsonObject[]): JsonObject => ({
  ...{ Type: "Parallel", Branches: [...branches], ResultPath: null },
});
const inMap = (processor: JsonObject): JsonObject => ({
  ...{ Type: "Map", ItemsPath: "$.items", ItemProcessor: processor, ResultPath: null },
});
/** What calls it, each with the steps that are held. */
const SHAPES: readonly {
  readonly definition: JsonObject;
  readonly steps: string;
  readonly kind: "managed" | "attached";
}[] = [
  { kind: "managed", steps: "Charge", definition: chain({ mail: task("mail"), Charge: invoking("pay") }) },
  {
    ...{ kind: "managed", steps: "Refund" },
    definition: chain({
      Fan: inParallel([chain({ Refund: invoking(lambdaArn("pay")) }), chain({ Write: task("mail") })]),
    }),
  },
  { kind: "managed", steps: "Book", definition: chain({ Each: inMap(chain({ Book: task("pay") })) }) },
  {
    ...{ kind: "attached", steps: "Charge,Book" },
    definition: chain({ Charge: invoking("pay"), Each: inMap(chain({ Book: task("pay") })) }),
  },
];
const OTHER = chain({ mail: task("mail"), Fan: inParallel([chain({ Write: invoking("mail") })]) });

const name = (at: number): string => `f-${String(at).padStart(4, "0")}`;
const shapeOf = (at: number) => (at % EVERY === 0 ? SHAPES[(at / EVERY) % SHAPES.length] : undefined);
const CALLING = Array.from({ length: FLOWS }, (_, at) => at).filter((at) => shapeOf(at) !== undefined);

const wrong: string[] = [];
const expectSame = (what: string, found: unknown, wanted: unknown): void => {
  if (JSON.stringify(found) === JSON.stringify(wanted)) console.log(`${what}: ${JSON.stringify(wanted)}`);
  else wrong.push(`${what}: ${JSON.stringify(found)} instead of ${JSON.stringify(wanted)}`);
};

/** The flows that an incident holds, with the steps. */
const held = async (admin: Client): Promise<string[]> =>
  (await admin.flows())
    .flatMap(({ flowId, holds }) =>
      holds
        .filter(({ incidentId }) => incidentId !== undefined)
        .map(({ steps }) => `${flowId} ${steps?.join()}`),
    )
    .sort();

/** Kills the stack as soon as so many flows are as they should be, and starts it again. */
const killedAt = async (ready: () => Promise<boolean>, stack: StackProcess): Promise<void> => {
  await eventually(async () => (await ready()) || undefined, 300);
  await stack.kill();
};

/** Moves the clock until the incident has nothing left to do. */
const settled = (admin: Client, incidentId: string): Promise<Incident> =>
  eventually(async () => {
    const incident = await admin.api.getIncident({ incidentId });
    if (incident.progress === undefined) return incident;
    await admin.advance("PT1M");
    return undefined;
  }, 600);

const folder = mkdtempSync(join(tmpdir(), "sluice-incidents-"));
for (const one of ["pay", "mail"])
  writeFileSync(join(folder, `${one}.mjs`), "export const handler = async (event) => event;\n");
const args = ["--port", "0", "--data", join(folder, "data"), "--functions", folder];
let stack = await startStackProcess(...args);
try {
  let admin = await clientFor(stack.url, "admin");
  const again = async (): Promise<void> => {
    stack = await startStackProcess(...args);
    admin = await clientFor(stack.url, "admin");
  };
  await forEachConcurrent(
    Array.from({ length: FLOWS }, (_, at) => at),
    CONCURRENT,
    async (at) => {
      const { kind, definition } = shapeOf(at) ?? { kind: "managed" as const, definition: OTHER };
      await publishAs(kind, { admin, url: stack.url }, name(at), definition);
    },
  );

  const body = { title: "Payments are down", resources: ["pay"], note: "See their status page" };
  const opening = admin.api.openIncident({ body, idempotencyKey: "once" }).catch(() => undefined);
  await killedAt(async () => (await held(admin)).length >= Math.ceil(CALLING.length / 4), stack);
  await opening;
  await again();
  console.log(`Killed with ${(await held(admin)).length} flows held`);
  await publishAs("managed", { admin, url: stack.url }, "late", SHAPES[0]?.definition ?? {});
  const { incidentId } = await admin.api.openIncident({ body, idempotencyKey: "once" });
  await settled(admin, incidentId);
  await admin.advance("PT6M");
  const wanted = [...CALLING.map((at) => `${name(at)} ${shapeOf(at)?.steps}`), "late Charge"];
  const open = await settled(admin, incidentId);
  expectSame("flows held", await held(admin), wanted.sort());
  expectSame("states of its holds", [...new Set(open.holds.map(({ state }) => state))], ["held"]);

  const some = [
    ...CALLING.filter((at) => shapeOf(at)?.kind === "managed")
      .slice(0, 12)
      .map(name),
    "late",
  ];
  const runs = await Promise.all(some.map((flowId) => admin.dispatch(flowId, { items: [1, 2] })));
  await admin.advance("PT1S");

  const resolving = admin.api
    .resolveIncident({ incidentId, body: { note: "They answer" } })
    .catch(() => undefined);
  await killedAt(async () => (await held(admin)).length <= Math.floor((wanted.length * 3) / 4), stack);
  await resolving;
  await again();
  console.log(`Killed with ${(await held(admin)).length} flows still held`);
  await admin.api.resolveIncident({ incidentId }).catch(() => undefined);
  await settled(admin, incidentId);
  await admin.advance("PT3M");
  const over = await settled(admin, incidentId);
  expectSame("flows held afterwards", await held(admin), []);
  expectSame("status", over.status, "resolved");
  expectSame("states of its holds", [...new Set(over.holds.map(({ state }) => state))], ["lifted"]);
  const late = await admin.api.publishFlow({
    flowId: "later",
    body: { definition: SHAPES[0]?.definition ?? {} },
  });
  expectSame("holds of a flow published afterwards", late.flow.holds, []);
  for (const { runId } of runs) await admin.untilStatus(runId, "completed", 120);
  console.log(`${runs.length} runs that stood at its holds have completed`);
} finally {
  await stack.kill();
  rmSync(folder, { recursive: true, force: true });
}
for (const text of wrong) console.log(`WRONG: ${text}`);
process.exitCode = wrong.length === 0 ? 0 : 1;
