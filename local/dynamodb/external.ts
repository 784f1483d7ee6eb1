import { Agent as HttpAgent, request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import type { AwsAnswer } from "../aws/endpoint.ts";
import type { DynamoDbEngine } from "./dynoxide.ts";

/** An engine to use instead of dynoxide: DynamoDB Local, AWS, or anything else with DynamoDB's protocol. */
export function externalEngine(endpoint: string): DynamoDbEngine {
  const url = new URL(endpoint);
  const secure = url.protocol === "https:";
  const agent = secure ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true });
  return {
    endpoint: () => url,
    send: (headers, body) =>
      new Promise<AwsAnswer>((resolve, reject) => {
        const options = { method: "POST", agent, headers: { ...headers, "content-length": body.length } };
        const outgoing = secure ? httpsRequest(url, options) : httpRequest(url, options);
        outgoing.once("error", reject);
        outgoing.once("response", (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
          incoming.once("error", reject);
          incoming.once("end", () =>
            resolve({
              status: incoming.statusCode ?? 500,
              headers: asText(incoming.headers),
              body: Buffer.concat(chunks),
            }),
          );
        });
        outgoing.end(body);
      }),
    close: async () => agent.destroy(),
  };
}

const asText = (headers: IncomingHttpHeaders): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
