import { connect, type Socket } from "node:net";
import type { AwsAnswer } from "../aws/endpoint.ts";

const CRLF = "\r\n";
const END_OF_HEAD = Buffer.from("\r\n\r\n");

interface Exchange {
  resolve(answer: AwsAnswer): void;
  reject(error: Error): void;
}

interface Head {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Bytes of the body. */
  readonly size: number;
}

/**
 * HTTP/1.1 to the engine on loopback, whose answers always have a content length: one request at a time on each connection, as
 * many connections as concurrent requests. Node's own client would take more time than the rest of the call in the stack.
 */
export class EngineConnections {
  readonly #free: Connection[] = [];
  readonly #all = new Set<Connection>();

  /** @throws the socket's error if the connection fails before the answer is complete */
  send(endpoint: URL, headers: Readonly<Record<string, string>>, body: Buffer): Promise<AwsAnswer> {
    const connection = this.#take(endpoint);
    return new Promise<AwsAnswer>((resolve, reject) => connection.send(headers, body, { resolve, reject }));
  }

  close(): void {
    for (const connection of this.#all) connection.destroy();
  }

  /** After a restart the engine has another port; the connections to the old one have closed with it. */
  #take({ hostname, port, host }: URL): Connection {
    for (let known = this.#free.pop(); known !== undefined; known = this.#free.pop()) {
      if (known.host === host && known.isOpen) return known;
      known.destroy();
    }
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    const connection = new Connection(host, socket, () => this.#free.push(connection));
    this.#all.add(connection);
    socket.once("close", () => this.#all.delete(connection));
    return connection;
  }
}

class Connection {
  readonly host: string;
  readonly #socket: Socket;
  readonly #done: () => void;
  #received: Buffer = Buffer.alloc(0);
  #head: Head | undefined;
  #exchange: Exchange | undefined;

  constructor(host: string, socket: Socket, done: () => void) {
    this.host = host;
    this.#socket = socket;
    this.#done = done;
    socket.on("data", (chunk: Buffer) => this.#receive(chunk));
    socket.on("error", (error) => this.#fail(error));
    socket.on("close", () => this.#fail(new Error("the connection was closed")));
  }

  get isOpen(): boolean {
    return !this.#socket.destroyed && this.#socket.readable;
  }

  send(headers: Readonly<Record<string, string>>, body: Buffer, exchange: Exchange): void {
    this.#exchange = exchange;
    let head = `POST / HTTP/1.1${CRLF}host: ${this.host}${CRLF}content-length: ${body.length}${CRLF}`;
    for (const [name, value] of Object.entries(headers)) head += `${name}: ${value}${CRLF}`;
    // In one piece: two pieces cost a list of buffers and a second look at the socket.
    this.#socket.write(Buffer.concat([Buffer.from(head + CRLF, "latin1"), body]));
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    this.#head ??= this.#readHead();
    if (this.#head === undefined || this.#received.length < this.#head.size) return;
    const { status, headers, size } = this.#head;
    const body = this.#received.subarray(0, size);
    const exchange = this.#exchange;
    this.#head = undefined;
    this.#exchange = undefined;
    this.#received = Buffer.alloc(0);
    this.#done();
    exchange?.resolve({ status, headers, body });
  }

  #readHead(): Head | undefined {
    const end = this.#received.indexOf(END_OF_HEAD);
    if (end < 0) return undefined;
    const [first = "", ...lines] = this.#received.toString("latin1", 0, end).split(CRLF);
    const headers: Record<string, string> = {};
    for (const line of lines) {
      const colon = line.indexOf(":");
      headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
    }
    this.#received = this.#received.subarray(end + END_OF_HEAD.length);
    const size = Number(headers["content-length"]);
    if (Number.isInteger(size)) return { status: Number(first.split(" ")[1]), headers, size };
    this.#socket.destroy(new Error("an answer without a length"));
    return undefined;
  }

  #fail(error: Error): void {
    this.#exchange?.reject(error);
    this.#exchange = undefined;
  }
}
