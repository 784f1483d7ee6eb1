import type { Step } from "../doctor/destroy-plan.ts";
import type { Finding, Verdict } from "../doctor/finding.ts";
import { counted, type Paint, visible } from "../terminal/style.ts";
import { table } from "../terminal/table.ts";

const COLORS = { ok: "green", warning: "yellow", problem: "red", unchecked: "dim" } as const satisfies Record<
  Verdict,
  string
>;

const countOf = (findings: readonly Finding[], verdict: Verdict): number =>
  findings.filter((finding) => finding.verdict === verdict).length;

/** Returns the findings as a table, with what to do for each line below it. */
export const findingsText = (findings: readonly Finding[], paint: Paint): string => {
  const listed = table(findings, [
    {
      title: "RESULT",
      cell: ({ verdict }) => (verdict === "unchecked" ? "-" : verdict),
      paint: (text, { verdict }) => paint(COLORS[verdict], text),
    },
    { title: "CHECK", cell: ({ check }) => check },
    { title: "FOUND", cell: ({ found }) => visible(found) },
    { title: "TO DO", cell: ({ todo = "" }) => visible(todo) },
  ]);
  const [problems, warnings, open] = (["problem", "warning", "unchecked"] as const).map((verdict) =>
    countOf(findings, verdict),
  );
  return `${listed}\n\n${counted(problems ?? 0, "problem")}, ${counted(warnings ?? 0, "warning")}, ${open} not checked`;
};

/** Returns the steps of a removal, each with its reason and a command to copy. */
export const stepsText = (steps: readonly Step[]): string =>
  steps.length === 0
    ? "There is nothing to delete."
    : steps
        .map(
          ({ kind, name, why, command }, index) =>
            `${index + 1}. ${kind} ${visible(name)}\n   ${visible(why)}.\n   $ ${visible(command)}`,
        )
        .join("\n");
