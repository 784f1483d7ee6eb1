import {
  isTerminal,
  nextStatus,
  RUN_STATUSES,
  type RunStatus,
  TRANSITIONS,
} from "../../shared/model/transitions.ts";

const OPEN = RUN_STATUSES.filter((status) => !isTerminal(status));
const TERMINAL = RUN_STATUSES.filter(isTerminal);

/** Returns the transitions that lead from one status to another. */
const transitionsBetween = (from: RunStatus, to: RunStatus): string =>
  TRANSITIONS.filter((transition) => nextStatus(from, transition) === to).join(", ");

const arrows = (froms: readonly RunStatus[], tos: readonly RunStatus[]) =>
  froms.flatMap((from) =>
    tos
      .map((to) => ({ from, to, labels: transitionsBetween(from, to) }))
      .filter(({ labels }) => labels !== ""),
  );

/** Returns the run statuses and their transitions as a Mermaid diagram. */
export const statusDiagram = (): string => {
  const inner = arrows(OPEN, OPEN).map(({ from, to, labels }) => `    ${from} --> ${to}: ${labels}`);
  // If every open status leads to an end by the same transitions, one arrow represents all of them.
  const outer = TERMINAL.flatMap((to) => {
    const ends = arrows(OPEN, [to]);
    const [first] = ends;
    const alike = ends.length === OPEN.length && ends.every(({ labels }) => labels === first?.labels);
    return (alike && first ? [{ ...first, from: "open" }] : ends).map(
      ({ from, labels }) => `  ${from} --> ${to}: ${labels}`,
    );
  });
  return [
    ...["```mermaid", "stateDiagram-v2", '  state "not over yet" as open {', "    [*] --> pending: dispatch"],
    ...inner,
    "  }",
    ...outer,
    "```",
  ].join("\n");
};
