import { Logger } from "@aws-lambda-powertools/logger";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SFNClient } from "@aws-sdk/client-sfn";
import type { Engine, Log } from "../shared/domain/engine.ts";
import type { Permissions } from "../shared/domain/step-access.ts";
import { type Clock, systemClock } from "../shared/model/clock.ts";
import { randomIds } from "../shared/model/ids.ts";
import { SETTINGS } from "../shared/model/settings.ts";
import { sfnExecutions } from "../shared/outbound/sfn-executions.ts";
import { Table } from "../shared/store/client.ts";
import { DueIndex } from "../shared/store/due.ts";
import { HoldStore } from "../shared/store/holds.ts";
import { ParkStore } from "../shared/store/parks.ts";
import { RunStore } from "../shared/store/runs.ts";
import { StepStore } from "../shared/store/steps.ts";
import { keys } from "../shared/store/table.ts";

/** What the handlers work with. Only this file knows which adapters stand behind it. */
export interface Dependencies extends Engine, Permissions {
  readonly table: Table;
  readonly due: DueIndex;
}

const setting = (name: keyof typeof SETTINGS): string => {
  const value = process.env[SETTINGS[name]];
  if (value === undefined || value === "") throw new Error(`The environment lacks ${SETTINGS[name]}`);
  return value;
};

/** One transport each for the life of the sandbox. The SDK finds the local stack by its own environment variables. */
const build = (): Dependencies => {
  const table = new Table(new DynamoDBClient({}), setting("table"));
  return {
    clock: { now: () => clock.now() },
    ids: randomIds,
    table,
    runs: new RunStore(table),
    steps: new StepStore(table),
    parks: new ParkStore(table),
    holds: new HoldStore(table),
    due: new DueIndex(table),
    async permissionsOf(workspace, userId) {
      const member = await table.get(keys.member(workspace, userId));
      return Array.isArray(member?.["permissions"]) ? member["permissions"].map(String) : [];
    },
    executions: sfnExecutions(new SFNClient({})),
    statesArnPrefix: setting("statesArnPrefix"),
    log: powertools(),
  };
};

const powertools = (): Log => {
  const logger = new Logger({ serviceName: "sluice" });
  return {
    info: (message, fields) => logger.info(message, fields),
    warn: (message, fields) => logger.warn(message, fields),
    error: (message, fields) => logger.error(message, fields),
  };
};

let clock: Clock = systemClock;
let built: Dependencies | undefined;

/** Made at the first call, so that loading a handler touches neither network nor environment. */
export const dependencies = (): Dependencies => {
  built ??= build();
  return built;
};

/** The local stack's clock, which can be moved, instead of the machine's. */
export const useClock = (other: Clock): void => {
  clock = other;
};
