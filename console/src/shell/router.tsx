import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  type RouteComponent,
  redirect,
} from "@tanstack/react-router";
import { Failure, NotFound } from "../components/states.tsx";
import { attentionSearch } from "../pages/attention/search.ts";
import { failuresSearch } from "../pages/failures/search.ts";
import { runSearch } from "../pages/run/search.ts";
import { runsSearch } from "../pages/runs/search.ts";
import { CALLBACK_PATH } from "../session/config.ts";
import { session } from "../session/session.ts";
import { Frame } from "./frame.tsx";

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFound });

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  validateSearch: (search: Record<string, unknown>): { returnTo?: string } =>
    // Only a path of this site: a link must not redirect people to another site.
    typeof search["returnTo"] === "string" && /^\/(?![/\\])/.test(search["returnTo"])
      ? { returnTo: search["returnTo"] }
      : {},
  component: lazyRouteComponent(() => import("../pages/sign-in/sign-in.tsx"), "SignInPage"),
});
const signedIn = createRoute({
  getParentRoute: () => root,
  path: CALLBACK_PATH,
  component: lazyRouteComponent(() => import("../pages/sign-in/sign-in.tsx"), "SignedInPage"),
});

/** All other pages require a session. After sign-in, people return to the same address. */
const inside = createRoute({
  getParentRoute: () => root,
  id: "inside",
  beforeLoad: ({ location }) => {
    if (session.current() === undefined)
      throw redirect({ to: "/sign-in", search: { returnTo: location.href } });
  },
  component: Frame,
});
const page = <const Path extends string, Name extends string>(
  path: Path,
  load: () => Promise<Record<Name, RouteComponent>>,
  name: Name,
) => createRoute({ getParentRoute: () => inside, path, component: lazyRouteComponent(load, name) });

const start = createRoute({
  getParentRoute: () => inside,
  path: "/",
  validateSearch: ({ choose }: Record<string, unknown>): { choose?: true } =>
    choose === true ? { choose } : {},
  component: lazyRouteComponent(() => import("../pages/start/start.tsx"), "StartPage"),
});
const home = page("/$workspace/", () => import("../pages/home/home.tsx"), "HomePage");
const help = page("/help/$document", () => import("../pages/help/help.tsx"), "HelpPage");
const runs = createRoute({
  getParentRoute: () => inside,
  path: "/$workspace/monitoring/workflow-runs",
  validateSearch: runsSearch,
  component: lazyRouteComponent(() => import("../pages/runs/runs.tsx"), "RunsPage"),
});
const run = createRoute({
  getParentRoute: () => inside,
  path: "/$workspace/monitoring/workflow-runs/$runId",
  validateSearch: runSearch,
  component: lazyRouteComponent(() => import("../pages/run/run.tsx"), "RunPage"),
});
const attention = createRoute({
  getParentRoute: () => inside,
  path: "/$workspace/monitoring/attention",
  validateSearch: attentionSearch,
  component: lazyRouteComponent(() => import("../pages/attention/attention.tsx"), "AttentionPage"),
});
const failures = createRoute({
  getParentRoute: () => inside,
  path: "/$workspace/monitoring/failures",
  validateSearch: failuresSearch,
  component: lazyRouteComponent(() => import("../pages/failures/failures.tsx"), "FailuresPage"),
});
const bulks = page(
  "/$workspace/monitoring/bulk-operations",
  () => import("../pages/bulk/bulks.tsx"),
  "BulksPage",
);
const bulk = page(
  "/$workspace/monitoring/bulk-operations/$bulkId",
  () => import("../pages/bulk/bulk.tsx"),
  "BulkPage",
);
const flows = page("/$workspace/flows", () => import("../pages/flows/flows.tsx"), "FlowsPage");
const flow = page("/$workspace/flows/$flowId", () => import("../pages/flow/flow.tsx"), "FlowPage");
const inbox = createRoute({
  getParentRoute: () => inside,
  path: "/$workspace/inbox",
  // A link in an e-mail leads to the questions of one run.
  validateSearch: ({ run: runId }: Record<string, unknown>): { run?: string } =>
    runId === undefined || runId === "" ? {} : { run: String(runId) },
  component: lazyRouteComponent(() => import("../pages/inbox/inbox.tsx"), "InboxPage"),
});
const incidents = page(
  "/$workspace/incidents",
  () => import("../pages/incidents/incidents.tsx"),
  "IncidentsPage",
);
const incident = page(
  "/$workspace/incidents/$incidentId",
  () => import("../pages/incident/incident.tsx"),
  "IncidentPage",
);
const settings = page("/$workspace/settings", () => import("../pages/settings/settings.tsx"), "SettingsPage");

/** The monitoring of a workspace is the list of its runs; any other address has a page with the navigation. */
const others = createRoute({
  getParentRoute: () => inside,
  path: "/$workspace/$",
  beforeLoad: ({ params: { workspace, _splat } }) => {
    if (_splat?.replace(/\/$/, "") === "monitoring")
      throw redirect({ to: "/$workspace/monitoring/workflow-runs", params: { workspace }, replace: true });
  },
  component: NotFound,
});

export const router = createRouter({
  routeTree: root.addChildren([
    signIn,
    signedIn,
    inside.addChildren([
      ...[
        start,
        home,
        help,
        runs,
        run,
        attention,
        failures,
        bulks,
        bulk,
        flows,
        flow,
        incidents,
        incident,
        inbox,
        settings,
        others,
      ],
    ]),
  ]),
  defaultErrorComponent: ({ error, reset }) => <Failure error={error} retry={reset} />,
  defaultPreload: "intent",
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
