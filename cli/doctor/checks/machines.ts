import { readFileSync } from "node:fs";
import {
  DescribeStateMachineCommand,
  paginateListStateMachines,
  type StateMachineListItem,
  ValidateStateMachineDefinitionCommand,
} from "@aws-sdk/client-sfn";
import { functions } from "../../../infra/functions.ts";
import { BULK_MACHINE, DRAIN_MACHINE } from "../../../shared/model/machines/loop-machine.ts";
import { parseMachineName } from "../../../shared/model/machines/machine-names.ts";
import { absentOn } from "../aws.ts";
import { arnIn, type Deployment, nameIn } from "../deployment.ts";
import { type Found, ok, problem, warning } from "../finding.ts";

/** Returns a state machine; undefined if it does not exist. */
const describe = ({ aws }: Deployment, stateMachineArn: string | undefined) =>
  aws.states
    .send(new DescribeStateMachineCommand({ stateMachineArn }))
    .catch(absentOn("StateMachineDoesNotExist"));

/** Whether the state machines of drains and bulk operations can be started. */
export const checkLoops = async (deployment: Deployment): Promise<Found[]> => {
  const found: Found[] = [];
  for (const machine of [DRAIN_MACHINE, BULK_MACHINE]) {
    const name = nameIn(deployment, machine);
    const stateMachineArn = arnIn(deployment, "states", `stateMachine:${name}`);
    const described = await describe(deployment, stateMachineArn);
    const { status } = described ?? { status: "missing" };
    if (status !== "ACTIVE" && status !== undefined)
      found.push(
        problem(`The state machine ${name} is ${status.toLowerCase()}`, "Deploy sluice-workflow again"),
      );
  }
  return found.length > 0 ? found : [ok("The state machines of drains and bulk operations exist")];
};

/**
 * The compiled texts of this release, which `infra/build/cli.ts` puts beside the program: one for every kind of state, gate and
 * handler that the compiler generates.
 */
export type GoldenTexts = Readonly<Record<string, unknown>>;
export const readGoldenTexts = (): GoldenTexts =>
  JSON.parse(readFileSync(new URL("./golden-texts.json", import.meta.url), "utf8")) as GoldenTexts;

/** The account of the local stack, on which the texts were written. */
const WRITTEN_FOR = /arn:aws:([a-z]+):us-east-1:000000000000:/g;

/** Whether Step Functions accepts what Sluice compiles. */
export const checkGoldenTexts =
  (read: () => GoldenTexts) =>
  async (deployment: Deployment): Promise<Found[]> => {
    const texts = Object.entries(read());
    const found: Found[] = [];
    for (const [name, text] of texts) {
      const definition = JSON.stringify(text).replaceAll(WRITTEN_FOR, (_all, service: string) =>
        arnIn(deployment, service, ""),
      );
      const refusal = await refusalOf(deployment, definition);
      if (refusal !== undefined)
        found.push(problem(`Step Functions refuses the compiled text ${name}: ${refusal}`, REPORT));
    }
    return found.length > 0 ? found : [ok(`Step Functions accepts all ${texts.length} compiled texts`)];
  };

const REPORT = "Do not publish flows with this release, and report this line";

/** Returns the first error of a definition; undefined if Step Functions accepts it. */
const refusalOf = async ({ aws }: Deployment, definition: string): Promise<string | undefined> => {
  const { result, diagnostics = [] } = await aws.states.send(
    new ValidateStateMachineDefinitionCommand({ definition, severity: "ERROR" }),
  );
  if (result !== "FAIL") return undefined;
  const [first] = diagnostics;
  return `${first?.message ?? "no reason given"}${first?.location === undefined ? "" : ` at ${first.location}`}`;
};

/** Maximum number of flows to read. More would take minutes. */
const MAX_MACHINES = 200;

export interface FlowMachine {
  readonly name: string;
  readonly workspace: string;
  readonly definition: string;
  readonly roleArn: string;
}

/** Returns the state machines of managed flows, at most 200. */
export const flowMachines = async (deployment: Deployment): Promise<FlowMachine[]> => {
  const machines: FlowMachine[] = [];
  for await (const { name = "", stateMachineArn } of listed(deployment)) {
    const workspace = parseMachineName(name, deployment.instance)?.workspace;
    if (workspace === undefined) continue;
    const described = await describe(deployment, stateMachineArn);
    // It may have been deleted in the meantime.
    if (described === undefined || described.status === "DELETING") continue;
    const { definition = "", roleArn = "" } = described;
    machines.push({ name, workspace, definition, roleArn });
    if (machines.length === MAX_MACHINES) break;
  }
  return machines;
};

async function* listed({ aws }: Deployment): AsyncGenerator<StateMachineListItem> {
  for await (const { stateMachines = [] } of paginateListStateMachines({ client: aws.states }, {}))
    yield* stateMachines;
}

/** Whether the state machines of flows still have Sluice's gates, and whether Step Functions accepts their texts. */
export const checkFlowMachines = async (deployment: Deployment): Promise<Found[]> => {
  const machines = await flowMachines(deployment);
  const gate = nameIn(deployment, functions.gate.name);
  // Texts of the release 0.1.0 have the ARN, later ones the name alone.
  const called = new RegExp(`[":]${gate}"`);
  const found: Found[] = [];
  for (const { name, definition } of machines) {
    if (!called.test(definition)) {
      found.push(
        problem(
          `The state machine ${name} does not call ${gate}: its definition was changed outside Sluice`,
          "Change the definition of its flow and publish it. Change the state machine only through Sluice",
        ),
      );
      continue;
    }
    const refusal = await refusalOf(deployment, definition);
    if (refusal !== undefined)
      found.push(
        problem(`Step Functions now refuses the definition of ${name}: ${refusal}`, "Publish its flow again"),
      );
  }
  if (machines.length === MAX_MACHINES)
    found.push(warning(`Only ${MAX_MACHINES} flows were checked`, "Check the others in Step Functions"));
  return found.some(({ verdict }) => verdict === "problem")
    ? found
    : [ok(`${machines.length} state machines of flows have their gates`), ...found];
};
