import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { EXIT } from "../failure.ts";

/** Asks on stderr, so that stdout contains only the result. The end of stdin counts as an empty answer. */
export const ask = (question: string): Promise<string> => answer(question, process.stderr);

/** Asks without echoing what is typed. */
export const askSecret = async (question: string): Promise<string> => {
  process.stderr.write(question);
  const text = await answer("", new Writable({ write: (_chunk, _encoding, done) => done() }));
  process.stderr.write("\n");
  return text;
};

const answer = (question: string, output: NodeJS.WritableStream): Promise<string> => {
  const reader = createInterface({ input: process.stdin, output, terminal: true });
  reader.once("SIGINT", () => {
    process.stderr.write("\n");
    process.exit(EXIT.interrupted);
  });
  return Promise.race([
    reader.question(question),
    new Promise<string>((resolve) => reader.once("close", () => resolve(""))),
  ]).finally(() => reader.close());
};

/** Reads stdin to its end. */
export const readStdin = async (): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString("utf8");
};
