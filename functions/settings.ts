import type { CompileSettings } from "../shared/domain/flows/compile-version.ts";
import { HISTORY_MARK } from "../shared/model/limits.ts";
import { SETTINGS } from "../shared/model/settings.ts";
import type { SchedulerSettings } from "../shared/outbound/scheduler-schedules.ts";
import type { ClaimNames } from "./middleware/http-identity.ts";

type Setting = keyof typeof SETTINGS;

const optional = (name: Setting): string | undefined => {
  const value = process.env[SETTINGS[name]];
  return value === "" ? undefined : value;
};

/** A setting that the deployment must have made; throws naming it otherwise. */
export const setting = (name: Setting): string => {
  const value = optional(name);
  if (value === undefined) throw new Error(`The environment lacks ${SETTINGS[name]}`);
  return value;
};

const allowedResources = (): string[] => {
  const value: unknown = JSON.parse(optional("allowedResources") ?? "[]");
  const isList = Array.isArray(value) && value.every((item) => typeof item === "string");
  if (!isList) throw new Error(`${SETTINGS.allowedResources} is no JSON list of texts`);
  return value;
};

/** What compiled flows are made with; only functions that publish have these settings. */
export const compileSettings = (): CompileSettings => {
  const taskRoleArn = optional("taskRoleArn");
  return {
    functions: {
      gate: setting("gateArn"),
      park: setting("parkArn"),
      humanStep: setting("humanStepArn"),
      continueAsNew: setting("handOverArn"),
    },
    allowedResources: allowedResources(),
    ...(taskRoleArn === undefined ? {} : { taskRoleArn }),
  };
};

/** What schedules are made with; only functions that hold flows make them. */
export const schedulerSettings = (): SchedulerSettings => ({
  group: setting("scheduleGroup"),
  roleArn: setting("schedulerRoleArn"),
  autoResumeArn: setting("autoResumeArn"),
  warningArn: setting("warningArn"),
  deadLetterArn: setting("deadLetterArn"),
});

export const historyMark = (): number => Number(optional("historyMark") ?? HISTORY_MARK);

export const claimNames = (): ClaimNames => ({
  platform: optional("platformClaim") ?? "sluice:platform_admin",
  platformValue: optional("platformValue") ?? "true",
  workspaces: optional("workspacesClaim") ?? "sluice:workspaces",
});
