import { BaseEdge, EdgeLabelRenderer, type EdgeProps, type EdgeTypes } from "@xyflow/react";
import type { Point, RoutedEdge } from "./layout.ts";

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

export const EDGE_TYPES = { routed: Routed } satisfies EdgeTypes;
