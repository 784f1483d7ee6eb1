/** The parts of a resource's name, ARN or URL. A part that the text does not give is undefined. */
interface ResourceName {
  readonly service?: string | undefined;
  readonly region?: string | undefined;
  readonly account?: string | undefined;
  /** For example `stateMachine`. */
  readonly type?: string | undefined;
  readonly name: string;
  readonly version?: string | undefined;
}

/**
 * Whether a text of a definition, which this service reads, names the resource that was asked for. Both may be a name, an ARN or a URL. What
 * only one of them gives is not compared: a name alone means any resource of that name. Without a version, all versions are meant.
 */
export const namesResource = (text: string, service: string | undefined, asked: string): boolean => {
  if (text === asked) return true;
  if (isUrl(asked) && isUrl(text)) return isBelow(text, asked);
  const called = parse(text, service);
  const wanted = parse(asked, undefined);
  return (
    (wanted.name === called.name || asked === `${called.name}:${called.version}`) &&
    (wanted.version === undefined || wanted.version === called.version) &&
    PARTS.every((part) => same(wanted[part], called[part]))
  );
};

const PARTS = ["service", "region", "account", "type"] as const;

const same = (one: string | undefined, other: string | undefined): boolean =>
  one === undefined || other === undefined || one === other;

const isUrl = (text: string): boolean => /^https?:\/\//.test(text);

/** Whether a URL is below another one, as `https://pay.example.com/charges` is below `https://pay.example.com`. */
const isBelow = (text: string, above: string): boolean => {
  const start = above.replace(/\/+$/, "");
  return text.startsWith(start) && /^(?:$|[/?#])/.test(text.slice(start.length));
};

const ARN = /^arn:[^:]*:([^:]*):([^:]*):([^:]*):(.+)$/;
/** A function's partial ARN: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
const PARTIAL_ARN = /^(\d{12}):function:([^:]+)(?::(.+))?$/;
const VERSIONED = /^([^:]+):([\w$-]+)$/;
/** Services whose resources can be named with a version, an alias or a revision behind a colon. */
const WITH_VERSIONS: ReadonlySet<string | undefined> = new Set(["lambda", "ecs", "batch"]);
/** Services of the AWS SDK integrations whose name differs from that in ARNs. */
const ARN_SERVICES: Readonly<Record<string, string>> = { sfn: "states", eventbridge: "events" };

const parse = (text: string, calledBy: string | undefined): ResourceName => {
  const service = calledBy === undefined ? undefined : (ARN_SERVICES[calledBy] ?? calledBy);
  const [, ofArn, region, account, rest] = ARN.exec(text) ?? [];
  if (ofArn !== undefined && rest !== undefined)
    return {
      service: ofArn,
      region: region || undefined,
      account: account || undefined,
      ...inArn(ofArn, rest),
    };
  const [, owner, partial, version] = PARTIAL_ARN.exec(text) ?? [];
  if (partial !== undefined) return { service: "lambda", account: owner, name: partial, version };
  if (isUrl(text)) return inUrl(text, service);
  const [, name, alias] = WITH_VERSIONS.has(service) ? (VERSIONED.exec(text) ?? []) : [];
  return name === undefined ? { service, name: text } : { service, name, version: alias };
};

/** Splits what follows the account in an ARN: `function:pay:3`, `table/orders`, `task-definition/pay:3`, `orders`. */
const inArn = (service: string, rest: string): Pick<ResourceName, "type" | "name" | "version"> => {
  if (service === "sns" || service === "sqs" || service === "s3") return { name: rest.split("/")[0] ?? rest };
  const [, type = "", tail = rest] = /^([\w-]+)[:/](.+)$/.exec(rest) ?? [];
  const own = tail.split("/")[0] ?? tail;
  const [, name = own, version] = service === "bedrock" ? [] : (VERSIONED.exec(own) ?? []);
  return { ...(type === "" ? {} : { type }), name, version };
};

/** The name of a queue is the end of its URL; that of an endpoint is its host. */
const inUrl = (text: string, service: string | undefined): ResourceName => {
  const [host = "", ...path] = text.replace(/^https?:\/\//, "").split(/[/?#]/);
  const [account, name] = path.filter((part) => part !== "").slice(-2);
  if (service !== "sqs" || account === undefined || name === undefined) return { service, name: host };
  const region = /^sqs\.([\w-]+)\.amazonaws\./.exec(host)?.[1];
  return { service, region, account, name };
};
