import { fill } from "../../../shared/asl/source/substitutions.ts";
import { compileTemplate } from "../../../shared/asl/template.ts";
import { contentHash, nativeRunId } from "../../../shared/model/ids.ts";
import type { JsonObject } from "../../../shared/model/json/json.ts";
import type { Attachment } from "../../../shared/store/flows/flow-item.ts";
import { Team, type TeamMachine } from "../../harness/stack/team-machine.ts";
import type { Item } from "../harness/ledger/ledger.ts";

type Values = Readonly<Record<string, string>>;

/** A team's own state machine with the definition of a schedule's flow, and the template that may deploy it. */
export class TeamSide {
  readonly #team: Team;
  readonly #flowId: string;
  #machine: TeamMachine | undefined;
  #original = "";
  #definition: JsonObject = {};
  #registered: { readonly text: string; readonly values: Values } | undefined;
  /** The team has deployed a text of its own since the machine was created. */
  #deployed = false;

  constructor(url: string, flowId: string) {
    this.#team = new Team(url);
    this.#flowId = flowId;
  }

  async create(definition: JsonObject): Promise<void> {
    this.#original = JSON.stringify(definition, null, 1);
    this.#definition = definition;
    this.#machine = await this.#team.create(this.#flowId, this.#original);
  }

  close(): void {
    this.#team.client.destroy();
  }

  get arn(): string {
    return this.#mine.arn;
  }

  /** The definition in the team's template, which changes with each version. */
  template(version: number): string {
    return JSON.stringify({ ...this.#definition, Comment: `Version ${version} of the template` });
  }

  get #mine(): TeamMachine {
    if (this.#machine === undefined) throw new Error("The team has no machine");
    return this.#machine;
  }

  /** Starts an execution, and returns the id of the run that its first gate begins. */
  async start(name: string): Promise<string> {
    const arn = await this.#mine.start({}, name);
    const { startDate } = await this.#mine.execution(arn);
    return nativeRunId(arn, new Date(startDate ?? 0).toISOString());
  }

  /** Keeps the values of a registration. The next deployment fills the text's placeholders with them. */
  registered(text: string, values: Values): void {
    this.#registered = { text, values };
  }

  /** Deploys the text that was registered last, if there is one. */
  async deploy(): Promise<void> {
    if (this.#registered === undefined) return;
    const { text, values } = this.#registered;
    const compiled = compileTemplate({ text, flowId: this.#flowId });
    if (!compiled.ok) throw new Error(JSON.stringify(compiled.errors));
    this.#deployed = true;
    await this.#mine.overwrite(fill(compiled.text, values).text);
  }

  /** Describes how the machine's text differs from what the flow has written, or from the original; nothing once the team has deployed. */
  async differences(flow: Item | undefined): Promise<string[]> {
    if (this.#deployed) return [];
    const text = await this.#mine.text();
    const attachment = flow?.["attachment"] as Attachment | undefined;
    if (attachment === undefined)
      return text === this.#original ? [] : ["the machine of a flow that is not attached has other text"];
    const { writing, detaching, text: written } = attachment;
    if (writing !== undefined || detaching === true) return ["an attach or detach is unfinished"];
    return written?.hash === contentHash(JSON.parse(text))
      ? []
      : ["the machine of an attached flow has other text"];
  }
}
