import { type Command, InvalidArgumentError, Option } from "commander";
import type { Json } from "../../../shared/model/json/json.ts";
import type { Trigger } from "../../../shared/model/schemas/trigger.ts";
import { WHILE_HELD, type WhileHeld } from "../../../shared/model/triggers.ts";
import { condition, type IfMatchOptions, withIfMatch } from "../../options/if-match.ts";
import { jsonText } from "../../terminal/style.ts";
import { fields, table } from "../../terminal/table.ts";
import { leaf } from "../command.ts";
import { calling } from "../shared-commands.ts";

interface TriggerOptions extends IfMatchOptions {
  readonly schedule: string;
  readonly timezone?: string;
  readonly payload?: Json;
  readonly whileHeld: WhileHeld;
  readonly disabled?: boolean;
}

const json = (text: string): Json => {
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw new InvalidArgumentError("Expected JSON.");
  }
};

const triggerText = (trigger: Trigger): string =>
  fields([
    ["trigger", trigger.triggerId],
    ["schedule", `${trigger.schedule}, ${trigger.timezone}${trigger.enabled ? "" : ", disabled"}`],
    ["while held", trigger.whileHeld],
    ["payload", jsonText(trigger.payload, 2)],
    ["updated by", trigger.updatedBy],
    ["rev", String(trigger.rev)],
  ]);

const COLUMNS = [
  { title: "TRIGGER", cell: ({ triggerId }: Trigger) => triggerId },
  { title: "SCHEDULE", cell: ({ schedule, timezone }: Trigger) => `${schedule}, ${timezone}` },
  { title: "WHILE HELD", cell: ({ whileHeld }: Trigger) => whileHeld },
  { title: "ENABLED", cell: ({ enabled }: Trigger) => (enabled ? "yes" : "no") },
  { title: "REV", cell: ({ rev }: Trigger) => String(rev) },
];

export const addFlowTriggers = (flows: Command): void => {
  calling(
    leaf(flows, "triggers <flowId>", "List a flow's triggers", "sluice flows triggers order-approval"),
    (api, [flowId]) => api().getTriggers({ flowId }),
    ({ items }) => (items.length === 0 ? "No triggers." : table(items, COLUMNS, undefined)),
  );

  calling<Trigger, TriggerOptions, [string, string]>(
    withIfMatch(
      leaf(
        flows,
        "put-trigger <flowId> <triggerId>",
        "Dispatch a record at each time of a schedule",
        "sluice flows put-trigger invoices nightly --schedule 'cron(0 2 * * ? *)' --timezone Europe/Berlin --while-held latest",
      ),
    )
      .requiredOption("--schedule <expression>", "cron(…), rate(…) or at(…), as in EventBridge Scheduler")
      .option("--timezone <name>", "time zone of cron and at, such as Europe/Berlin; by default UTC")
      .option("--payload <json>", "payload of each record; by default {}", json)
      .addOption(
        new Option("--while-held <choice>", "what happens to records while the flow is held")
          .choices(WHILE_HELD)
          .default("queue"),
      )
      .option("--disabled", "keep the trigger, and dispatch nothing"),
    (api, [flowId, triggerId], { ifMatch, disabled, ...trigger }) =>
      api().putTrigger({
        ...{ flowId, triggerId, ifMatch: ifMatch ?? "any" },
        body: { ...trigger, enabled: disabled !== true },
      }),
    triggerText,
  );

  calling<{ triggerId: string; deleted: true }, IfMatchOptions, [string, string]>(
    withIfMatch(
      leaf(
        flows,
        "delete-trigger <flowId> <triggerId>",
        "Delete a trigger; its queued runs stay",
        "sluice flows delete-trigger invoices nightly",
      ),
    ),
    async (api, [flowId, triggerId], options) => {
      await api().deleteTrigger({ flowId, triggerId, ifMatch: condition(options) });
      return { triggerId, deleted: true };
    },
    ({ triggerId }) => `Deleted trigger ${triggerId}.`,
  );
};
