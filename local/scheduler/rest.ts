import type { AwsEndpoint, AwsRequest } from "../aws/endpoint.ts";
import { parseJson } from "../aws/json-protocol.ts";
import { AwsError, type AwsService } from "../ports/services.ts";

const OPERATIONS: Readonly<Record<string, string>> = {
  "POST schedules/{Name}": "CreateSchedule",
  "PUT schedules/{Name}": "UpdateSchedule",
  "GET schedules/{Name}": "GetSchedule",
  "DELETE schedules/{Name}": "DeleteSchedule",
  "GET schedules": "ListSchedules",
  "POST schedule-groups/{Name}": "CreateScheduleGroup",
  "GET schedule-groups/{Name}": "GetScheduleGroup",
  "DELETE schedule-groups/{Name}": "DeleteScheduleGroup",
  "GET schedule-groups": "ListScheduleGroups",
};

/** Query parameters and the request fields that they set. */
const QUERY: Readonly<Record<string, string>> = {
  groupName: "GroupName",
  ScheduleGroup: "GroupName",
  clientToken: "ClientToken",
  NamePrefix: "NamePrefix",
  State: "State",
  MaxResults: "MaxResults",
  NextToken: "NextToken",
};

/** EventBridge Scheduler's REST protocol. */
export function schedulerEndpoint(service: AwsService): AwsEndpoint {
  return {
    operation({ method, path }) {
      const [, collection, name, ...more] = path.replace(/\/$/, "").split("/");
      return more.length > 0
        ? undefined
        : OPERATIONS[`${method} ${collection}${name === undefined ? "" : "/{Name}"}`];
    },
    errorAnswer: (error) => ({
      status: error.status,
      headers: { "content-type": "application/json", "x-amzn-errortype": error.name },
      body: JSON.stringify({ Message: error.message }),
    }),
    async handle(operation, request) {
      const answer = await service.call(operation, fields(request));
      return { status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(answer) };
    },
  };
}

function fields(request: AwsRequest): unknown {
  const body = parseJson(request.body);
  if (typeof body !== "object" || body === null)
    throw new AwsError("SerializationException", "The request body is not a JSON object");
  const fromQuery = [...request.query].flatMap(([key, value]) => {
    const field = QUERY[key];
    return field === undefined ? [] : [[field, value] as const];
  });
  const name = request.path.split("/")[2];
  return {
    ...body,
    ...Object.fromEntries(fromQuery),
    ...(name === undefined || name === "" ? {} : { Name: decodeURIComponent(name) }),
  };
}
