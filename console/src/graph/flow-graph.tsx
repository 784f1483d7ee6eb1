import "@xyflow/react/dist/style.css";
import "./flow-graph.css";
import { useComputedColorScheme } from "@mantine/core";
import {
  BaseEdge,
  Controls,
  EdgeLabelRenderer,
  type EdgeProps,
  type EdgeTypes,
  MarkerType,
  type NodeMouseHandler,
  ReactFlow,
} from "@xyflow/react";
import { type KeyboardEvent, useMemo } from "react";
import { type FlowNode, layoutFlow, type Point, type RoutedEdge } from "./layout.ts";
import { NODE_TYPES } from "./nodes.tsx";
import { StateLooks, type StateMark } from "./state-marks.ts";
import { readScope } from "./states.ts";

/** A line through the points, with corners rounded by curves between the midpoints. */
const pathThrough = (points: readonly Point[]): string => {
  const [first, ...rest] = points;
  const last = rest.at(-1);
  if (first === undefined || last === undefined) return "";
  const curves = rest.slice(0, -1).map((point, index) => {
    const next = rest[index + 1] ?? last;
    return `Q ${point.x},${point.y} ${(point.x + next.x) / 2},${(point.y + next.y) / 2}`;
  });
  return [`M ${first.x},${first.y}`, ...curves, `L ${last.x},${last.y}`].join(" ");
};

function Routed({ data, markerEnd }: EdgeProps<RoutedEdge>) {
  const points = data?.points ?? [];
  const middle = points[Math.floor(points.length / 2)];
  return (
    <>
      <BaseEdge path={pathThrough(points)} {...(markerEnd === undefined ? {} : { markerEnd })} />
      {data?.label !== undefined && middle !== undefined && (
        <EdgeLabelRenderer>
          <span
            className="edge-label"
            style={{ transform: `translate(-50%, -50%) translate(${middle.x}px, ${middle.y}px)` }}
          >
            {data.label}
          </span>
        </EdgeLabelRenderer>
      )}
    </>
  );
}

const EDGE_TYPES = { routed: Routed } satisfies EdgeTypes;

export interface FlowGraphProps {
  readonly definition: unknown;
  /** The statuses of states in a run, by name. */
  readonly marks?: ReadonlyMap<string, StateMark>;
  /** The edges that a run has taken, by `edgeKey`. */
  readonly taken?: ReadonlySet<string>;
  readonly selected?: string | undefined;
  /** The state before which the run will be paused. */
  readonly breakpoint?: string | undefined;
  /** Called with the name of a clicked state. */
  readonly onSelect?: ((state: string) => void) | undefined;
  readonly height?: number | string;
}

const NO_MARKS: ReadonlyMap<string, StateMark> = new Map();

/** The graph of a flow. In a run, every state shows its status by shape and text as well as by color. */
export default function FlowGraph({
  definition,
  marks = NO_MARKS,
  taken,
  selected,
  breakpoint,
  onSelect,
  height = 480,
}: FlowGraphProps) {
  const colorMode = useComputedColorScheme("light");
  const { nodes, edges } = useMemo(() => layoutFlow(readScope(definition)), [definition]);
  const arrows = useMemo(
    () =>
      edges.map((edge) => {
        const isTaken = taken?.has(edge.data?.key ?? "") === true;
        return {
          ...edge,
          className: `${edge.className}${isTaken ? " edge-taken" : ""}`,
          markerEnd: {
            type: MarkerType.ArrowClosed,
            ...(isTaken ? { color: "var(--edge-taken)", strokeWidth: 1.5 } : {}),
          },
        };
      }),
    [edges, taken],
  );
  const looks = useMemo(
    () => ({ marks, selected, breakpoint, isChoosing: onSelect !== undefined }),
    [marks, selected, breakpoint, onSelect],
  );
  const click: NodeMouseHandler<FlowNode> = (_event, node) => {
    if ("state" in node.data) onSelect?.(node.data.state.name);
  };
  // The library selects a state by Enter, but does not report it.
  const press = ({ key, target }: KeyboardEvent) => {
    if (key !== "Enter" || !(target instanceof HTMLElement)) return;
    if (!target.classList.contains("react-flow__node")) return;
    const state = target.querySelector<HTMLElement>("[data-state]")?.dataset["state"];
    if (state !== undefined) onSelect?.(state);
  };
  return (
    <section style={{ height }} className="flow-graph" aria-label="Graph of the flow" onKeyDown={press}>
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
