import { conflict, machineDeleting, quotaExceeded, validation } from "../model/errors.ts";
import type { Machine, Version } from "../store/machines.ts";
import { type Api, type Operation, seconds } from "./api.ts";
import { parseMachineArn } from "./arns.ts";
import { machineAt } from "./lookup.ts";
import { readPage } from "./parameters.ts";

const VERSION_LIMIT = 1000;

export const versionArn = (version: Version): string => `${version.machine}:${version.number}`;

/** Publishes the machine's current revision, unless it is the latest version already. */
export function publish(api: Api, machine: Machine, description: string | undefined): Version {
  const { machines } = api.stores;
  const latest = machines.latestVersion(machine.arn);
  if (
    latest &&
    latest.revision === machine.revision &&
    (description === undefined || description === latest.description)
  )
    return latest;
  if (machines.countVersions(machine.arn) >= VERSION_LIMIT)
    throw quotaExceeded(
      `The State Machine has the maximum number of versions (${VERSION_LIMIT}): '${machine.arn}'`,
    );
  const version: Version = {
    machine: machine.arn,
    number: machine.nextVersion,
    definition: machine.definition,
    role: machine.role,
    description,
    revision: machine.revision,
    created: api.clock.now(),
  };
  machines.insertVersion(version);
  machines.update({ ...machine, nextVersion: machine.nextVersion + 1 });
  return version;
}

export const publishStateMachineVersion: Operation = (api, parameters) => {
  const arn = parameters.required("stateMachineArn");
  const machine = machineAt(api, arn);
  if (machine.status === "DELETING") throw machineDeleting(machine.arn);
  const revision = parameters.optional("revisionId");
  const current = machine.revision ?? "INITIAL";
  if (revision !== undefined && revision !== current)
    throw conflict(
      `Failed to publish the State Machine version for revision ${revision}. The current State Machine revision is ${current}.`,
    );
  const version = publish(api, machine, parameters.optional("description", 256));
  return { stateMachineVersionArn: versionArn(version), creationDate: seconds(version.created) };
};

export const listStateMachineVersions: Operation = (api, parameters) => {
  const machine = machineAt(api, parameters.required("stateMachineArn"));
  const { entries, next } = readPage(
    parameters,
    "versions",
    (below, limit) =>
      api.stores.machines.versions(machine.arn, Number(below ?? Number.MAX_SAFE_INTEGER), limit),
    ({ number }) => number,
  );
  return {
    stateMachineVersions: entries.map((version) => ({
      stateMachineVersionArn: versionArn(version),
      creationDate: seconds(version.created),
    })),
    ...next,
  };
};

export const deleteStateMachineVersion: Operation = (api, parameters) => {
  const { arn, version } = parseMachineArn(parameters.required("stateMachineVersionArn"));
  if (version === undefined) throw validation("The ARN names no version of a state machine");
  const uses = api.stores.aliases
    .list(arn, "", 100)
    .filter(({ routes }) => routes.some((route) => route.version === version));
  if (uses.length > 0)
    throw conflict(
      `Version to be deleted must not be referenced by an alias: ${uses.map(({ name }) => name).join(", ")}`,
    );
  api.stores.machines.deleteVersion(arn, version);
  return {};
};
