import type { AwsAnswer, AwsEndpoint, AwsRequest } from "../aws/endpoint.ts";
import { AwsError } from "../ports/services.ts";
import type { Roles } from "./roles.ts";

const SIMULATE = "SimulatePrincipalPolicy";
const NAMESPACE = "https://iam.amazonaws.com/doc/2010-05-08/";
const XML = { "content-type": "text/xml" };

/** IAM's query protocol, with the only operation that Sluice uses: SimulatePrincipalPolicy. */
export const iamEndpoint = (roles: Roles): AwsEndpoint => ({
  operation: (request) => (fields(request).get("Action") === SIMULATE ? SIMULATE : undefined),
  errorAnswer: ({ name, message, status }) => ({
    status,
    headers: XML,
    body: `<ErrorResponse xmlns="${NAMESPACE}"><Error><Type>Sender</Type><Code>${escaped(name)}</Code><Message>${escaped(message)}</Message></Error></ErrorResponse>`,
  }),
  handle: async (_operation, request) => simulate(roles, fields(request)),
});

const fields = (request: AwsRequest): URLSearchParams => new URLSearchParams(request.body.toString("utf8"));

const members = (form: URLSearchParams, list: string): string[] =>
  [...form].filter(([name]) => name.startsWith(`${list}.member.`)).map(([, value]) => value);

function simulate(roles: Roles, form: URLSearchParams): AwsAnswer {
  const role = form.get("PolicySourceArn");
  const actions = members(form, "ActionNames");
  if (role === null || actions.length === 0)
    throw new AwsError("InvalidInput", "PolicySourceArn and ActionNames are required");
  const decision = roles.mayCall(role) ? "allowed" : "implicitDeny";
  const resources = members(form, "ResourceArns");
  const results = actions
    .flatMap((action) => (resources.length === 0 ? ["*"] : resources).map((resource) => [action, resource]))
    .map(
      ([action = "", resource = ""]) =>
        `<member><EvalActionName>${escaped(action)}</EvalActionName><EvalResourceName>${escaped(resource)}</EvalResourceName><EvalDecision>${decision}</EvalDecision></member>`,
    );
  return {
    status: 200,
    headers: XML,
    body: `<${SIMULATE}Response xmlns="${NAMESPACE}"><${SIMULATE}Result><IsTruncated>false</IsTruncated><EvaluationResults>${results.join("")}</EvaluationResults></${SIMULATE}Result></${SIMULATE}Response>`,
  };
}

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
