import { layout as dagre, graphlib } from "@dagrejs/dagre";
import type { Edge, Node } from "@xyflow/react";
import { END, edgeKey, type GraphEdge, type GraphScope, type GraphState, START } from "./states.ts";

/** Sizes in pixels. */
const STATE = { width: 190, height: 48 };
const POINT = { width: 16, height: 16 };
const PADDING = 16;
/** Height of a group's name, above its branches. */
const TITLE = 34;

export type StateNode = Node<{ readonly state: GraphState; readonly path: string }, "state" | "group">;
export type PointNode = Node<{ readonly end: boolean }, "point">;
type BranchNode = Node<Record<string, never>, "branch">;
export type FlowNode = StateNode | PointNode | BranchNode;

/** An edge along the route that the layout reserved for it, around the states between its ends. */
export type RoutedEdge = Edge<
  { readonly points: readonly Point[]; readonly key: string; readonly label?: string },
  "routed"
>;
export interface Point {
  readonly x: number;
  readonly y: number;
}

interface Picture {
  readonly nodes: FlowNode[];
  /** Their points are relative to the corner of the scope `within`. */
  readonly edges: (RoutedEdge & { readonly within: string })[];
  readonly width: number;
  readonly height: number;
}

/** The id of a state in the graph. Names may repeat between the branches of an incomplete flow. */
const pathOf = (parent: string, name: string): string => `${parent}/${name}`;

/** Lays out every state of a flow; states of branches and maps lie inside their parent state. */
export const layoutFlow = (flow: GraphScope): { nodes: FlowNode[]; edges: RoutedEdge[] } => {
  const { nodes, edges } = layoutScope(flow, "", true);
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const cornerOf = (id: string | undefined): Point => {
    const node = id === undefined ? undefined : byId.get(id);
    if (node === undefined) return { x: 0, y: 0 };
    const outer = cornerOf(node.parentId);
    return { x: outer.x + node.position.x, y: outer.y + node.position.y };
  };
  return {
    nodes,
    edges: edges.map(({ within, ...edge }) => {
      const corner = cornerOf(within);
      const points = (edge.data?.points ?? []).map(({ x, y }) => ({ x: x + corner.x, y: y + corner.y }));
      return { ...edge, data: { key: "", ...edge.data, points } };
    }),
  };
};

const layoutScope = (scope: GraphScope, parent: string, withEnds: boolean): Picture => {
  const graph = new graphlib.Graph({ multigraph: true });
  graph.setGraph({ rankdir: "TB", nodesep: 28, ranksep: 44, marginx: PADDING, marginy: PADDING });
  graph.setDefaultEdgeLabel(() => ({}));
  const inner = new Map(
    scope.states.map((state) => [state.name, layoutState(state, pathOf(parent, state.name))]),
  );
  for (const [name, { width, height }] of inner) graph.setNode(name, { width, height });
  const edges = withEnds ? [...scope.edges, ...endEdges(scope)] : scope.edges;
  if (withEnds && inner.size > 0) {
    graph.setNode(START, { ...POINT });
    graph.setNode(END, { ...POINT });
  }
  edges.forEach((edge, index) => {
    const label = edge.label === undefined ? {} : { width: edge.label.length * 6, height: 14, labelpos: "c" };
    graph.setEdge(edge.from, edge.to, label, String(index));
  });
  dagre(graph);
  const place = (name: string) => {
    const { x, y, width = 0, height = 0 } = graph.node(name);
    return { x: x - width / 2, y: y - height / 2 };
  };
  const within = parent === "" ? {} : { parentId: parent, extent: "parent" as const };
  const nodes = [...inner].flatMap(([name, { own, children }]) => [
    { ...own, ...within, position: place(name) } as FlowNode,
    ...children,
  ]);
  const points = [START, END]
    .filter((name) => graph.hasNode(name))
    .map(
      (name): PointNode => ({
        id: pathOf(parent, name),
        type: "point",
        position: place(name),
        data: { end: name === END },
        ...POINT,
        ...within,
      }),
    );
  const { width = 0, height = 0 } = graph.graph();
  return {
    nodes: [...nodes, ...points],
    edges: [
      ...edges.map((edge, index) => {
        const { points = [] } = graph.edge({ v: edge.from, w: edge.to, name: String(index) });
        return drawn(edge, parent, index, points);
      }),
      ...innerEdges(inner),
    ],
    width,
    height,
  };
};

/** The edges from the start to the first state, and from the last states to the end. */
const endEdges = ({ startAt, states, edges }: GraphScope): GraphEdge[] => {
  const leading = new Set(edges.filter(({ kind }) => kind !== "catch").map(({ from }) => from));
  const last = states.filter(({ name }) => !leading.has(name));
  return [
    ...(states.some(({ name }) => name === startAt)
      ? [{ from: START, to: startAt, kind: "next" as const }]
      : []),
    ...last.map(({ name }) => ({ from: name, to: END, kind: "next" as const })),
  ];
};

interface Placed {
  readonly own: FlowNode;
  readonly children: FlowNode[];
  readonly edges: Picture["edges"];
  readonly width: number;
  readonly height: number;
}

/** Lays out a state, with its branches side by side if it has any. */
const layoutState = (state: GraphState, path: string): Placed => {
  const data = { state, path };
  if (state.scopes.length === 0) {
    const own: StateNode = { id: path, type: "state", position: { x: 0, y: 0 }, data, ...STATE };
    return { own, children: [], edges: [], ...STATE };
  }
  let right = PADDING;
  let lowest = 0;
  const children: FlowNode[] = [];
  const edges: Picture["edges"] = [];
  state.scopes.forEach((scope, index) => {
    const id = pathOf(path, `\u0000${index}`);
    const picture = layoutScope(scope, id, false);
    const size = { width: picture.width, height: picture.height };
    const branch: BranchNode = {
      ...{ id, type: "branch", parentId: path, extent: "parent", data: {} },
      position: { x: right, y: TITLE },
      ...size,
    };
    children.push(branch, ...picture.nodes);
    edges.push(...picture.edges);
    right += size.width + PADDING;
    lowest = Math.max(lowest, size.height);
  });
  const size = { width: Math.max(right, STATE.width), height: TITLE + lowest + PADDING };
  const own: StateNode = { id: path, type: "group", position: { x: 0, y: 0 }, data, ...size };
  return { own, children, edges, ...size };
};

const innerEdges = (inner: ReadonlyMap<string, Placed>): Picture["edges"] =>
  [...inner.values()].flatMap(({ edges }) => edges);

const drawn = (
  { from, to, kind, label }: GraphEdge,
  parent: string,
  index: number,
  points: readonly Point[],
): Picture["edges"][number] => ({
  id: `${parent}#${index}`,
  type: "routed",
  source: pathOf(parent, from),
  target: pathOf(parent, to),
  className: `edge-${kind}`,
  within: parent,
  data: { points, key: edgeKey(from, to), ...(label === undefined ? {} : { label }) },
});
