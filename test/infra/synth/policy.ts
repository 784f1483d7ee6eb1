import { plain, type Resource, type Synthesized } from "./synthesized.ts";

/** A placeholder for values that only a deployment knows. */
const PLACE = { "AWS::Partition": "aws", "AWS::Region": "eu-west-1", "AWS::AccountId": "111122223333" };

/** Resolves a value of the template as in an account. References to other resources stay unchanged. */
export const deployed = (value: unknown): string =>
  Object.entries(PLACE).reduce((text, [name, place]) => text.replaceAll(`<${name}>`, place), plain(value));

export interface Statement {
  readonly Effect: "Allow" | "Deny";
  readonly Action: string | readonly string[];
  readonly Resource?: unknown;
  readonly Principal?: Readonly<Record<string, unknown>>;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

interface Request {
  readonly action: string;
  readonly resource: string;
  /** Condition keys that the request has, e.g. the tags of the resource. */
  readonly context?: Readonly<Record<string, string>>;
}

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value]);

/** `*` is any string and `?` any character, as in IAM. */
const matches = (pattern: string, text: string): boolean =>
  new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, "\\$&")
      .replaceAll("*", ".*")
      .replaceAll("?", ".")}$`,
    "s",
  ).test(text);

const OPERATORS: Readonly<Record<string, (wanted: string, given: string) => boolean>> = {
  StringEquals: (wanted, given) => wanted === given,
  StringLike: matches,
  ArnLike: matches,
  ArnEquals: matches,
  // Requests have one value per key here, so operators for all values and for any value are the same.
  "ForAllValues:StringLike": matches,
};

/** A key that the request lacks satisfies none of these operators. An unknown operator fails the test. */
const fulfils = (conditions: Statement["Condition"] = {}, context: Request["context"] = {}): boolean =>
  Object.entries(conditions).every(([name, keys]) => {
    const operator = OPERATORS[name];
    if (operator === undefined) throw new Error(`Unknown operator of a condition: ${name}`);
    return Object.entries(keys).every(([key, wanted]) => {
      const given = context[key];
      return given !== undefined && list(wanted).some((one) => operator(deployed(one), given));
    });
  });

/** IAM's decision for statements that apply to the request: a Deny wins, and without an Allow the request is denied. */
export const decides = (statements: readonly Statement[], request: Request): boolean => {
  const applying = statements.filter(
    ({ Action, Resource, Condition }) =>
      list(Action).some((pattern) => matches(String(pattern), request.action)) &&
      list(Resource).some((pattern) => matches(deployed(pattern), request.resource)) &&
      fulfils(Condition, request.context),
  );
  return applying.length > 0 && applying.every(({ Effect }) => Effect === "Allow");
};

/** The statements of a role, from its name in the account; managed and inline policies would be missed, so there may be none. */
export const policyOf = ({ resources, one }: Synthesized, roleName: string): readonly Statement[] => {
  const role = one("AWS::IAM::Role", { RoleName: roleName });
  if (role.Properties["ManagedPolicyArns"] !== undefined || role.Properties["Policies"] !== undefined)
    throw new Error(`${roleName} has policies in addition to those that are read`);
  const id = Object.entries(resources("AWS::IAM::Role")).find(([, found]) => found === role)?.[0];
  const attached = ({ Properties }: Resource) =>
    list(Properties["Roles"]).some((name) => plain(name) === `<${id?.split("/")[1]}>`);
  return Object.values(resources("AWS::IAM::Policy"))
    .filter(attached)
    .flatMap(({ Properties }) => (Properties["PolicyDocument"] as { Statement: Statement[] }).Statement);
};

/**
 * Whether a role's trust policy admits a role of the account, by ARN. Throws if the policy names anything except the account:
 * IAM stores a role that is named there by its id, which changes when the role is created again.
 */
export const trusts = ({ one }: Synthesized, roleName: string, arn: string): boolean => {
  const document = one("AWS::IAM::Role", { RoleName: roleName }).Properties["AssumeRolePolicyDocument"];
  const { Statement: statements } = document as { Statement: readonly Statement[] };
  const account = `arn:${PLACE["AWS::Partition"]}:iam::${PLACE["AWS::AccountId"]}:root`;
  for (const { Principal } of statements)
    if (
      Object.values(Principal ?? {})
        .map(deployed)
        .join() !== account
    )
      throw new Error(`${roleName} trusts ${JSON.stringify(Principal)}`);
  return decides(
    statements.map((statement) => ({ ...statement, Resource: "*" })),
    { action: "sts:AssumeRole", resource: "", context: { "aws:PrincipalArn": arn } },
  );
};
