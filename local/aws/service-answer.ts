import { randomUUID } from "node:crypto";
import type { JsonObject } from "../../shared/model/json/json.ts";

/** The members that an optimized integration adds to a service's answer. */
export function serviceAnswer(headers: Readonly<Record<string, string>> = {}): JsonObject {
  const id = randomUUID();
  const all = { "Content-Type": "application/x-amz-json-1.0", ...headers, "x-amzn-RequestId": id };
  return {
    SdkHttpMetadata: {
      AllHttpHeaders: Object.fromEntries(Object.entries(all).map(([name, value]) => [name, [value]])),
      HttpHeaders: all,
      HttpStatusCode: 200,
    },
    SdkResponseMetadata: { RequestId: id },
  };
}

interface ServiceError {
  /** The service's name in the cause: `AmazonSQS`. */
  readonly service: string;
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

/** The cause of a service's error in an optimized integration, which uses version 1 of the AWS SDK for Java. */
export const serviceCause = ({ service, status, code, message }: ServiceError): string =>
  `${message} (Service: ${service}; Status Code: ${status}; Error Code: ${code}; Request ID: ${randomUUID()}; Proxy: null)`;

/** The cause of a service's error in an AWS SDK integration, which uses version 2. */
export const sdkCause = ({ service, status, message }: Omit<ServiceError, "code">): string =>
  `${message} (Service: ${service}, Status Code: ${status}, Request ID: ${randomUUID()}) (SDK Attempt Count: 1)`;
