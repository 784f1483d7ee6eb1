import { existsSync, type FSWatcher, readdirSync, readFileSync, watch } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { flowIdIn, sourcesFlowIn, substitutionsFile } from "../../shared/asl/source/flow-files.ts";
import { readSource } from "../../shared/asl/source/read-source.ts";
import type { JsonObject } from "../../shared/model/json/json.ts";
import type { RunningStack } from "../stack/composition.ts";

/** A flow in the form of its files. */
interface FlowFile {
  readonly flowId: string;
  readonly file: string;
  readonly text: string;
  /** The text of `<flowId>.substitutions.json`, if there is one. */
  readonly substitutions: string | undefined;
}

type Say = (line: string) => void;

/** An editor writes a file in several steps. */
const QUIET_MS = 100;

/**
 * Publishes each `<flowId>.asl.json`, `.asl.yaml` and `.asl.yml` of a folder, and again when its text changes. A flow that is
 * rejected is reported on one line, with file, line and column; its active version stays.
 */
export class FlowFolder {
  readonly #stack: RunningStack;
  readonly #folder: string;
  readonly #say: Say;
  /** The text that was last published or reported as broken, by flow. */
  readonly #seen = new Map<string, string>();
  /** The files of the sources that are declared, by flow. */
  readonly #sources = new Map<string, string>();
  #working: Promise<void> = Promise.resolve();
  #watcher: FSWatcher | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(stack: RunningStack, folder: string, say: Say = (line) => process.stderr.write(`${line}\n`)) {
    this.#stack = stack;
    this.#folder = folder;
    this.#say = say;
  }

  /** Publishes the changes since the last call. Concurrent calls wait for each other. */
  publishChanges(): Promise<void> {
    this.#working = this.#working.then(async () => {
      for (const flow of this.#flows()) if (!this.#isClosed) await this.#publish(flow);
      if (!this.#isClosed) await this.#declareSources();
    });
    return this.#working;
  }

  watch(): void {
    this.#watcher = watch(this.#folder, () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => void this.publishChanges(), QUIET_MS);
    });
    // If the folder is removed, only the watching ends.
    this.#watcher.on("error", (error) => this.#say(`${this.#folder} is no longer watched: ${error.message}`));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#watcher?.close();
    await this.#working;
  }

  #flows(): FlowFile[] {
    const found = new Map<string, FlowFile>();
    for (const name of readNames(this.#folder)) {
      const flowId = flowIdIn(name);
      if (flowId === undefined) continue;
      const file = join(this.#folder, name);
      const text = readIfThere(file);
      const first = found.get(flowId)?.file;
      if (first !== undefined)
        this.#report(
          `twin ${file}`,
          `${file}: ${first} publishes the flow ${flowId} already. Rename one of them.`,
        );
      else if (text !== undefined)
        found.set(flowId, {
          flowId,
          file,
          text,
          substitutions: readIfThere(join(this.#folder, substitutionsFile(flowId))),
        });
    }
    return [...found.values()];
  }

  async #publish(flow: FlowFile): Promise<void> {
    const { flowId, file, text, substitutions } = flow;
    const now = JSON.stringify([file, text, substitutions]);
    const isChange = this.#seen.has(flowId);
    if (this.#seen.get(flowId) === now) return;
    this.#seen.set(flowId, now);
    try {
      const said = await this.#put(flow);
      if (isChange || said.isRefusal) this.#say(said.line);
    } catch (error) {
      this.#say(`${file}: The flow was not published: ${error instanceof Error ? error.message : error}`);
    }
  }

  async #put({ flowId, file, text, substitutions }: FlowFile): Promise<{ line: string; isRefusal: boolean }> {
    const refused = (line: string) => ({ line, isRefusal: true });
    const values = substitutions === undefined ? undefined : readSource(substitutions, {});
    if (values?.ok === false) return refused(lineOf(join(this.#folder, substitutionsFile(flowId)), values));
    const { url, workspace } = this.#stack;
    const answer = await fetch(`${url}/v1/workspaces/${workspace}/flows/${encodeURIComponent(flowId)}`, {
      method: "PUT",
      headers: {
        authorization: `Bearer ${await this.#stack.token("admin")}`,
        "content-type": "application/json",
      },
      body: JSON.stringify({ definition: text, substitutions: values?.definition }),
    });
    const body = (await answer.json()) as JsonObject;
    return answer.ok
      ? { line: `${file}: published as version ${body["version"]} of ${flowId}`, isRefusal: false }
      : refused(lineOf(file, body as Refusal));
  }

  /** Declares what `<flowId>.triggers.json` says, after the flows. Without its file, a flow has no sources. */
  async #declareSources(): Promise<void> {
    for (const [flowId, file] of this.#sources) {
      if (existsSync(file)) continue;
      this.#sources.delete(flowId);
      this.#seen.delete(file);
      await this.#stack.declareSources(flowId, {});
    }
    for (const name of readNames(this.#folder)) {
      const flowId = sourcesFlowIn(name);
      const file = join(this.#folder, name);
      const text = flowId === undefined ? undefined : readIfThere(file);
      if (flowId === undefined || text === undefined || this.#seen.get(file) === text) continue;
      this.#seen.set(file, text);
      try {
        await this.#stack.declareSources(flowId, JSON.parse(text));
        this.#sources.set(flowId, file);
      } catch (error) {
        this.#say(
          `${file}: ${error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message}`,
        );
      }
    }
  }

  #report(key: string, line: string): void {
    if (this.#seen.get(key) === line) return;
    this.#seen.set(key, line);
    this.#say(line);
  }
}

interface Refusal {
  readonly detail?: string;
  readonly errors?: readonly {
    readonly path: string;
    readonly message: string;
    readonly line?: number;
    readonly column?: number;
  }[];
}

/** `file:line:column: path: message (and 2 more errors)` */
const lineOf = (file: string, { detail, errors = [] }: Refusal): string => {
  const [first, ...more] = errors;
  if (first === undefined) return `${file}: ${detail}`;
  const { path, message, line, column } = first;
  const place = line === undefined ? file : `${file}:${line}:${column}`;
  const others =
    more.length === 0 ? "" : ` (and ${more.length} more ${more.length === 1 ? "error" : "errors"})`;
  return [place, ...(path === "" ? [] : [path]), message].join(": ") + others;
};

const readNames = (folder: string): string[] => {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
};

/** A file can be missing for a moment: some editors replace it. */
const readIfThere = (file: string): string | undefined => {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
};
