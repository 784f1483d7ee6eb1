import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { EndCounter, GateDependencies, Metrics } from "../../shared/domain/deps.ts";
import { randomIds } from "../../shared/model/ids.ts";
import { HoldStore } from "../../shared/store/flows/holds.ts";
import { RunStore } from "../../shared/store/runs/runs.ts";
import { StepStore } from "../../shared/store/runs/steps.ts";
import { Table } from "../../shared/store/table.ts";
import { MemberStore } from "../../shared/store/workspace/members.ts";
import { SettingsStore } from "../../shared/store/workspace/workspace-settings.ts";
import { setting } from "../dependencies/settings.ts";

/** Appears in the user agent as `app/…`, so that CloudTrail and meters can distinguish these calls. */
const APP_ID = "sluice-gate";

/** Metrics are log lines, and here the log belongs to the user. */
const NO_METRICS: Metrics = { count: () => undefined, measure: () => undefined };

/** A user's function may neither count failures nor hold the flow. Only a run that passes its deadline at this gate fails here. */
const NOT_COUNTED: EndCounter = { failure: async () => undefined, completion: async () => undefined };

/** Creates the dependencies of a gate inside a user's function, which uses only the table. */
export const createGateDependencies = (): GateDependencies => {
  const table = new Table(new DynamoDBClient({ userAgentAppId: APP_ID }), setting(process.env, "table"));
  const members = new MemberStore(table);
  return {
    metrics: NO_METRICS,
    clock: { now: Date.now },
    ids: randomIds,
    ends: NOT_COUNTED,
    runs: new RunStore(table),
    steps: new StepStore(table),
    holds: new HoldStore(table),
    settings: new SettingsStore(table),
    async permissionsOf(workspace, userId) {
      return (await members.read(workspace, userId))?.permissions ?? [];
    },
  };
};
