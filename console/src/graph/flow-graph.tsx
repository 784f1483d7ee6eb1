import "@xyflow/react/dist/style.css";
import "./flow-graph.css";
import { useComputedColorScheme } from "@mantine/core";
import { Controls, MarkerType, type NodeMouseHandler, ReactFlow } from "@xyflow/react";
import { useMemo } from "react";
import { EDGE_TYPES } from "./edges.tsx";
import { type FlowNode, layoutFlow } from "./layout.ts";
import { NODE_TYPES } from "./nodes.tsx";
import { StateLooks, type StateMark } from "./state-marks.ts";
import { readScope } from "./states.ts";

export interface FlowGraphProps {
  readonly definition: unknown;
  /** The statuses of states in a run, by name. */
  readonly marks?: ReadonlyMap<string, StateMark>;
  readonly selected?: string | undefined;
  /** Called with the name of a clicked state. */
  readonly onSelect?: ((state: string) => void) | undefined;
  readonly height?: number | string;
}

const NO_MARKS: ReadonlyMap<string, StateMark> = new Map();

/** The graph of a flow. In a run, every state shows its status by shape and text as well as by color. */
export default function FlowGraph({
  definition,
  marks = NO_MARKS,
  selected,
  onSelect,
  height = 480,
}: FlowGraphProps) {
  const colorMode = useComputedColorScheme("light");
  const { nodes, edges } = useMemo(() => layoutFlow(readScope(definition)), [definition]);
  const arrows = useMemo(
    () => edges.map((edge) => ({ ...edge, markerEnd: { type: MarkerType.ArrowClosed } })),
    [edges],
  );
  const looks = useMemo(
    () => ({ marks, selected, isChoosing: onSelect !== undefined }),
    [marks, selected, onSelect],
  );
  const click: NodeMouseHandler<FlowNode> = (_event, node) => {
    if ("state" in node.data) onSelect?.(node.data.state.name);
  };
  return (
    <section style={{ height }} className="flow-graph" aria-label="Graph of the flow">
      <StateLooks value={looks}>
        <ReactFlow
          nodes={nodes}
          edges={arrows}
          nodeTypes={NODE_TYPES}
          edgeTypes={EDGE_TYPES}
          onNodeClick={click}
          colorMode={colorMode}
          fitView
          fitViewOptions={{ maxZoom: 1.1, padding: 0.08 }}
          minZoom={0.1}
          nodesDraggable={false}
          nodesConnectable={false}
          nodesFocusable={onSelect !== undefined}
          edgesFocusable={false}
          preventScrolling={false}
          proOptions={{ hideAttribution: true }}
        >
          <Controls showInteractive={false} />
        </ReactFlow>
      </StateLooks>
    </section>
  );
}
