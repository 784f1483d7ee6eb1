import type { ListedStep } from "../../../api/steps.ts";
import { counted } from "../../../components/format.ts";

/** The fields of a step that the timeline shows. */
export type TreeStep = Pick<
  ListedStep,
  "stepId" | "seq" | "name" | "type" | "status" | "branch" | "startedAt" | "endedAt" | "children"
>;

/** A step with the steps inside it, or an iteration of a Map. */
export interface TreeNode<S extends TreeStep = ListedStep> {
  /** The step's id; for an iteration, that of its Map and its index. */
  readonly id: string;
  readonly label: string;
  /** Absent for an iteration that has several steps. */
  readonly step?: S;
  readonly status: S["status"];
  /** Epoch milliseconds. */
  readonly from: number;
  /** Absent while it is open. */
  readonly to?: number;
  readonly inside: readonly TreeNode<S>[];
  /** Of a Map: `150 items`, `3 of 10 failed`. */
  readonly note?: string;
}

export interface StepsTree<S extends TreeStep = ListedStep> {
  readonly roots: readonly TreeNode<S>[];
  /** The ids of the nodes around each step, outermost first. */
  readonly around: ReadonlyMap<string, readonly string[]>;
  /** The steps of each scope in order: of the top level, of a branch or of an iteration. The key begins with the id of the step around them. */
  readonly scopes: ReadonlyMap<string, readonly S[]>;
}

/** The key of the scope at the top level. */
export const TOP_LEVEL = " ";

/** A path ends with the number of the branch or iteration: `Fan[1]/Each[17]`. */
const LAST_INDEX = /\[(\d+)\]$/;
const pathOf = ({ branch, name }: TreeStep): string => (branch === undefined ? name : `${branch}/${name}`);

/** Puts each step into the Parallel or Map around it. `steps` are in order of time. */
export const treeOf = <S extends TreeStep>(steps: readonly S[]): StepsTree<S> => {
  const containers = new Map<string, S[]>();
  for (const step of steps)
    if (step.type === "Parallel" || step.type === "Map")
      containers.set(pathOf(step), [...(containers.get(pathOf(step)) ?? []), step]);
  const inside = new Map<string, { readonly index: number; readonly step: S }[]>();
  const scopes = new Map<string, S[]>();
  const roots: S[] = [];
  const add = <V>(map: Map<string, V[]>, key: string, value: V) => {
    const values = map.get(key);
    if (values === undefined) map.set(key, [value]);
    else values.push(value);
  };
  for (const step of steps) {
    const index = LAST_INDEX.exec(step.branch ?? "") ?? undefined;
    const visits = index && containers.get(step.branch?.slice(0, index.index) ?? "");
    // A flow that loops visits the container again; the steps belong to the visit before them.
    const container =
      visits && (visits.findLast(({ startedAt }) => startedAt <= step.startedAt) ?? visits[0]);
    add(scopes, `${container?.stepId ?? ""} ${step.branch ?? ""}`, step);
    if (container === undefined) roots.push(step);
    else add(inside, container.stepId, { index: Number(index?.[1]), step });
  }
  const around = new Map<string, readonly string[]>();
  const nodeOf = (step: S, outer: readonly string[], label = step.name): TreeNode<S> => {
    const { stepId, status, startedAt, endedAt } = step;
    around.set(stepId, outer);
    const here = [...outer, stepId];
    const held = inside.get(stepId) ?? [];
    const children =
      step.type === "Map"
        ? [...Map.groupBy(held, ({ index }) => index)]
            .sort(([one], [other]) => one - other)
            .map(([index, of]) =>
              iterationOf(
                step,
                index,
                of.map((one) => one.step),
                here,
              ),
            )
        : [...held]
            .sort((one, other) => one.index - other.index || one.step.seq - other.step.seq)
            .map((one) => nodeOf(one.step, here));
    const note = step.type === "Map" ? mapNote(step, children) : undefined;
    return {
      ...{ id: stepId, label, step, status, from: Date.parse(startedAt), inside: children },
      ...(endedAt === undefined ? {} : { to: Date.parse(endedAt) }),
      ...(note === undefined ? {} : { note }),
    };
  };
  const iterationOf = (map: S, index: number, steps: readonly S[], outer: readonly string[]): TreeNode<S> => {
    const [only] = steps;
    if (only !== undefined && steps.length === 1) return nodeOf(only, outer, `${only.name} [${index}]`);
    const id = `${map.stepId}[${index}]`;
    const nodes = steps.map((step) => nodeOf(step, [...outer, id]));
    const open = nodes.find(({ to }) => to === undefined);
    const ends = nodes.map(({ to = 0 }) => to);
    return {
      ...{ id, label: `${map.name} [${index}]`, inside: nodes },
      status: open?.status ?? nodes.at(-1)?.status ?? "completed",
      from: Math.min(...nodes.map(({ from }) => from)),
      ...(open === undefined ? { to: Math.max(...ends) } : {}),
    };
  };
  return { roots: roots.map((step) => nodeOf(step, [])), around, scopes };
};

const mapNote = (
  { children }: TreeStep,
  items: readonly { readonly status: string; readonly to?: number }[],
): string | undefined => {
  const total = children?.total ?? items.length;
  if (total === 0) return undefined;
  const failed = children?.failed ?? items.filter(({ status }) => status === "failed").length;
  if (failed > 0) return `${failed.toLocaleString()} of ${total.toLocaleString()} failed`;
  const open =
    children === undefined
      ? items.filter(({ to }) => to === undefined).length
      : children.running + children.parked;
  return open === 0 ? counted(total, "item") : `${open.toLocaleString()} of ${total.toLocaleString()} open`;
};

export interface TimelineRow {
  readonly node: TreeNode;
  readonly depth: number;
  /** Undefined for a row that does not open. */
  readonly isOpen: boolean | undefined;
  readonly parent?: string;
}

/** The branches of a Parallel are shown at first, the iterations of a Map are not. */
const isOpenAtFirst = ({ step }: TreeNode): boolean => step?.type === "Parallel";

/** Returns the visible rows. `toggled`: the nodes that the reader has opened or closed. */
export const rowsOf = (roots: readonly TreeNode[], toggled: ReadonlySet<string>): TimelineRow[] => {
  const rows: TimelineRow[] = [];
  const add = (node: TreeNode, depth: number, parent: string | undefined) => {
    const opens = node.inside.length > 0;
    const isOpen = opens ? isOpenAtFirst(node) !== toggled.has(node.id) : undefined;
    rows.push({ node, depth, isOpen, ...(parent === undefined ? {} : { parent }) });
    if (isOpen === true) for (const one of node.inside) add(one, depth + 1, node.id);
  };
  for (const root of roots) add(root, 0, undefined);
  return rows;
};

/** Returns what has to be toggled so that the step's row is visible. */
export const toggledToShow = (
  { roots, around }: StepsTree,
  stepId: string,
  toggled: ReadonlySet<string>,
): Set<string> => {
  const next = new Set(toggled);
  let level = roots;
  for (const id of around.get(stepId) ?? []) {
    const node = level.find((one) => one.id === id);
    if (node === undefined) break;
    if (isOpenAtFirst(node) === next.has(id)) {
      if (!next.delete(id)) next.add(id);
    }
    level = node.inside;
  }
  return next;
};
