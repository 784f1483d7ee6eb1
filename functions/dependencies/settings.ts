import type { AttachSettings, CompileSettings } from "../../shared/domain/deps.ts";
import { allowListProblem } from "../../shared/model/allow-sets.ts";
import { HISTORY_MARK } from "../../shared/model/limits.ts";
import { DEFAULT_INSTANCE } from "../../shared/model/machines/machine-names.ts";
import { SETTINGS } from "../../shared/model/settings.ts";
import type { MachineOptions } from "../../shared/outbound/ports.ts";
import type { SchedulerSettings } from "../../shared/outbound/scheduler-schedules.ts";
import type { TriggerSettings } from "../../shared/outbound/scheduler-triggers.ts";

export type Environment = Readonly<Record<string, string | undefined>>;
type Setting = keyof typeof SETTINGS;

const optional = (environment: Environment, name: Setting): string | undefined => {
  const value = environment[SETTINGS[name]];
  return value === "" ? undefined : value;
};

/** Returns a setting that the deployment must provide. Throws, naming the variable, if it is missing. */
export const setting = (environment: Environment, name: Setting): string => {
  const value = optional(environment, name);
  if (value === undefined) throw new Error(`The environment variable ${SETTINGS[name]} is not set`);
  return value;
};

/** The name of this Sluice in its account. */
export const instanceOf = (environment: Environment): string =>
  optional(environment, "instance") ?? DEFAULT_INSTANCE;

const allowedResources = (environment: Environment): string[] => {
  const value: unknown = JSON.parse(optional(environment, "allowedResources") ?? "[]");
  const isList = Array.isArray(value) && value.every((item) => typeof item === "string");
  if (!isList) throw new Error(`${SETTINGS.allowedResources} must be a JSON array of strings`);
  const problem = allowListProblem(value);
  if (problem !== undefined) throw new Error(`${SETTINGS.allowedResources}: ${problem}`);
  return value;
};

/** Returns the settings of the compiler. Only functions that publish flows have them. */
export const compileSettings = (environment: Environment): CompileSettings => {
  const taskRoleArn = optional(environment, "taskRoleArn");
  return {
    functions: {
      gate: setting(environment, "gateArn"),
      park: setting(environment, "parkArn"),
      humanStep: setting(environment, "humanStepArn"),
      continueAsNew: setting(environment, "handOverArn"),
    },
    allowedResources: allowedResources(environment),
    ...(taskRoleArn === undefined ? {} : { taskRoleArn }),
  };
};

/** Returns the options of flows' machines. Only functions that create machines have them. */
export const machineOptions = (environment: Environment): MachineOptions =>
  JSON.parse(optional(environment, "machineOptions") ?? "{}");

/** The value of the setting `attachable`. */
export interface Attachable {
  /** Patterns by workspace; `*` stands for every workspace. */
  readonly patterns: Readonly<Record<string, readonly string[]>>;
  readonly tagged: boolean;
}

/** Returns which state machines may be attached. Only the function that attaches has the setting. */
export const attachSettings = (environment: Environment): AttachSettings => {
  const { patterns, tagged } = JSON.parse(setting(environment, "attachable")) as Attachable;
  return {
    functions: { gate: setting(environment, "gateArn"), park: setting(environment, "parkArn") },
    patterns: (workspace) => [...(patterns[workspace] ?? []), ...(patterns["*"] ?? [])],
    tagged,
  };
};

/** Returns the patterns of the functions whose output each workspace may read. Only the function that answers reads has the setting. */
export const stepLogPatterns = (environment: Environment): ((workspace: string) => readonly string[]) => {
  const patterns = JSON.parse(optional(environment, "stepLogs") ?? "{}") as Attachable["patterns"];
  return (workspace) => patterns[workspace] ?? [];
};

/** Returns the settings of schedules. Only functions that place holds have them. */
export const schedulerSettings = (environment: Environment): SchedulerSettings => ({
  group: setting(environment, "scheduleGroup"),
  roleArn: setting(environment, "schedulerRoleArn"),
  autoResumeArn: setting(environment, "autoResumeArn"),
  warningArn: setting(environment, "warningArn"),
  deadLetterArn: setting(environment, "deadLetterArn"),
});

/** Returns the settings of triggers' schedules. */
export const triggerSettings = (environment: Environment): TriggerSettings => ({
  group: setting(environment, "scheduleGroup"),
  roleArn: setting(environment, "schedulerRoleArn"),
  deadLetterArn: setting(environment, "deadLetterArn"),
  intakeArn: setting(environment, "intakeArn"),
});

export const historyMark = (environment: Environment): number =>
  Number(optional(environment, "historyMark") ?? HISTORY_MARK);

/** Claims whose names a deployment chooses. */
export interface ClaimNames {
  readonly platform: string;
  /** The value that identifies a platform administrator: the claim equals it, or is a list that contains it. */
  readonly platformValue: string;
  /** Lists a machine client's workspaces. If it is `scope`, the client's scopes `workspaces/<name>` list them. */
  readonly workspaces: string;
}

export const claimNames = (environment: Environment): ClaimNames => ({
  platform: optional(environment, "platformClaim") ?? "sluice:platform_admin",
  platformValue: optional(environment, "platformValue") ?? "true",
  workspaces: optional(environment, "workspacesClaim") ?? "sluice:workspaces",
});
