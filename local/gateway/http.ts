import type { IncomingMessage, ServerResponse } from "node:http";

export interface HttpAnswer {
  readonly status: number;
  /** A header may have several values. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: string | Buffer;
}

export class BodyTooLarge extends Error {
  override readonly name = "BodyTooLarge";
}

/** A body that exceeds the limit by more than this is not read to its end. */
const DISCARDED_AT_MOST = 64 * 1_024 * 1_024;

/**
 * Reads a request's body. A body that is too large is read to its end and discarded, so that a client that reads
 * the answer only after it has sent everything receives it.
 * @param limit in bytes
 * @throws BodyTooLarge
 */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= limit) chunks.push(chunk);
    else chunks.length = 0;
    if (size > limit + DISCARDED_AT_MOST) break;
  }
  if (size > limit) throw new BodyTooLarge(`The body is larger than ${limit} bytes`);
  return Buffer.concat(chunks);
}

export function send(request: IncomingMessage, response: ServerResponse, answer: HttpAnswer): void {
  if (response.headersSent || response.destroyed) return;
  const body = Buffer.from(answer.body);
  const bodiless = answer.status === 204 || answer.status === 304;
  response.writeHead(answer.status, {
    ...(answer.headers as Record<string, string | string[]>),
    ...(bodiless ? {} : { "content-length": body.length }),
  });
  response.end(request.method === "HEAD" || bodiless ? undefined : body);
}
