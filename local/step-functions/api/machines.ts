import { randomUUID } from "node:crypto";
import { definitionOf, diagnose } from "../definition/validate.ts";
import { constraint, machineDeleting, machineExists, missingParameter, validation } from "../model/errors.ts";
import type { Machine } from "../store/machines.ts";
import { type Operation, seconds } from "./api.ts";
import { parseMachineArn } from "./arns.ts";
import { machineAt, runnableAt } from "./lookup.ts";
import { checkName, type Parameters, readPageByName } from "./parameters.ts";
import { addTags } from "./tags.ts";
import { publish, versionArn } from "./versions.ts";

const SETTINGS = ["loggingConfiguration", "tracingConfiguration", "encryptionConfiguration"];
const DEFAULT_SETTINGS = {
  loggingConfiguration: { level: "OFF", includeExecutionData: false },
  tracingConfiguration: { enabled: false },
};

const settingsOf = (parameters: Parameters): Record<string, unknown> =>
  Object.fromEntries(
    SETTINGS.filter((name) => parameters.has(name)).map((name) => [name, parameters.raw(name)]),
  );

function checkDescription(parameters: Parameters): string | undefined {
  const description = parameters.optional("versionDescription", 256);
  if (description !== undefined && !parameters.flag("publish", false))
    throw validation("Version description can only be set when publish is true");
  return description;
}

function machineType(parameters: Parameters): string {
  const type = parameters.optional("type") ?? "STANDARD";
  if (type === "STANDARD" || type === "EXPRESS") return type;
  throw constraint(`'${type}'`, "type", "Member must satisfy enum value set: [STANDARD, EXPRESS]");
}

export const createStateMachine: Operation = (api, parameters) => {
  const { stores, clock, arns } = api;
  const name = checkName(parameters.required("name"));
  const type = machineType(parameters);
  const text = definitionOf(parameters.required("definition", 1_048_576), type);
  const role = parameters.required("roleArn", 256);
  const description = checkDescription(parameters);
  const arn = arns.machine(name);
  const definition = stores.definitions.put(text);
  const known = stores.machines.get(arn);
  if (known) {
    if (known.status === "DELETING") throw machineDeleting(arn);
    // The service compares the name and the definition, not the role.
    if (known.definition !== definition) throw machineExists(arn);
  }
  const machine: Machine = known ?? {
    arn,
    name,
    definition,
    role,
    type,
    status: "ACTIVE",
    created: clock.now(),
    updated: undefined,
    revision: undefined,
    nextVersion: 1,
    settings: settingsOf(parameters),
  };
  if (!known) {
    stores.machines.insert(machine);
    addTags(api, arn, parameters.raw("tags"));
  }
  return {
    stateMachineArn: arn,
    creationDate: seconds(machine.created),
    ...(parameters.flag("publish", false)
      ? { stateMachineVersionArn: versionArn(publish(api, machine, description)) }
      : {}),
  };
};

export const updateStateMachine: Operation = (api, parameters) => {
  const { stores, clock } = api;
  const machine = machineAt(api, parameters.required("stateMachineArn"));
  if (machine.status === "DELETING") throw machineDeleting(machine.arn);
  const settings = settingsOf(parameters);
  const definition = parameters.optional("definition", 1_048_576);
  const role = parameters.optional("roleArn", 256);
  const description = checkDescription(parameters);
  if (definition === undefined && role === undefined && Object.keys(settings).length === 0)
    throw missingParameter(
      "Either the definition, the role ARN, the LoggingConfiguration, the EncryptionConfiguration or the TracingConfiguration must be specified",
    );
  const updated: Machine = {
    ...machine,
    definition:
      definition === undefined
        ? machine.definition
        : stores.definitions.put(definitionOf(definition, machine.type)),
    role: role ?? machine.role,
    settings: { ...machine.settings, ...settings },
    updated: clock.now(),
    revision: randomUUID(),
  };
  stores.machines.update(updated);
  return {
    updateDate: seconds(clock.now()),
    revisionId: updated.revision,
    ...(parameters.flag("publish", false)
      ? { stateMachineVersionArn: versionArn(publish(api, updated, description)) }
      : {}),
  };
};

export const describeStateMachine: Operation = (api, parameters) => {
  const { machine, version } = runnableAt(api, parameters.required("stateMachineArn"));
  const revision = version ? version.revision : machine.revision;
  return {
    stateMachineArn: version ? versionArn(version) : machine.arn,
    name: machine.name,
    status: machine.status,
    definition: api.stores.definitions.text((version ?? machine).definition),
    roleArn: (version ?? machine).role,
    type: machine.type,
    creationDate: seconds((version ?? machine).created),
    ...DEFAULT_SETTINGS,
    ...machine.settings,
    ...(version?.description === undefined ? {} : { description: version.description }),
    ...(revision === undefined ? {} : { revisionId: revision }),
  };
};

export const listStateMachines: Operation = (api, parameters) => {
  const { entries, next } = readPageByName(parameters, "machines", (after, limit) =>
    api.stores.machines.list(after, limit),
  );
  return {
    stateMachines: entries.map(({ arn, name, type, created }) => ({
      stateMachineArn: arn,
      name,
      type,
      creationDate: seconds(created),
    })),
    ...next,
  };
};

/** A machine with running executions is DELETING until the last of them ends. */
export const deleteStateMachine: Operation = (api, parameters) => {
  const { arn, version, alias } = parseMachineArn(parameters.required("stateMachineArn"));
  if (version !== undefined || alias !== undefined)
    throw validation("Use DeleteStateMachineVersion to delete a version");
  const machine = api.stores.machines.get(arn);
  if (!machine) return {};
  if (api.stores.executions.running(arn)) api.stores.machines.update({ ...machine, status: "DELETING" });
  else api.stores.machines.delete(arn);
  return {};
};

export const validateStateMachineDefinition: Operation = (_api, parameters) => {
  const severity = parameters.optional("severity") ?? "ERROR";
  const found = diagnose(parameters.optional("definition", 1_048_576) ?? "", machineType(parameters));
  const limit = Number(parameters.raw("maxResults") ?? 100) || 100;
  return {
    result: found.some((diagnostic) => diagnostic.severity === "ERROR") ? "FAIL" : "OK",
    diagnostics: found
      .filter((diagnostic) => severity === "WARNING" || diagnostic.severity === "ERROR")
      .slice(0, limit),
    truncated: found.length > limit,
  };
};
