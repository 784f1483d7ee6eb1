/** One route of the HTTP API. */
export interface Route {
  readonly method: string;
  /** E.g. `/v1/workspaces/{workspace}/flows`. */
  readonly path: string;
  /** The name of the function that the route invokes. */
  readonly function: string;
  /** Whether the route has the JWT authorizer. */
  readonly auth: boolean;
}

export interface RouteMatch {
  readonly route: Route;
  readonly pathParameters: Readonly<Record<string, string>>;
}

interface Node {
  readonly fixed: Map<string, Node>;
  parameter: Node | undefined;
  readonly routes: Map<string, Route>;
}
const newNode = (): Node => ({ fixed: new Map(), parameter: undefined, routes: new Map() });

const isParameter = (segment: string): boolean => segment.startsWith("{") && segment.endsWith("}");

/** Finds the route of a request like API Gateway: the most specific route wins, a fixed segment over a parameter. */
export class RouteTable {
  readonly #root = newNode();

  constructor(routes: readonly Route[]) {
    for (const route of routes) {
      let node = this.#root;
      for (const segment of route.path.split("/").slice(1)) node = childOf(node, segment);
      node.routes.set(route.method.toUpperCase(), route);
    }
  }

  /** Undefined if there is no such route. @throws URIError for a badly encoded path */
  find(method: string, path: string): RouteMatch | undefined {
    const segments = path.split("/").slice(1);
    const route = search(this.#root, segments, method);
    if (route === undefined) return undefined;
    const names = route.path.split("/").slice(1);
    const parameters = names.flatMap((name, index) =>
      isParameter(name) ? [[name.slice(1, -1), decodeURIComponent(segments[index] ?? "")] as const] : [],
    );
    return { route, pathParameters: Object.fromEntries(parameters) };
  }
}

function childOf(node: Node, segment: string): Node {
  if (isParameter(segment)) {
    node.parameter ??= newNode();
    return node.parameter;
  }
  const child = node.fixed.get(segment) ?? newNode();
  node.fixed.set(segment, child);
  return child;
}

function search(node: Node, segments: readonly string[], method: string): Route | undefined {
  const [segment, ...rest] = segments;
  if (segment === undefined) return node.routes.get(method);
  const fixed = node.fixed.get(segment);
  const found = fixed && search(fixed, rest, method);
  if (found !== undefined || node.parameter === undefined || segment === "") return found;
  return search(node.parameter, rest, method);
}
