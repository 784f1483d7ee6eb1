import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Metrics } from "../../shared/domain/deps.ts";
import type { StepGate } from "../../shared/domain/gates/pass-gate.ts";
import { HoldStore } from "../../shared/store/flows/holds.ts";
import { RunStore } from "../../shared/store/runs/runs.ts";
import { StepStore } from "../../shared/store/runs/steps.ts";
import { Table } from "../../shared/store/table.ts";
import { MemberStore } from "../../shared/store/workspace/members.ts";
import { SettingsStore } from "../../shared/store/workspace/workspace-settings.ts";
import { setting } from "../settings.ts";

/** Seen in CloudTrail, and by whoever meters the calls, as the user agent's `app/…`. */
const APP_ID = "sluice-gate";

/** Metrics are log lines, and the log here is the user's. */
const NO_METRICS: Metrics = { count: () => undefined, measure: () => undefined };

const build = (): StepGate => {
  const table = new Table(new DynamoDBClient({ userAgentAppId: APP_ID }), setting("table"));
  const members = new MemberStore(table);
  return {
    metrics: NO_METRICS,
    clock: { now: Date.now },
    runs: new RunStore(table),
    steps: new StepStore(table),
    holds: new HoldStore(table),
    settings: new SettingsStore(table),
    async permissionsOf(workspace, userId) {
      return (await members.read(workspace, userId))?.permissions ?? [];
    },
  };
};

let built: StepGate | undefined;
/** What a gate inside a user's function works with: the table alone. Made at the first gated call. */
export const gateDependencies = (): StepGate => {
  built ??= build();
  return built;
};
