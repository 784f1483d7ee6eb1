import { fill } from "../../../../shared/asl/source/substitutions.ts";
import { compileTemplate } from "../../../../shared/asl/template.ts";
import type { Registered } from "../../../../shared/model/api/responses.ts";
import type { Flow } from "../../../../shared/model/schemas/flow.ts";
import { CloudFormation, type Template } from "../../../harness/stack/cloudformation.ts";
import { Team, TeamMachine } from "../../../harness/stack/team-machine.ts";
import { SHAPES } from "../flows.ts";
import type { Prepared, Scenario } from "../scenario.ts";
import type { ScenarioContext } from "../scenario-context.ts";

const DEFINITION = JSON.stringify(SHAPES.line.definition);

const compiled = (flowId: string): string => {
  const result = compileTemplate({ text: DEFINITION, flowId });
  if (!result.ok) throw new Error(JSON.stringify(result.errors));
  return result.text;
};

const newFlow = (context: ScenarioContext): string => {
  const flowId = context.fresh();
  context.flows.set(flowId, SHAPES.line);
  return flowId;
};

const register = (context: ScenarioContext, flowId: string) =>
  context.must<Registered>("POST", `/flows/${flowId}/register`, { definition: DEFINITION });

const deploy = async (context: ScenarioContext, flowId: string): Promise<TeamMachine> => {
  const { values } = await register(context, flowId);
  return new Team(context.environment.url).create(flowId, fill(compiled(flowId), { ...values }).text);
};

const bind = (context: ScenarioContext, flowId: string, { arn }: TeamMachine) =>
  context.must("POST", `/flows/${flowId}/bind`, { stateMachineArn: arn });

/** Returns the faults of a flow that should be attached to the machine, and of an execution of it. */
const wrongWith = async (
  context: ScenarioContext,
  flowId: string,
  machine: TeamMachine,
): Promise<string[]> => {
  const ended = await machine.ended(await machine.start({ id: context.fresh() }));
  await context.advance("PT1S");
  const flow = await context.must<Flow>("GET", `/flows/${flowId}`);
  return [
    ...(ended.status === "SUCCEEDED" ? [] : [`an execution of ${flowId} ${ended.status}: ${ended.error}`]),
    ...(flow.kind === "attached" && flow.drift === undefined && flow.version === 1
      ? []
      : [`${flowId} is ${flow.kind}, version ${flow.version}, drift ${flow.drift}`]),
  ];
};

const isRequest = (flowId: string, action: string) => (event: string) =>
  event.includes(`/flows/${flowId}/${action}"`);

const templateOf = (context: ScenarioContext, flowId: string): Template => {
  const { roleArn: RoleArn } = new Team(context.environment.url);
  const ServiceToken = "arn:aws:lambda:us-east-1:000000000000:function:sluice-register:ws-demo";
  const value = (name: string) => ({ "Fn::GetAtt": ["Registration", name] });
  const names = ["SluiceIncarnation", "SluiceVersion", "SluiceGate", "SluicePark", "SluicePartition"];
  const resource = (Type: string, Properties: object) => ({ Type, Properties: { ...Properties } });
  return {
    Resources: {
      Registration: resource("Custom::SluiceRegistration", {
        ...{ ServiceToken, FlowId: flowId, Definition: DEFINITION },
      }),
      [flowId]: resource("AWS::StepFunctions::StateMachine", {
        DefinitionString: compiled(flowId),
        DefinitionSubstitutions: Object.fromEntries(names.map((name) => [name, value(name)])),
        RoleArn,
      }),
      Binding: resource("Custom::SluiceBinding", {
        ...{ ServiceToken, FlowId: flowId, StateMachineArn: { Ref: flowId } },
      }),
    },
  };
};

/** A resource of a template, which Lambda asks for again after a death. */
const ofTemplate = (resource: "Registration" | "Binding"): Scenario => ({
  name: `provide a template's ${resource.toLowerCase()}`,
  handler: "register",
  stages: 1,
  prepare: async (context): Promise<Prepared> => {
    const flowId = newFlow(context);
    const cloud = new CloudFormation(context.environment.url);
    const template = templateOf(context, flowId);
    return {
      matches: (event) => event.includes(`"${flowId}"`) && event.includes(`Custom::Sluice${resource}`),
      stages: [async () => undefined],
      act: () => cloud.deploy(template).catch(() => undefined),
      check: async () => {
        await cloud.deploy(template);
        const { client } = new Team(context.environment.url);
        const arn = cloud.refOf("AWS::StepFunctions::StateMachine");
        return wrongWith(context, flowId, new TeamMachine(client, arn));
      },
    };
  },
});

export const registeredScenarios: readonly Scenario[] = [
  {
    name: "register a flow",
    handler: "attach",
    route: "POST /flows/{flowId}/register",
    stages: 1,
    prepare: async (context): Promise<Prepared> => {
      const flowId = newFlow(context);
      return {
        matches: isRequest(flowId, "register"),
        stages: [async () => undefined],
        act: () => context.call("POST", `/flows/${flowId}/register`, { definition: DEFINITION }),
        check: async () => {
          const machine = await deploy(context, flowId);
          await bind(context, flowId, machine);
          return wrongWith(context, flowId, machine);
        },
      };
    },
  },
  {
    name: "bind a registered flow",
    handler: "attach",
    route: "POST /flows/{flowId}/bind",
    stages: 1,
    prepare: async (context): Promise<Prepared> => {
      const flowId = newFlow(context);
      const machine = await deploy(context, flowId);
      return {
        matches: isRequest(flowId, "bind"),
        stages: [async () => undefined],
        act: () => context.call("POST", `/flows/${flowId}/bind`, { stateMachineArn: machine.arn }),
        check: async () => {
          // Whatever of it was done, executions do not fail.
          const between = await machine.ended(await machine.start({ id: context.fresh() }));
          await bind(context, flowId, machine);
          const wrong = await wrongWith(context, flowId, machine);
          return between.status === "SUCCEEDED" ? wrong : [...wrong, `an execution ${between.error}`];
        },
      };
    },
  },
  ofTemplate("Registration"),
  ofTemplate("Binding"),
];
