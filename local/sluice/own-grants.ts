import { type FunctionDefinition, functions } from "../../infra/functions.ts";
import { itemActions } from "../../infra/grant-actions.ts";
import { BULK_MACHINE, DRAIN_MACHINE } from "../../shared/model/machines/loop-machine.ts";
import type { OwnCall } from "../gateway/aws-mount.ts";

type Grants = (definition: FunctionDefinition, operation: string, body: Buffer) => boolean;

const definitions = new Map<string, FunctionDefinition>(
  Object.values(functions).map((definition) => [definition.name, definition]),
);

/** DynamoDB checks a transaction by the actions of its parts. */
const TRANSACTIONS: Readonly<Record<string, readonly string[]>> = {
  TransactGetItems: ["GetItem"],
  TransactWriteItems: ["PutItem", "UpdateItem", "DeleteItem"],
};

const indexOf = (body: Buffer): string | undefined => /"IndexName":"([^"]+)"/.exec(body.toString())?.[1];

/** The machine of Sluice's own, drain or bulk, that a call is about. */
const ownMachineOf = (body: Buffer): string | undefined => {
  const named = /"(?:stateMachineArn|executionArn)":"[^"]*:(?:stateMachine|execution):([^":]+)/;
  const name = named.exec(body.toString())?.[1];
  return name === DRAIN_MACHINE || name === BULK_MACHINE ? name : undefined;
};

const GRANTS: Readonly<Record<string, Grants>> = {
  dynamodb: (definition, operation, body) => {
    const granted = itemActions(definition);
    if (!(TRANSACTIONS[operation] ?? [operation]).every((action) => granted.includes(action))) return false;
    const index = operation === "Query" ? indexOf(body) : undefined;
    return index === undefined || (definition.indexes ?? []).some((name) => name === index);
  },
  states: ({ states = [], teams = [], drain = [], bulk = [] }, operation, body) => {
    const machine = ownMachineOf(body);
    const ofMachine: readonly string[] = machine === DRAIN_MACHINE ? drain : bulk;
    return (machine === undefined ? [...states, ...teams] : ofMachine).includes(operation);
  },
  scheduler: ({ schedules = [] }, operation) => schedules.some((action) => action === operation),
  events: ({ events }) => events === true,
  lambda: ({ invokes }) => invokes !== undefined,
  iam: ({ attaches }) => attaches === true,
};

/**
 * Whether the templates grant a call to the function that makes it. Without this check, a missing grant would be found only on AWS.
 * Calls of others than Sluice's functions are not checked here.
 */
export const isGranted = ({ caller, service, operation, body }: OwnCall): boolean => {
  const definition = definitions.get(caller);
  const grants = GRANTS[service];
  return definition === undefined || grants === undefined || grants(definition, operation, body);
};
