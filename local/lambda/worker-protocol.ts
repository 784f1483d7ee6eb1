import { statSync } from "node:fs";
import type { Outcome } from "./outcome.ts";

export interface WorkerData {
  readonly file: string;
  /** The names under which the file can export its function; the first that it has is used. */
  readonly exports: readonly string[];
}
/** To the worker: one invocation, its event as JSON text. */
export interface InvokeMessage {
  readonly event: string;
  readonly requestId: string;
  readonly functionName: string;
  /** Milliseconds for the handler, without the time to load its file. */
  readonly timeout: number;
}
/** From the worker. */
export type WorkerMessage =
  | { readonly kind: "file"; readonly path: string; readonly signature: string }
  /** The handler is about to be called. */
  | { readonly kind: "begun"; readonly requestId: string }
  | { readonly kind: "outcome"; readonly requestId: string; readonly outcome: Outcome }
  /** The function's process would have exited, and with it every invocation in progress. */
  | { readonly kind: "crash"; readonly outcome: Outcome };

/** A value that changes with the file's content; empty if there is no such file. */
export function fileSignature(path: string): string {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat?.isFile() ? `${stat.mtimeNs}.${stat.ctimeNs}.${stat.size}.${stat.ino}` : "";
}
