import { type Command, InvalidArgumentError } from "commander";
import type { Flow } from "../../shared/model/schemas/flow.ts";
import { path } from "../http/path.ts";
import { flowText } from "../show/flow.ts";
import { type IfMatchOptions, withIfMatch } from "./if-match.ts";
import { leaf, type Outcome, perform } from "./leaf.ts";

interface CapOptions extends IfMatchOptions {
  readonly throughput?: { limit: number; per: string } | null;
  readonly spend?: { limit: number; period: string } | null;
}

/** `1000/hour`, or `none`, which takes a cap away. */
const cap =
  <K extends string>(key: K, units: readonly string[]) =>
  (text: string): ({ limit: number } & Record<K, string>) | null => {
    if (text === "none") return null;
    const [, limit, unit = ""] = /^(\d+(?:\.\d+)?)\/(\w+)$/.exec(text) ?? [];
    if (limit === undefined || !units.includes(unit))
      throw new InvalidArgumentError(
        `It must be a limit and ${units.join(", ")}, such as 100/${units[0]}, or none.`,
      );
    return { limit: Number(limit), [key]: unit } as { limit: number } & Record<K, string>;
  };

export const addFlowCaps = (flows: Command, outcome: Outcome): void => {
  withIfMatch(
    leaf(
      flows,
      "caps <flowId>",
      "Set a flow's caps, or take them away; without options: show them",
      "sluice flows caps order-approval --throughput 1000/hour --spend 50/day",
      "sluice flows caps order-approval --spend none",
    ),
  )
    .option(
      "--throughput <limit/window>",
      "runs a minute, hour or day",
      cap("per", ["minute", "hour", "day"]),
    )
    .option("--spend <limit/period>", "declared cost a day or month", cap("period", ["day", "month"]))
    .action(
      perform<CapOptions, [string]>(
        outcome,
        async ({ api, terminal }, { throughput, spend, ifMatch }, flowId) => {
          const target = path`/flows/${flowId}`;
          const body = { throughput, spend };
          const flow =
            throughput === undefined && spend === undefined
              ? await api().get<Flow>(target)
              : await api().call<Flow>({ method: "PUT", path: `${target}/caps`, body, ifMatch });
          terminal.result(flow, () => flowText(flow, terminal.paint));
        },
      ),
    );
};
