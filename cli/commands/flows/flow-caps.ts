import { type Command, InvalidArgumentError } from "commander";
import type { ConcurrencyCap, ErrorCap } from "../../../shared/model/schemas/flow.ts";
import type { KeySlots } from "../../../shared/model/schemas/slots.ts";
import { slotsText } from "../../show/flow.ts";
import { visible } from "../../terminal/style.ts";
import { type Column, table } from "../../terminal/table.ts";
import { leaf, perform } from "../command.ts";
import { changing } from "../shared-commands.ts";

const WINDOWS = ["minute", "hour", "day"] as const;
const PERIODS = ["day", "month"] as const;

interface CapOptions {
  readonly throughput?: { limit: number; per: (typeof WINDOWS)[number] } | null;
  readonly spend?: { limit: number; period: (typeof PERIODS)[number] } | null;
  readonly errors?: ErrorCap | null;
  readonly concurrency?: ConcurrencyCap | null;
}

/** Reads `1000/hour`, or `none`, which removes a cap. */
const cap =
  <K extends string, U extends string>(key: K, units: readonly U[]) =>
  (text: string): ({ limit: number } & Record<K, U>) | null => {
    if (text === "none") return null;
    const [, limit, unit] = /^(\d+(?:\.\d+)?)\/(\w+)$/.exec(text) ?? [];
    if (limit === undefined || !(units as readonly (string | undefined)[]).includes(unit))
      throw new InvalidArgumentError(
        `Expected "none", or a limit per ${units.join(", ")}, such as 100/${units[0]}.`,
      );
    return { limit: Number(limit), [key]: unit } as { limit: number } & Record<K, U>;
  };

/** Reads `20/minute`, `20/minute/10%`, or `none`. */
const errorCap = (text: string): ErrorCap | null => {
  const [, limit = text, share] = /^(.+)\/(\d+(?:\.\d+)?)%$/.exec(text) ?? [];
  const read = cap("per", WINDOWS)(limit);
  if (read === null) return null;
  return { count: read.limit, per: read.per, ...(share === undefined ? {} : { percent: Number(share) }) };
};

/** Reads `5`, `2/$.customer`, or `none`. The server checks the key. */
const concurrencyCap = (text: string): ConcurrencyCap | null => {
  if (text === "none") return null;
  const [, limit, key] = /^(\d+)(?:\/(.+))?$/s.exec(text) ?? [];
  if (limit === undefined)
    throw new InvalidArgumentError(
      'Expected "none", or a number of runs, optionally per key, such as 5 or 2/$.customer.',
    );
  return { limit: Number(limit), ...(key === undefined ? {} : { key }) };
};

const slotColumns: Column<KeySlots>[] = [
  { title: "KEY", cell: ({ key }) => visible(key ?? "-") },
  { title: "UNDER WAY", cell: ({ used }) => String(used) },
  { title: "PAUSED", cell: ({ paused }) => String(paused) },
  { title: "WAITING", cell: ({ waiting }) => String(waiting) },
];

export const addFlowCaps = (flows: Command): void => {
  leaf(
    flows,
    "slots <flowId>",
    "Show how many runs hold a slot of a flow's concurrency limit or wait for one, with the ten fullest keys",
    "sluice flows slots order-approval",
  ).action(
    perform<object, [string]>(async ({ api, terminal }, _options, flowId) => {
      const slots = await api().getSlots({ flowId });
      terminal.result(slots, () => [slotsText(slots), table(slots.keys, slotColumns)].join("\n"));
    }),
  );

  changing<CapOptions>(
    leaf(
      flows,
      "caps <flowId>",
      "Set or remove a flow's caps; without options, show them",
      "sluice flows caps order-approval --throughput 1000/hour --spend 50/day",
      "sluice flows caps order-approval --errors 20/minute/10%",
      "sluice flows caps order-approval --concurrency '2/$.customer'",
      "sluice flows caps order-approval --spend none",
    )
      .option(
        "--throughput <limit/window>",
        "maximum number of runs per minute, hour or day",
        cap("per", WINDOWS),
      )
      .option("--spend <limit/period>", "maximum declared cost per day or month", cap("period", PERIODS))
      .option(
        "--errors <count/window[/percent]>",
        "number of runs that may fail per minute, hour or day before the flow is held, and their share of the runs that ended",
        errorCap,
      )
      .option(
        "--concurrency <runs[/key]>",
        "number of runs under way at once, or of those with one value of a JSONPath or JSONata expression of the payload",
        concurrencyCap,
      ),
    ["throughput", "spend", "errors", "concurrency"],
    (api, request) => api.putCaps(request),
  );
};
