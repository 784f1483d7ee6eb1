import { type Command, InvalidArgumentError } from "commander";
import { condition, type IfMatchOptions, withIfMatch } from "../options/if-match.ts";
import { flowText } from "../show/flow.ts";
import { leaf, type Outcome, perform } from "./command.ts";

const WINDOWS = ["minute", "hour", "day"] as const;
const PERIODS = ["day", "month"] as const;

interface CapOptions extends IfMatchOptions {
  readonly throughput?: { limit: number; per: (typeof WINDOWS)[number] } | null;
  readonly spend?: { limit: number; period: (typeof PERIODS)[number] } | null;
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

export const addFlowCaps = (flows: Command, outcome: Outcome): void => {
  withIfMatch(
    leaf(
      flows,
      "caps <flowId>",
      "Set or remove a flow's caps; without options, show them",
      "sluice flows caps order-approval --throughput 1000/hour --spend 50/day",
      "sluice flows caps order-approval --spend none",
    ),
  )
    .option(
      "--throughput <limit/window>",
      "maximum number of runs per minute, hour or day",
      cap("per", WINDOWS),
    )
    .option("--spend <limit/period>", "maximum declared cost per day or month", cap("period", PERIODS))
    .action(
      perform<CapOptions, [string]>(outcome, async ({ api, terminal }, options, flowId) => {
        const { throughput, spend } = options;
        const flow =
          throughput === undefined && spend === undefined
            ? await api().getFlow({ flowId })
            : await api().putCaps({ flowId, body: { throughput, spend }, ifMatch: condition(options) });
        terminal.result(flow, () => flowText(flow, terminal.paint));
        return 0;
      }),
    );
};
