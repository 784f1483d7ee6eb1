import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { delayBefore, mayRetry } from "./retry.ts";
import { type Repeat, send } from "./send.ts";

let server: Server | undefined;
let seen: (string | undefined)[] = [];
afterEach(() => {
  server?.close();
  server?.closeAllConnections();
  seen = [];
});

/** Answers with these statuses in turn; 0 breaks the connection, 1 does so in the middle of the response. */
const answering = async (...statuses: number[]): Promise<string> => {
  server = createServer((request, response) => {
    seen.push(request.method);
    const status = statuses[seen.length - 1] ?? 200;
    if (status === 0) request.socket.destroy();
    else if (status === 1) {
      response.writeHead(200, { "content-length": 9 }).write("half");
      setTimeout(() => request.socket.destroy(), 10);
    } else response.writeHead(status).end();
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
};

const sent = async (method: string, repeat: Repeat, ...statuses: number[]): Promise<[number, number]> => {
  const { status } = await send(await answering(...statuses), { method }, repeat);
  return [status, seen.length];
};

describe("a request", () => {
  it("is repeated while the service is unavailable or out of reach, if it may take effect twice", async () => {
    expect(await sent("GET", "idempotent", 503, 0, 1)).toEqual([200, 4]);
  });
  it("is not repeated if it may have taken effect", async () => {
    expect(await sent("POST", "after-429", 503)).toEqual([503, 1]);
  });
  it("is never repeated unless the caller asks for it", async () => {
    expect(await sent("GET", "never", 429)).toEqual([429, 1]);
  });
  it("is always repeated after 429, which had no effect", async () => {
    expect(await sent("POST", "after-429", 429)).toEqual([200, 2]);
  });
  it("that deletes succeeds if only a repetition finds nothing, but not if the first attempt found nothing", async () => {
    expect(await sent("DELETE", "idempotent", 503, 404)).toEqual([204, 2]);
    server?.close();
    seen = [];
    expect(await sent("DELETE", "idempotent", 404)).toEqual([404, 1]);
  });
  it("fails as unreachable if nothing listens", async () => {
    const url = await answering();
    server?.close();
    await expect(send(url, { method: "POST" }, "after-429")).rejects.toMatchObject({
      code: "unreachable",
      status: undefined,
    });
  });
});

describe("the delay between attempts", () => {
  const now = Date.parse("2026-01-31T12:00:00Z");
  const most = () => 1;

  it("doubles up to five seconds, apart from jitter", () => {
    expect([1, 2, 3, 4, 5, 6].map((tries) => delayBefore(tries, null, now, most))).toEqual([
      400, 800, 1_600, 3_200, 5_000, 5_000,
    ]);
    expect(delayBefore(3, null, now, () => 0)).toBe(0);
  });
  it("is at least what the service asks for, in seconds or as a date", () => {
    expect(delayBefore(1, "7", now, most)).toBe(7_000);
    expect(delayBefore(1, "Sat, 31 Jan 2026 12:00:09 GMT", now, most)).toBe(9_000);
    expect(delayBefore(1, "nonsense", now, most)).toBe(400);
  });
  it("is limited", () => {
    expect(delayBefore(1, "3600", now, most)).toBeUndefined();
  });
});

it.each([400, 401, 403, 404, 409, 422, 500])("%d is an answer, not a reason to retry", (status) => {
  expect(mayRetry(status, true)).toBe(false);
});
