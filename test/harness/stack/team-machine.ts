import {
  CreateStateMachineAliasCommand,
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  type DescribeExecutionOutput,
  DescribeStateMachineAliasCommand,
  DescribeStateMachineCommand,
  GetExecutionHistoryCommand,
  PublishStateMachineVersionCommand,
  SFNClient,
  StartExecutionCommand,
  UpdateStateMachineAliasCommand,
  UpdateStateMachineCommand,
} from "@aws-sdk/client-sfn";
import type { Json, JsonObject } from "../../../shared/model/json/json.ts";
import type { Run } from "../../../shared/model/schemas/run.ts";
import { type Client, eventually } from "../clients/client.ts";

/** Step Functions as a team that does not know Sluice uses it: an unmodified SDK, pointed at the local stack. */
export class Team {
  readonly client: SFNClient;
  readonly #role: string;

  constructor(url: string, role = "team") {
    this.client = new SFNClient({
      endpoint: `${url}/aws/states`,
      region: "us-east-1",
      credentials: { accessKeyId: "team", secretAccessKey: "team" },
    });
    this.#role = `arn:aws:iam::000000000000:role/${role}`;
  }

  get roleArn(): string {
    return this.#role;
  }

  /** The machine of that name, which exists. */
  machine(name: string): TeamMachine {
    return new TeamMachine(this.client, `arn:aws:states:us-east-1:000000000000:stateMachine:${name}`);
  }

  async create(
    name: string,
    definition: JsonObject | string,
    tags: Readonly<Record<string, string>> = {},
  ): Promise<TeamMachine> {
    const text = typeof definition === "string" ? definition : JSON.stringify(definition);
    const { stateMachineArn = "" } = await this.client.send(
      new CreateStateMachineCommand({
        ...{ name, definition: text, roleArn: this.#role },
        tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
      }),
    );
    return new TeamMachine(this.client, stateMachineArn);
  }
}

/** A state machine of such a team. */
export class TeamMachine {
  readonly arn: string;
  readonly #client: SFNClient;

  constructor(client: SFNClient, arn: string) {
    this.#client = client;
    this.arn = arn;
  }

  async text(): Promise<string> {
    const found = await this.#client.send(new DescribeStateMachineCommand({ stateMachineArn: this.arn }));
    return found.definition ?? "";
  }

  /** Publishes the machine's definition as a version, and returns an alias of it. */
  async alias(name: string): Promise<TeamMachine> {
    const version = await this.#client.send(
      new PublishStateMachineVersionCommand({ stateMachineArn: this.arn }),
    );
    const routingConfiguration = [{ stateMachineVersionArn: version.stateMachineVersionArn, weight: 100 }];
    const made = await this.#client.send(new CreateStateMachineAliasCommand({ name, routingConfiguration }));
    return new TeamMachine(this.#client, made.stateMachineAliasArn ?? "");
  }

  /** An alias or a version of the machine, which exists. */
  qualified(name: string): TeamMachine {
    return new TeamMachine(this.#client, `${this.arn}:${name}`);
  }

  /** The versions to which this alias leads. */
  async routes(): Promise<string[]> {
    const request = { stateMachineAliasArn: this.arn };
    const { routingConfiguration = [] } = await this.#client.send(
      new DescribeStateMachineAliasCommand(request),
    );
    return routingConfiguration.map(({ stateMachineVersionArn = "" }) => stateMachineVersionArn);
  }

  async moveTo(stateMachineVersionArn: string): Promise<void> {
    const routingConfiguration = [{ stateMachineVersionArn, weight: 100 }];
    const request = { stateMachineAliasArn: this.arn, routingConfiguration };
    await this.#client.send(new UpdateStateMachineAliasCommand(request));
  }

  /** Encrypts the text with a key of the team's. */
  async encrypt(kmsKeyId: string): Promise<void> {
    const encryptionConfiguration = { type: "CUSTOMER_MANAGED_KMS_KEY", kmsKeyId } as const;
    const request = { stateMachineArn: this.arn, encryptionConfiguration };
    await this.#client.send(new UpdateStateMachineCommand(request));
  }

  async overwrite(definition: JsonObject | string): Promise<void> {
    const text = typeof definition === "string" ? definition : JSON.stringify(definition);
    await this.#client.send(new UpdateStateMachineCommand({ stateMachineArn: this.arn, definition: text }));
  }

  /** Starts an execution and returns its ARN. */
  async start(input: Json, name?: string): Promise<string> {
    const { executionArn = "" } = await this.#client.send(
      new StartExecutionCommand({
        stateMachineArn: this.arn,
        input: JSON.stringify(input),
        ...(name === undefined ? {} : { name }),
      }),
    );
    return executionArn;
  }

  execution(executionArn: string): Promise<DescribeExecutionOutput> {
    return this.#client.send(new DescribeExecutionCommand({ executionArn }));
  }

  /** Returns the names of the states that the execution has entered. */
  async entered(executionArn: string): Promise<string[]> {
    const { events = [] } = await this.#client.send(new GetExecutionHistoryCommand({ executionArn }));
    return events.flatMap(({ stateEnteredEventDetails: entry }) =>
      entry?.name === undefined ? [] : [entry.name],
    );
  }

  /** Waits until the execution has ended. */
  ended(executionArn: string): Promise<DescribeExecutionOutput> {
    return eventually(async () => {
      const found = await this.execution(executionArn);
      return found.status === "RUNNING" ? undefined : found;
    });
  }
}

/** Waits for the run of an execution. */
export const runOf = (client: Client, executionArn: string): Promise<Run> =>
  eventually(
    async () => {
      const { items } = await client.expect<{ items: Run[] }>([200], "GET", "/runs?limit=200");
      return items.find((run) => run.executionArn === executionArn);
    },
    15,
    () => `No run has the execution ${executionArn}`,
  );
