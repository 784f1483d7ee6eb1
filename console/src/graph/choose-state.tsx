import { Select, Skeleton } from "@mantine/core";
import { useMemo } from "react";
import { LazyFlowGraph } from "./lazy-flow-graph.tsx";
import type { StateMark } from "./state-marks.ts";
import { readScope } from "./states.ts";

interface Choice {
  /** Undefined while it is loading. */
  readonly definition: unknown;
  readonly state: string | undefined;
  readonly onChoose: (state: string) => void;
}

const useNames = (definition: unknown): string[] =>
  useMemo(() => readScope(definition).states.map(({ name }) => name), [definition]);

/** Chooses a top-level state from a list, which needs no pointer. */
export function StateSelect({ definition, state, onChoose }: Choice) {
  return (
    <Select
      label="State"
      placeholder="Choose a state"
      data={useNames(definition)}
      value={state ?? null}
      onChange={(name) => name && onChoose(name)}
      searchable
    />
  );
}

/** Chooses a top-level state in the graph. */
export function StateGraph({
  definition,
  state,
  onChoose,
  marks,
  height,
}: Choice & { readonly marks?: ReadonlyMap<string, StateMark>; readonly height: number }) {
  const names = useNames(definition);
  if (definition === undefined) return <Skeleton height={height} />;
  return (
    <LazyFlowGraph
      {...{ definition, height, selected: state }}
      {...(marks === undefined ? {} : { marks })}
      onSelect={(name) => names.includes(name) && onChoose(name)}
    />
  );
}
