import { ROOMS } from "./test/architecture/rooms.ts";

/**
 * The architecture: data flows functions → domain → store and outbound → model, and nothing that is deployed knows the infrastructure.
 * TypeScript 7 has no JavaScript API, so the sources are parsed by swc; test/architecture plants a violation of each rule and sees it refused.
 */
const forbid = (name, comment, from, to) => ({ name, comment, severity: "error", from, to });

const TEST = "[.]test[.]ts$";
const source = (...folders) => ({ path: `^(${folders.join("|")})/`, pathNot: TEST });
const SCHEMAS = "^shared/model/(schemas/|api/(?!paths[.]ts))|node_modules/zod/";
/** The functions that a flow calls at each step, the gate inside a user's function, and the middleware of both. */
const TASK_FUNCTIONS =
  "^functions/(tasks|inline)/|^functions/middleware/(task|background|parsed-event|http-failure)";
const AWS_CLIENTS = "node_modules/@(aws-sdk|smithy)/";
/** Of the deployed functions, and of the gate inside a user's. */
const COMPOSITION_ROOT = "^functions/(dependencies/|inline/dependencies[.]ts$)";

const inRoom = (folder, room) => (room === "" ? `^${folder}/[^/]+$` : `^${folder}/${room}/`);
const roomRules = Object.entries(ROOMS).flatMap(([folder, rooms]) =>
  rooms
    .slice(0, -1)
    .map((room, position) =>
      forbid(
        `${folder}/${room}: looks down`,
        `The rooms of ${folder} import one way.`,
        { path: inRoom(folder, room), pathNot: TEST },
        { path: rooms.slice(position + 1).map((above) => inRoom(folder, above)) },
      ),
    ),
);

/** @type {import("dependency-cruiser").IConfiguration} */
export default {
  forbidden: [
    ...roomRules,
    forbid("no-cycles", "A cycle has no direction.", {}, { circular: true }),
    forbid("resolvable", "An import that leads nowhere hides a violation.", {}, { couldNotResolve: true }),
    forbid("model-is-a-leaf", "The model knows nobody.", source("shared/model"), {
      path: "^(shared|functions|cli|infra|local|test|examples)/",
      pathNot: "^shared/model/",
    }),
    forbid("asl-knows-the-model-only", "Parsing and compiling flows is pure.", source("shared/asl"), {
      path: "^(shared|functions|cli|infra|local|test|examples)/",
      pathNot: "^shared/(asl|model)/",
    }),
    forbid(
      "store-and-outbound-know-the-model-only",
      "Adapters of AWS services are below the domain and do not know each other.",
      source("shared/store", "shared/outbound"),
      {
        path: "^(shared|functions|cli|infra|local|test|examples)/",
        pathNot: ["^shared/(model|aws)/", "^$1/"],
      },
    ),
    forbid(
      "aws-is-a-leaf",
      "Store and outbound both read AWS errors, and neither imports the other: what they share is a room below both.",
      source("shared/aws"),
      { path: "^(shared|functions|cli|infra|local|test|examples)/", pathNot: "^shared/aws/" },
    ),
    forbid(
      "schemas-at-the-edge",
      "Input is checked where it comes in: what runs at every step of a flow does not load the API's schemas.",
      { path: "^shared/", pathNot: [TEST, "^shared/model/(schemas|api)/"] },
      { path: SCHEMAS, dependencyTypesNot: ["type-only"] },
    ),
    forbid(
      "tasks-without-the-apis-schemas",
      "Task functions check their events with a library that loads in a tenth of the time.",
      { path: [TASK_FUNCTIONS, "^functions/(dependencies|telemetry)/"], pathNot: TEST },
      { path: SCHEMAS, dependencyTypesNot: ["type-only"] },
    ),
    forbid(
      "tasks-without-the-api",
      "What checks requests and events of AWS brings the API's schemas along.",
      { path: TASK_FUNCTIONS, pathNot: TEST },
      { path: "^functions/(api|events|schedules)/|^functions/middleware/http-(?!failure)" },
    ),
    forbid("domain-looks-down", "Use cases do not know who calls them.", source("shared/domain"), {
      path: "^(functions|cli|infra|local|test|examples)/",
    }),
    forbid(
      "domain-without-aws",
      "The domain speaks to AWS through store and outbound.",
      source("shared/domain", "shared/model", "shared/asl"),
      { path: [AWS_CLIENTS, "^shared/aws/"] },
    ),
    forbid(
      "deployed-code-without-infrastructure",
      "What is deployed cannot tell the local stack from AWS.",
      source("functions", "shared"),
      { path: "^(infra|local|cli|test|examples)/|node_modules/(aws-cdk-lib|constructs)/" },
    ),
    forbid(
      "one-composition-root",
      "Only the dependencies of the functions, and of the gate in a user's function, know AWS adapters.",
      { path: "^functions/", pathNot: [TEST, COMPOSITION_ROOT] },
      { path: AWS_CLIENTS },
    ),
    forbid(
      "adapters-by-type-only",
      "Handlers get stores and outbound services handed to them; they name no more than their types.",
      { path: "^functions/", pathNot: [TEST, COMPOSITION_ROOT] },
      { path: "^shared/(store|outbound)/", dependencyTypesNot: ["type-only"] },
    ),
    forbid(
      "cli-speaks-the-public-api",
      "The command line shares only the API client, the model and the compiler with the service.",
      { path: "^cli/", pathNot: [TEST, "^cli/doctor/"] },
      { path: "^(shared|functions|infra|local|test|examples)/", pathNot: "^shared/(client|model|asl)/" },
    ),
    forbid(
      "doctor-knows-what-is-deployed",
      "The doctor compares what is deployed with its definition, by AWS's own API.",
      source("cli/doctor"),
      {
        path: "^(shared|functions|infra|local|test|examples)/",
        pathNot:
          "^shared/(client|model)/|^shared/store/table-definition[.]ts$|^infra/(functions|grant-actions)[.]ts$",
      },
    ),
    forbid(
      "doctor-only-when-called",
      "The other commands start without the AWS clients.",
      { path: "^cli/", pathNot: [TEST, "^cli/doctor/"] },
      { path: "^cli/doctor/", dependencyTypesNot: ["type-only", "dynamic-import"] },
    ),
    forbid(
      "client-knows-the-model-only",
      "The API client can be published on its own.",
      source("shared/client"),
      { path: "^(shared|functions|cli|infra|local|test|examples)/", pathNot: "^shared/(client|model)/" },
    ),
    forbid(
      "client-without-schemas",
      "A schema would bring its library into the page and slow the start of the command line.",
      { path: "^shared/(client/|model/api/paths[.]ts$)", pathNot: TEST },
      {
        path: "^shared/model/|node_modules/zod/",
        pathNot: "^shared/model/(api/paths|limits|transitions)[.]ts$",
        dependencyTypesNot: ["type-only"],
      },
    ),
    forbid(
      "client-runs-everywhere",
      "The API client runs in browsers and needs no package.",
      source("shared/client"),
      { dependencyTypes: ["core", "npm", "npm-dev"], dependencyTypesNot: ["type-only"] },
    ),
    forbid(
      "service-without-its-client",
      "The service does not call its own API.",
      source("functions", "infra", "local", "shared/(?!client/)[^/]+"),
      { path: "^shared/client/" },
    ),
    forbid(
      "stacks-without-the-local-stack",
      "What is deployed on AWS is not defined by the local stack.",
      source("infra"),
      { path: "^local/" },
    ),
    forbid(
      "console-speaks-the-public-api",
      "The console shares only the API client, types and the tables of statuses and permissions with the service.",
      { path: "^console/" },
      { path: "^(shared|functions|infra|local|test|examples)/", pathNot: "^shared/(client|model)/" },
    ),
    forbid(
      "console-without-schemas",
      "A schema would bring its library into the page.",
      { path: "^console/" },
      {
        path: "^shared/model/",
        pathNot:
          "^shared/model/(api/incident-report|transitions|access|limits|attributes|cause|standing|started-by|triggers|json/json-numbers|time/schedule-expression)[.]ts$",
        dependencyTypesNot: ["type-only"],
      },
    ),
    forbid(
      "nobody-imports-the-console",
      "It is built on its own.",
      { pathNot: "^(console|test)/" },
      { path: "^console/" },
    ),
    forbid(
      "no-tests-in-products",
      "Tests and examples stand above everything.",
      { path: "^(functions|shared|cli|infra|local)/", pathNot: TEST },
      { path: "^test/|[.]test[.]ts$" },
    ),
    forbid(
      "telling-folders",
      "A folder says what is in it.",
      {},
      { path: "(^|/)(utils?|helpers?|common)/", pathNot: "node_modules" },
    ),
    forbid(
      "declared-packages",
      "Whatever is imported is in package.json.",
      {},
      { dependencyTypes: ["npm-no-pkg", "npm-unknown"] },
    ),
    forbid(
      "deployed-packages",
      "What functions import is a dependency, not a devDependency.",
      source("functions", "shared"),
      { dependencyTypes: ["npm-dev"], pathNot: "node_modules/@types/" },
    ),
  ],
  options: {
    parser: "swc",
    doNotFollow: { path: "node_modules" },
    exclude: { path: "(^|/)(dist|cdk[.]out)/" },
    enhancedResolveOptions: {
      extensions: [".ts", ".tsx", ".mts", ".js", ".mjs", ".cjs", ".json", ".d.ts"],
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default", "types"],
      mainFields: ["module", "main", "types"],
    },
  },
};
