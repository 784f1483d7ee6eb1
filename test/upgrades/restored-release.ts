import { createHash } from "node:crypto";
import { CreateScheduleCommand, SchedulerClient } from "@aws-sdk/client-scheduler";
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
  UpdateStateMachineCommand,
} from "@aws-sdk/client-sfn";
import type { JsonObject } from "../../shared/model/json/json.ts";
import { eventually } from "../harness/clients/client.ts";
import { stackTime } from "../harness/clients/flow-client.ts";
import { lambdaArn } from "../harness/definitions.ts";
import { sdkConfig } from "../harness/ledger/stored-items.ts";
import type { TestStack } from "../harness/stack/test-stack.ts";
import { RawTable, textOf } from "./raw-table.ts";
import { type RawItem, type Release, recordedAt, type Standing } from "./release.ts";

const ACCOUNT = "000000000000";
const ROLE = `arn:aws:iam::${ACCOUNT}:role/sluice-machine`;
const machineArn = (name: string) => `arn:aws:states:us-east-1:${ACCOUNT}:stateMachine:${name}`;
const isFlows = (name: string) => name.startsWith("sluice-demo-");

/** A token's name in the keys of release 0.1.0, written out, since the current code is under test. */
const tokenHash = (token: string): string =>
  createHash("sha256")
    .update(JSON.stringify([token]))
    .digest("hex")
    .slice(0, 16);

/**
 * A stack of the current release with everything that an earlier one has left: machines, table and executions in progress, all
 * put there past the API. An execution is started again at the state of the recorded one. Then its run's items are replaced
 * with the old ones, except for its token, which is Step Functions' own.
 */
export class RestoredRelease {
  readonly release: Release;
  readonly table: RawTable;
  readonly #stack: TestStack;
  readonly #states: SFNClient;

  static async on(stack: TestStack, release: Release): Promise<RestoredRelease> {
    const now = await stackTime(stack.admin);
    const restored = new RestoredRelease(stack, recordedAt(release, now));
    await restored.#makeMachines();
    return restored;
  }

  private constructor(stack: TestStack, release: Release) {
    this.release = release;
    this.#stack = stack;
    this.table = new RawTable(stack.url);
    this.#states = new SFNClient(sdkConfig(stack.url, "states"));
  }

  close(): void {
    this.table.close();
    this.#states.destroy();
  }

  run(role: string): string {
    return this.#role(role).runId;
  }
  /** The recorded run with this text in its payload. */
  runWith(text: string): string {
    const payload = this.release.items.find((item) => textOf(item, "payload").includes(text));
    if (payload === undefined) throw new Error(`No run was dispatched with ${text}`);
    return textOf(payload, "PK").split("#R#")[1] ?? "";
  }
  #role(role: string): Standing {
    const found = this.release.standing.find((one) => one.role === role);
    if (found === undefined) throw new Error(`${this.release.name} has no run that is ${role}`);
    return found;
  }

  /** The table as it was recorded, and every execution in its recorded state. */
  async restore(): Promise<void> {
    await this.table.put(this.release.items);
    await this.#makeSchedules();
    for (const standing of this.release.standing) await this.#stand(standing);
    for (const { machine } of this.release.standing) await this.#update(machine, this.#text(machine));
  }

  /** A deployment updates Sluice's own machines, so they already have the current text. */
  async #makeMachines(): Promise<void> {
    for (const [name, text] of Object.entries(this.release.machines)) {
      if (!isFlows(name)) continue;
      const definition = JSON.stringify(text);
      await this.#states.send(
        new CreateStateMachineCommand({ name, definition, roleArn: ROLE, publish: true }),
      );
    }
  }

  #text(machine: string): JsonObject {
    return this.release.machines[machine] ?? {};
  }
  async #update(machine: string, text: JsonObject, publish = false): Promise<string> {
    const stateMachineArn = machineArn(machine);
    const definition = JSON.stringify(text);
    const answer = await this.#states.send(
      new UpdateStateMachineCommand({ stateMachineArn, definition, publish }),
    );
    return answer.stateMachineVersionArn ?? stateMachineArn;
  }

  async executionStatus(role: string): Promise<string | undefined> {
    const { machine, runId } = this.#role(role);
    const executionArn = `${machineArn(machine).replace(":stateMachine:", ":execution:")}:${runId}.1`;
    return (await this.#states.send(new DescribeExecutionCommand({ executionArn }))).status;
  }
  async succeed(taskToken: string | undefined, output: JsonObject): Promise<void> {
    await this.#states.send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(output) }));
  }

  /** Executions of Sluice's own loops continue with the text with which they were started. */
  async startOldLoop(machine: string, state: JsonObject, name: string): Promise<void> {
    const own = await this.#update(machine, this.#text(machine), true);
    await this.#states.send(
      new StartExecutionCommand({ stateMachineArn: own, name, input: JSON.stringify(state) }),
    );
  }

  /** The end of every hold, as the release's own pause requested it. */
  async #makeSchedules(): Promise<void> {
    const scheduler = new SchedulerClient(sdkConfig(this.#stack.url, "scheduler"));
    try {
      for (const item of this.release.items.filter((one) => textOf(one, "SK") === "FLOW")) {
        const hold = item["holds"]?.M?.["manual"]?.M ?? {};
        if (hold["id"]?.S === undefined) continue;
        const [workspace, flowId, incarnation] = ["workspace", "flowId", "incarnation"].map((name) =>
          textOf(item, name),
        );
        const event = { workspace, flowId, incarnation, kind: "manual", holdId: hold["id"].S, tries: 0 };
        const at = new Date(Math.ceil(Date.parse(hold["resumeAt"]?.S ?? "") / 1000) * 1000).toISOString();
        await scheduler.send(
          new CreateScheduleCommand({
            GroupName: "sluice",
            Name: `hold-${hold["id"].S}`,
            ScheduleExpression: `at(${at.slice(0, 19)})`,
            FlexibleTimeWindow: { Mode: "OFF" },
            ActionAfterCompletion: "DELETE",
            Target: {
              Arn: lambdaArn("sluice-auto-resume"),
              RoleArn: `arn:aws:iam::${ACCOUNT}:role/sluice-scheduler`,
              Input: JSON.stringify(event),
            },
          }),
        );
      }
    } finally {
      scheduler.destroy();
    }
  }

  async #stand(standing: Standing): Promise<void> {
    const { runId, machine, state, input } = standing;
    const old = this.release.items.filter((item) => this.#isOf(item, runId));
    const tokens = old.filter((item) => tokenOf(item) !== undefined);
    const parks = tokens.filter(isPark);
    // A gate that leads to the park must find the state of that time.
    if (parks.length > 0)
      await this.table.put(old.filter((item) => textOf(item, "SK") === "RUN").map(paused));
    if (state === "slow") this.#stack.functions.block(state);
    const called = this.#stack.functions.calls().length;
    const version = await this.#update(machine, entering(this.#text(machine), state), true);
    await this.#states.send(
      new StartExecutionCommand({
        stateMachineArn: version,
        name: `${runId}.1`,
        input: JSON.stringify(input),
      }),
    );
    const partitions = old.map((item) => textOf(item, "PK"));
    const own = async () => (await this.table.within(partitions)).filter((item) => this.#isOf(item, runId));
    const live = await eventually(async () => {
      const items = (await own()).filter((item) => isNew(item, old));
      const found = items.filter((item) => tokenOf(item) !== undefined);
      return found.length >= tokens.length ? found : undefined;
    });
    if (state === "slow" || state === "Ask")
      await eventually(() => this.#stack.functions.calls().length > called || undefined);
    await this.table.delete((await own()).filter((item) => isNew(item, old)));
    await this.table.delete(tokens);
    await this.table.put(old.map((item) => withToken(item, live)));
  }

  #isOf(item: RawItem, runId: string): boolean {
    return textOf(item, "PK").endsWith(`#R#${runId}`) || (isPark(item) && textOf(item, "runId") === runId);
  }
}

/** The same text, starting at another of its states. The transitions to all others stay. */
const entering = (text: JsonObject, state: string): JsonObject => {
  const Choices = [{ Condition: "{% false %}", Next: text["StartAt"] ?? "" }];
  const Restored = { Type: "Choice", QueryLanguage: "JSONata", Choices, Default: state };
  return { ...text, StartAt: "Restored", States: { ...(text["States"] as JsonObject), Restored } };
};

const isPark = (item: RawItem): boolean => item["holder"] !== undefined && item["token"] !== undefined;
/** The token in the item, unless it has already been sent. */
const tokenOf = (item: RawItem): string | undefined => {
  const { token, answer, intent } = item["human"]?.M ?? {};
  return item["token"]?.S ?? (answer === undefined || intent !== undefined ? token?.S : undefined);
};
const isNew = (item: RawItem, old: readonly RawItem[]): boolean =>
  !old.some((one) => textOf(one, "PK") === textOf(item, "PK") && textOf(one, "SK") === textOf(item, "SK"));

const paused = (run: RawItem): RawItem => ({
  ...run,
  status: { S: "paused" },
  pausedBy: { M: { kind: { S: "user" }, id: { S: "operator" }, at: run["updatedAt"] ?? { S: "" } } },
});

/** The old item with the current token of the same place, from which a park's key is made. */
const withToken = (old: RawItem, live: readonly RawItem[]): RawItem => {
  if (tokenOf(old) === undefined) return old;
  const same = live.find((item) => textOf(item, "path") === textOf(old, "path"));
  const token = same && tokenOf(same);
  if (token === undefined) throw new Error(`No token waits at ${JSON.stringify(old)}`);
  if (!isPark(old)) return { ...old, human: { M: { ...old["human"]?.M, token: { S: token } } } };
  const SK = textOf(old, "SK").replace(/#[0-9a-f]{16}$/, `#${tokenHash(token)}`);
  return { ...old, SK: { S: SK }, token: { S: token } };
};
