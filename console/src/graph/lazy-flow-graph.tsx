import { Skeleton } from "@mantine/core";
import { type ComponentProps, lazy, Suspense } from "react";

const FlowGraph = lazy(() => import("./flow-graph.tsx"));

/** The graph of a flow. Its code is loaded when a graph is first shown. */
export function LazyFlowGraph(props: ComponentProps<typeof FlowGraph>) {
  return (
    <Suspense fallback={<Skeleton height={props.height} />}>
      <FlowGraph {...props} />
    </Suspense>
  );
}
