import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import {
  CreateStateMachineCommand,
  DeleteStateMachineCommand,
  SFNClient,
  UpdateStateMachineCommand,
} from "@aws-sdk/client-sfn";

/** A template's resource. */
interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DependsOn?: string | readonly string[];
}
export interface Template {
  readonly Parameters?: Readonly<Record<string, { readonly Default?: unknown }>>;
  readonly Resources: Readonly<Record<string, Resource>>;
}

/** A resource that exists, with the results of `Ref` and `Fn::GetAtt`. */
interface Existing {
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly ref: string;
  readonly attributes: Readonly<Record<string, string>>;
}

const [REGION, ACCOUNT] = ["us-east-1", "000000000000"];
const PSEUDO: Readonly<Record<string, string>> = {
  "AWS::Partition": "aws",
  "AWS::Region": REGION,
  "AWS::AccountId": ACCOUNT,
  "AWS::URLSuffix": "amazonaws.com",
};

/** Returns the resources to which another one refers, by `Ref`, `Fn::GetAtt` and DependsOn. */
const needsOf = (template: Template, id: string): string[] => {
  const { DependsOn = [], Properties } = template.Resources[id] ?? { Type: "" };
  const text = JSON.stringify(Properties ?? {});
  const referred = [...text.matchAll(/"(?:Ref":|Fn::GetAtt":\[)"([^"]+)"/g)].map(([, name = ""]) => name);
  return [...[DependsOn].flat(), ...referred].filter((name) => name in template.Resources);
};

/** Returns the resources in an order in which CloudFormation may create them. Throws where there is none. */
export const orderOf = (template: Template): string[] => {
  const done: string[] = [];
  const visit = (id: string, under: readonly string[]): void => {
    if (done.includes(id)) return;
    if (under.includes(id)) throw new Error(`Circular dependency: ${[...under, id].join(" → ")}`);
    for (const need of needsOf(template, id)) visit(need, [...under, id]);
    done.push(id);
  };
  for (const id of Object.keys(template.Resources)) visit(id, []);
  return done;
};

/**
 * A CloudFormation that knows state machines and custom resources, over the local stack. A resource of another type has a name and an
 * ARN, and does nothing.
 */
export class CloudFormation {
  readonly stackId = `arn:aws:cloudformation:${REGION}:${ACCOUNT}:stack/team/0a1b2c3d`;
  readonly #parameters = new Map<string, string>();
  readonly resources = new Map<string, Existing>();
  readonly #states: SFNClient;
  readonly #lambda: LambdaClient;

  constructor(url: string) {
    const options = { region: REGION, credentials: { accessKeyId: "cfn", secretAccessKey: "cfn" } };
    this.#states = new SFNClient({ ...options, endpoint: `${url}/aws/states` });
    this.#lambda = new LambdaClient({ ...options, endpoint: `${url}/aws/lambda` });
  }

  /** Creates and updates the resources of the template in order, then deletes those that it no longer contains. */
  async deploy(template: Template): Promise<void> {
    for (const [name, { Default }] of Object.entries(template.Parameters ?? {}))
      this.#parameters.set(name, String(Default));
    for (const id of orderOf(template)) {
      const { Type, Properties = {} } = template.Resources[id] ?? { Type: "" };
      const properties = this.#resolve(Properties) as Existing["properties"];
      const before = this.resources.get(id);
      if (before !== undefined && JSON.stringify(before.properties) === JSON.stringify(properties)) continue;
      this.resources.set(id, await this.#put(id, Type, properties, before));
    }
    const left = [...this.resources.keys()].filter((id) => !(id in template.Resources)).reverse();
    for (const id of left) await this.#remove(id);
  }

  async delete(): Promise<void> {
    for (const id of [...this.resources.keys()].reverse()) await this.#remove(id);
  }

  idOf(type: string, part = ""): string {
    const found = [...this.resources].find(([id, one]) => one.type === type && id.includes(part));
    if (found === undefined) throw new Error(`No ${type} ${part}`);
    return found[0];
  }

  refOf(type: string, part = ""): string {
    return this.resources.get(this.idOf(type, part))?.ref ?? "";
  }

  #resolve(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((item) => this.#resolve(item));
    if (typeof value !== "object" || value === null) return value;
    const { Ref, "Fn::GetAtt": attribute, "Fn::Join": join } = value as Record<string, unknown>;
    if (typeof Ref === "string") return PSEUDO[Ref] ?? this.#parameters.get(Ref) ?? this.#existing(Ref).ref;
    if (Array.isArray(attribute)) return this.#existing(attribute[0]).attributes[attribute[1]];
    if (Array.isArray(join)) return (this.#resolve(join[1]) as string[]).join(String(join[0]));
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.#resolve(item)]));
  }

  #existing(id: string): Existing {
    const found = this.resources.get(id);
    if (found === undefined) throw new Error(`${id} does not exist yet`);
    return found;
  }

  async #put(
    id: string,
    type: string,
    properties: Existing["properties"],
    before?: Existing,
  ): Promise<Existing> {
    const made = (ref: string, attributes: Existing["attributes"] = {}): Existing => ({
      ...{ type, properties, ref, attributes },
    });
    if (type === "AWS::StepFunctions::StateMachine")
      return made(await this.#machine(id, properties, before?.ref));
    if (type.startsWith("Custom::")) {
      const RequestType = before === undefined ? "Create" : "Update";
      const answer = await this.#custom(
        id,
        type,
        { RequestType, PhysicalResourceId: before?.ref },
        properties,
      );
      if (answer.Status !== "SUCCESS") throw new Error(`${id}: ${answer.Reason}`);
      return made(answer.PhysicalResourceId, answer.Data);
    }
    const name = String(properties["FunctionName"] ?? id);
    const [, service = "", kind = ""] = type.split("::");
    const resource = service === "Lambda" ? `function:${name}` : `${kind.toLowerCase()}/${name}`;
    const region = service === "IAM" ? "" : REGION;
    return made(name, { Arn: `arn:aws:${service.toLowerCase()}:${region}:${ACCOUNT}:${resource}` });
  }

  /** Fills the placeholders as CloudFormation does: in the text, before it is parsed. */
  async #machine(id: string, properties: Existing["properties"], arn?: string): Promise<string> {
    const { DefinitionString, DefinitionSubstitutions = {}, RoleArn } = properties;
    let definition = String(DefinitionString);
    for (const [name, value] of Object.entries(DefinitionSubstitutions as object))
      definition = definition.replaceAll(`\${${name}}`, () => String(value));
    if (arn !== undefined) {
      await this.#states.send(new UpdateStateMachineCommand({ stateMachineArn: arn, definition }));
      return arn;
    }
    const { stateMachineArn = "" } = await this.#states.send(
      new CreateStateMachineCommand({ name: id, definition, roleArn: String(RoleArn) }),
    );
    return stateMachineArn;
  }

  async #remove(id: string): Promise<void> {
    const { type, ref, properties } = this.#existing(id);
    if (type === "AWS::StepFunctions::StateMachine")
      await this.#states.send(new DeleteStateMachineCommand({ stateMachineArn: ref }));
    if (type.startsWith("Custom::")) {
      const asked = { RequestType: "Delete", PhysicalResourceId: ref };
      const answer = await this.#custom(id, type, asked, properties);
      if (answer.Status !== "SUCCESS") throw new Error(`${id}: ${answer.Reason}`);
    }
    this.resources.delete(id);
  }

  /** Calls the function of a custom resource, which sends its answer to an address. */
  async #custom(
    LogicalResourceId: string,
    ResourceType: string,
    asked: { readonly RequestType: string; readonly PhysicalResourceId?: string | undefined },
    properties: Existing["properties"],
  ): Promise<ResourceAnswer> {
    let answer: ResourceAnswer | undefined;
    const server = createServer((request, response) => {
      const pieces: Buffer[] = [];
      request.on("data", (piece: Buffer) => pieces.push(piece));
      request.on("end", () => {
        answer = JSON.parse(Buffer.concat(pieces).toString("utf8")) as ResourceAnswer;
        response.end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      const ResponseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}/answer`;
      const event = {
        ...{ ...asked, ResponseURL, StackId: this.stackId, RequestId: LogicalResourceId },
        ...{ LogicalResourceId, ResourceType, ResourceProperties: asTexts(properties) },
      };
      const FunctionName = String(properties["ServiceToken"]);
      const called = await this.#lambda.send(
        new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) }),
      );
      if (answer === undefined)
        throw new Error(
          `${LogicalResourceId} has no answer: ${Buffer.from(called.Payload ?? []).toString("utf8")}`,
        );
      return answer;
    } finally {
      server.close();
    }
  }
}

interface ResourceAnswer {
  readonly Status: "SUCCESS" | "FAILED";
  readonly Reason?: string;
  readonly PhysicalResourceId: string;
  readonly Data?: Readonly<Record<string, string>>;
}

/** Custom resources get each number and boolean as text. */
const asTexts = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(asTexts);
  if (typeof value !== "object" || value === null) return String(value);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, asTexts(item)]));
};
