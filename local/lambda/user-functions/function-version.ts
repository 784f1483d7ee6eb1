import { fileSignature, type UserFunction, type Version } from "./protocol.ts";

/** One version of a function, with its files. */
export class FunctionVersion implements Version {
  readonly id: string;
  readonly name: string;
  readonly file: string;
  readonly exports: readonly string[];
  /** Accepts no more invocations. */
  retired = false;
  loading = false;
  readonly #files = new Map<string, string>();

  constructor(id: string, { name, file, exports }: UserFunction) {
    this.id = id;
    this.name = name;
    this.file = file;
    this.exports = exports;
    this.#files.set(file, fileSignature(file));
  }

  /** Records a file as it was when the version loaded it. */
  loaded(path: string, signature: string): void {
    if (!this.#files.has(path)) this.#files.set(path, signature);
  }

  /** Whether the files are unchanged since the version loaded them. */
  isUnchanged(file: string): boolean {
    if (file !== this.file) return false;
    for (const [path, signature] of this.#files) if (fileSignature(path) !== signature) return false;
    return true;
  }

  /** Returns the fields that a thread needs to load it. */
  toThread(): Version {
    const { id, name, file, exports } = this;
    return { id, name, file, exports };
  }
}
