import {
  InvalidDefinition,
  type SFNClient,
  TestStateCommand,
  ValidationException,
} from "@aws-sdk/client-sfn";
import type { StateTests } from "./ports.ts";

/** Tests states through the AWS SDK. No role is passed, so nothing of the account is called. */
export const sfnStateTests = (client: SFNClient): StateTests => ({
  async test({ definition, stateName, input, variables, context }) {
    try {
      const { status, output, nextState, error, cause, inspectionData } = await client.send(
        new TestStateCommand({
          ...{ definition, stateName, input, variables, inspectionLevel: "DEBUG" },
          ...(context === undefined ? {} : { context, mock: { result: "{}", fieldValidationMode: "NONE" } }),
        }),
      );
      if (status !== "SUCCEEDED" && status !== "CAUGHT_ERROR")
        return { error: error ?? "", cause: cause ?? "" };
      const { afterArguments, afterParameters, afterInputPath } = inspectionData ?? {};
      return {
        ...(output === undefined ? {} : { output }),
        ...(nextState === undefined ? {} : { nextState }),
        passedOn: afterArguments ?? afterParameters ?? afterInputPath ?? input,
        variables: inspectionData?.variables ?? variables,
      };
    } catch (refusal) {
      if (!(refusal instanceof InvalidDefinition || refusal instanceof ValidationException)) throw refusal;
      return { refused: refusal.message };
    }
  },
});
