import { CRASH_FAULTS } from "./crash-plan.ts";
import type { ProvedCrash, RepairedBy } from "./prove.ts";

const REPAIRERS: readonly RepairedBy[] = ["nobody", "its caller", "the sweeper"];

/** A table with a row per scenario: its calls, the crashes tried, and who repaired how many of them. */
export const report = (proved: readonly ProvedCrash[]): string => {
  const rows = [...Map.groupBy(proved, ({ scenario }) => scenario)].map(([{ name, handler }, points]) => {
    const crashed = points.filter(({ result }) => result.crashedAt !== undefined);
    const calls = Math.max(0, ...crashed.map(({ at }) => at));
    const by = REPAIRERS.map((who) => crashed.filter(({ repairedBy }) => repairedBy === who).length);
    return [handler, name, calls, crashed.length, ...by];
  });
  const sum = (column: number) => rows.reduce((total, row) => total + Number(row[column]), 0);
  const head = [
    "function",
    "operation",
    "calls",
    "crashes",
    "nothing needed",
    "its caller's retry",
    "the sweeper",
  ];
  const foot = [
    "",
    `${rows.length} operations, ${CRASH_FAULTS.length} faults`,
    sum(2),
    sum(3),
    sum(4),
    sum(5),
    sum(6),
  ];
  const table = [head, ...rows, foot].map((row) => row.map(String));
  const widths = head.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  return table
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
};
