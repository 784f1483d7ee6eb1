import { VirtualClock } from "../clock/virtual-clock.ts";
import type { AwsService } from "../ports/services.ts";
import type { AslCase, CaseKind } from "./case.ts";
import { caseStepFunctions } from "./case-step-functions.ts";
import { outcomeOf } from "./outcome.ts";

/** Runs a case's definition, unchanged, on the local Step Functions. */
export const asItIs: CaseKind = {
  name: "as it is",
  async run(aslCase: AslCase) {
    const clock = new VirtualClock();
    const bus = { publish: async () => {} };
    const { service, close } = caseStepFunctions(aslCase, clock, (user) => user, bus);
    try {
      const { stateMachineArn } = (await service.call("CreateStateMachine", {
        name: "case",
        definition: JSON.stringify(aslCase.definition),
        roleArn: "arn:aws:iam::123456789012:role/case",
      })) as { stateMachineArn: string };
      const { executionArn } = (await service.call("StartExecution", {
        stateMachineArn,
        input: JSON.stringify(aslCase.input),
      })) as { executionArn: string };
      while ((await statusOf(service, executionArn)) === "RUNNING" && (await clock.step()));
      return await outcomeOf(service, executionArn);
    } finally {
      await close();
    }
  },
};

async function statusOf(service: AwsService, executionArn: string): Promise<string> {
  return ((await service.call("DescribeExecution", { executionArn })) as { status: string }).status;
}
