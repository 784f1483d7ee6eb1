import { isServerError, isThrottlingError, isTransientError } from "@smithy/core/retry";

/**
 * The only module that knows the shapes of AWS errors. The SDK's own classification, which its retries use, decides which
 * errors are throttled or transient. Store and outbound import this module, and so do the functions, to choose a status code
 * and to count; the domain does not.
 */
type SdkError = Parameters<typeof isThrottlingError>[0];

const isError = (error: unknown): error is SdkError => typeof error === "object" && error !== null;

const nameOf = (error: unknown): string => (isError(error) ? error.name : "");

/** Errors that are transient although the SDK does not retry them: a conflict or an aborted request. */
const ALSO_TRANSIENT: ReadonlySet<string> = new Set(["AbortError", "TransactionConflictException"]);

/** The reasons for which DynamoDB cancelled a transaction. */
export interface Cancellation {
  /** The condition of the transaction's nth write failed, or of any of them. */
  conditionFailed(position?: number): boolean;
  /** Another transaction or write is changing one of the items. */
  readonly conflict: boolean;
  /** DynamoDB rejected the content of an item. */
  readonly invalid: boolean;
  readonly throttled: boolean;
}

/** Returns undefined for any error except a cancelled transaction. Reasons are in the order of the transaction's writes. */
export const cancellationOf = (error: unknown): Cancellation | undefined => {
  if (!isError(error) || error.name !== "TransactionCanceledException") return undefined;
  const reasons: unknown = Reflect.get(error, "CancellationReasons");
  const codes = Array.isArray(reasons) ? reasons.map((reason) => String(Reflect.get(reason, "Code"))) : [];
  return {
    conditionFailed: (position) =>
      (position === undefined ? codes : codes.slice(position, position + 1)).includes(
        "ConditionalCheckFailed",
      ),
    conflict: codes.includes("TransactionConflict"),
    invalid: codes.includes("ValidationError") || codes.includes("ItemCollectionSizeLimitExceeded"),
    throttled: codes.includes("ThrottlingError") || codes.includes("ProvisionedThroughputExceeded"),
  };
};

/** Whether the service asks for fewer calls. */
export const isThrottled = (error: unknown): boolean => isError(error) && isThrottlingError(error);

/** Whether the service throttled the call, or one item of its transaction. */
export const isThrottledCall = (error: unknown): boolean =>
  isThrottled(error) || cancellationOf(error)?.throttled === true;

/** Refusals of the request itself. A retry of the same call gets the same answer. */
const PERMANENT: ReadonlySet<string> = new Set([
  "AccessDeniedException",
  "ConditionalCheckFailedException",
  "InvalidArn",
  "InvalidName",
  "InvalidSignatureException",
  "ResourceNotFoundException",
  "SerializationException",
  "TransactionCanceledException",
  "UnrecognizedClientException",
  "ValidationException",
]);

/**
 * Whether the same call may succeed a moment later: a network or server error, a conflict, a throttled item, or an unknown
 * error, since services add names and a needless retry does no harm.
 */
export const isTransient = (error: unknown): boolean => {
  if (!isError(error)) return false;
  if (isTransientError(error) || isServerError(error)) return true;
  if (error.$fault !== undefined && !PERMANENT.has(error.name)) return true;
  const cancellation = cancellationOf(error);
  return (
    ALSO_TRANSIENT.has(error.name) || cancellation?.conflict === true || cancellation?.throttled === true
  );
};

/** Whether DynamoDB rejected a write because of its content. A transaction gives the reason for each of its items. */
export const isUnstorable = (error: unknown): boolean =>
  UNSTORABLE.has(nameOf(error)) || cancellationOf(error)?.invalid === true;

const UNSTORABLE: ReadonlySet<string> = new Set([
  "ItemCollectionSizeLimitExceededException",
  "SerializationException",
  "ValidationException",
]);

/** Errors whose messages name a permission, a limit or a condition, and contain nothing of the request. */
const MESSAGES_WITHOUT_DATA: ReadonlySet<string> = new Set([
  "AccessDeniedException",
  "ConditionalCheckFailedException",
  "ProvisionedThroughputExceededException",
  "ThrottlingException",
]);

/** Whether the message may be logged. The messages of most services quote the value that they reject. */
export const hasMessageWithoutData = (error: unknown): boolean => MESSAGES_WITHOUT_DATA.has(nameOf(error));

/** Returns the id by which AWS support finds the call. */
export const requestIdOf = (error: unknown): string | undefined => {
  const requestId = isError(error) ? error.$metadata?.requestId : undefined;
  return requestId === "" ? undefined : requestId;
};
