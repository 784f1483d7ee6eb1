import { setTimeout } from "node:timers/promises";
import {
  ConflictException,
  CreateStateMachineCommand,
  DeleteStateMachineCommand,
  DeleteStateMachineVersionCommand,
  InvalidDefinition,
  ServiceQuotaExceededException,
  type SFNClient,
  StateMachineAlreadyExists,
  StateMachineDeleting,
  StateMachineDoesNotExist,
  StateMachineLimitExceeded,
  UpdateStateMachineCommand,
} from "@aws-sdk/client-sfn";
import { SluiceError } from "../model/errors.ts";
import { type MachinePlace, nameInInstance, parseMachineName } from "../model/machines/machine-names.ts";
import type { MachineOptions, Machines } from "./ports.ts";

/** Concurrent publishers of one machine conflict. With full jitter up to 500 ms, about twenty at once succeed. */
const TRIES = 40;
const MAX_WAIT_MS = 500;

const refusal = (error: unknown): unknown => {
  if (error instanceof InvalidDefinition) {
    const errors = [{ path: "", message: error.message }];
    return new SluiceError("invalid_definition", "Step Functions rejects the definition", { errors }, error);
  }
  if (error instanceof ServiceQuotaExceededException) {
    return new SluiceError(
      "action_not_allowed",
      "The flow has reached the maximum number of versions, and runs still need them. Cancel runs on old versions or let them end, then publish again.",
      {},
      error,
    );
  }
  if (error instanceof StateMachineLimitExceeded) {
    return new SluiceError(
      "action_not_allowed",
      'The account has reached its quota of state machines, and each flow needs one. Delete flows, or raise the quota "State machines" in Service Quotas.',
      {},
      error,
    );
  }
  if (error instanceof StateMachineDeleting) {
    return new SluiceError(
      "service_unavailable",
      "The state machine is being deleted. Try again shortly.",
      {},
      error,
    );
  }
  return error;
};

/** Sent at each creation and update. An option that is not set is not sent, and the machine keeps what it has. */
const configurationOf = ({ logging, tracing, kmsKeyArn }: MachineOptions) => ({
  ...(logging !== undefined && {
    loggingConfiguration: {
      level: logging.level,
      // Payloads never reach a log.
      includeExecutionData: false,
      destinations: [{ cloudWatchLogsLogGroup: { logGroupArn: logging.logGroupArn } }],
    },
  }),
  ...(tracing !== undefined && { tracingConfiguration: { enabled: tracing } }),
  ...(kmsKeyArn !== undefined && {
    encryptionConfiguration: { type: "CUSTOMER_MANAGED_KMS_KEY" as const, kmsKeyId: kmsKeyArn },
  }),
});

const tagsOf = ({ tags = {} }: MachineOptions) =>
  Object.keys(tags).length === 0
    ? {}
    : { tags: Object.entries(tags).map(([key, value]) => ({ key, value })) };

/** `roleArn`: the role with which the flows of a workspace run. Names are those of the instance `sluice`. */
export const sfnMachines = (
  client: SFNClient,
  place: MachinePlace,
  roleArn: (workspace: string) => string,
  options: () => MachineOptions = () => ({}),
): Machines => {
  const created = (name: string, definition: string) => ({
    ...{ name: named(name), definition, roleArn: roleOf(name) },
    ...configurationOf(options()),
    ...tagsOf(options()),
  });
  const roleOf = (name: string) => {
    const owner = parseMachineName(name);
    if (owner === undefined) throw new Error(`${name} is not the name of a flow's machine`);
    return roleArn(owner.workspace);
  };
  const named = (name: string) => nameInInstance(place.instance, name);
  const arnOf = (name: string) => `${place.arnPrefix}:stateMachine:${named(name)}`;

  /** Returns the version's ARN, or undefined if there is no such machine. */
  const update = async (name: string, definition: string): Promise<string | undefined> => {
    try {
      const answer = await client.send(
        new UpdateStateMachineCommand({
          stateMachineArn: arnOf(name),
          definition,
          roleArn: roleOf(name),
          ...configurationOf(options()),
          publish: true,
        }),
      );
      return answer.stateMachineVersionArn;
    } catch (error) {
      if (error instanceof StateMachineDoesNotExist) return undefined;
      throw error;
    }
  };
  /** Returns the version's ARN, or undefined if a machine with that name has another definition. */
  const createVersion = async (name: string, definition: string): Promise<string | undefined> => {
    try {
      const answer = await client.send(
        new CreateStateMachineCommand({ ...created(name, definition), publish: true }),
      );
      return answer.stateMachineVersionArn;
    } catch (error) {
      if (error instanceof StateMachineAlreadyExists) return undefined;
      throw error;
    }
  };
  return {
    publish: async (name, definition) => {
      for (let tries = 1; ; tries += 1) {
        try {
          const version = (await update(name, definition)) ?? (await createVersion(name, definition));
          if (version !== undefined) return version;
        } catch (error) {
          if (!(error instanceof ConflictException)) throw refusal(error);
        }
        if (tries >= TRIES)
          throw new SluiceError(
            "service_unavailable",
            "Others are publishing this flow at the same time. Try again shortly.",
          );
        await setTimeout(Math.random() * MAX_WAIT_MS);
      }
    },
    create: async (name, definition) => {
      try {
        await client.send(new CreateStateMachineCommand(created(name, definition)));
      } catch (error) {
        if (!(error instanceof StateMachineAlreadyExists)) throw refusal(error);
      }
    },
    deleteVersion: async (stateMachineVersionArn) => {
      try {
        await client.send(new DeleteStateMachineVersionCommand({ stateMachineVersionArn }));
      } catch (error) {
        if (!(error instanceof StateMachineDoesNotExist)) throw error;
      }
    },
    delete: async (name) => {
      try {
        await client.send(new DeleteStateMachineCommand({ stateMachineArn: arnOf(name) }));
      } catch (error) {
        if (!(error instanceof StateMachineDoesNotExist) && !(error instanceof StateMachineDeleting))
          throw error;
      }
    },
  };
};
