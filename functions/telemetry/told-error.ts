/** What a line of the log tells of an error. */
interface ToldError {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  /** The AWS service's own request id, for its support. */
  readonly requestId?: string;
  readonly cause?: ToldError;
}

const LONGEST_MESSAGE = 500;
const DEEPEST = 3;

/**
 * Name, message and place of an error, and nothing else of it: a refused condition carries the item as it was, and with it what
 * a user's step said. Messages of parsers and of services' validations quote what they were given, so the quotation goes.
 */
export const toldError = (error: Error, depth = 1): ToldError => {
  const frames = error.stack?.split("\n").filter((line) => /^\s+at /.test(line));
  const { cause } = error;
  const metadata: unknown = Reflect.get(error, "$metadata");
  const requestId =
    typeof metadata === "object" && metadata !== null ? Reflect.get(metadata, "requestId") : "";
  return {
    name: error.name,
    message: messageOf(error).slice(0, LONGEST_MESSAGE),
    ...(frames === undefined || frames.length === 0 ? {} : { stack: frames.join("\n") }),
    ...(typeof requestId === "string" && requestId !== "" ? { requestId } : {}),
    ...(cause instanceof Error && depth < DEEPEST ? { cause: toldError(cause, depth + 1) } : {}),
  };
};

const messageOf = ({ name, message }: Error): string => {
  if (name === "SyntaxError") return "What was to be parsed cannot be";
  return message.replaceAll(/\bValue '[\s\S]*?' at '/g, "A value at '");
};
