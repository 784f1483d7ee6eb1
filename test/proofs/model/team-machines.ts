import { randomUUID } from "node:crypto";
import { fill } from "../../../shared/asl/source/substitutions.ts";
import { compileTemplate } from "../../../shared/asl/template.ts";
import type { JsonObject } from "../../../shared/model/json/json.ts";
import type { Answer, Client } from "../../harness/clients/client.ts";
import { Team, type TeamMachine } from "../../harness/stack/team-machine.ts";
import { definitionOf, SHAPES } from "../harness/flow-shapes.ts";
import type { FlowKind } from "./state.ts";

interface Owned {
  readonly kind: FlowKind;
  readonly machine: TeamMachine;
}

/** State machines that teams own, in a workspace: some are attached, others are deployed by templates. */
export class TeamMachines {
  readonly #team: Team;
  readonly #workspace: string;
  readonly #owned = new Map<string, Owned>();
  #deployed = 0;

  constructor(url: string, workspace: string) {
    this.#team = new Team(url);
    this.#workspace = workspace;
  }

  close(): void {
    this.#team.client.destroy();
  }

  async create(flowId: string, kind: FlowKind, shape: string): Promise<void> {
    // Shrunk sequences play in the same workspace again, and a machine stays.
    const name = `${this.#workspace}-${flowId}-${randomUUID()}`;
    const machine = await this.#team.create(name, this.#definition(shape));
    this.#owned.set(flowId, { kind, machine });
  }

  /** Attaches the machine, or registers the template's next version, deploys it and binds the machine. */
  async deploy(admin: Client, flowId: string, shape: string): Promise<Answer> {
    const { kind, machine } = this.#of(flowId);
    const path = `/flows/${flowId}`;
    const bound = { stateMachineArn: machine.arn };
    if (kind === "attached") return admin.call("POST", `${path}/attach`, bound);
    const text = JSON.stringify(this.#definition(shape));
    const registered = await admin.call("POST", `${path}/register`, { definition: text });
    if (registered.status !== 200) return registered;
    const compiled = compileTemplate({ text, flowId });
    if (!compiled.ok) throw new Error(JSON.stringify(compiled.errors));
    await machine.overwrite(fill(compiled.text, registered.body["values"] as Record<string, string>).text);
    return admin.call("POST", `${path}/bind`, bound);
  }

  async start(flowId: string, input: JsonObject): Promise<void> {
    await this.#of(flowId).machine.start(input);
  }

  #of(flowId: string): Owned {
    const owned = this.#owned.get(flowId);
    if (owned === undefined) throw new Error(`The flow ${flowId} has no machine of a team`);
    return owned;
  }

  #definition(shape: string): JsonObject {
    this.#deployed += 1;
    const found = SHAPES[shape];
    if (found === undefined) throw new Error(`No shape ${shape}`);
    return definitionOf(found, `deployment ${this.#deployed}`);
  }
}
