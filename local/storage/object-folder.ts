import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, resolve, sep } from "node:path";
import type { ObjectStore, StoredObject } from "../ports/services.ts";

/** S3 as files: `<folder>/<bucket>/<key>`. */
export class ObjectFolder implements ObjectStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = resolve(folder);
  }

  read(bucket: string, key: string): Buffer | undefined {
    const file = this.#file(bucket, key);
    return file !== undefined && statSync(file, { throwIfNoEntry: false })?.isFile()
      ? readFileSync(file)
      : undefined;
  }

  write(bucket: string, key: string, content: string): void {
    const file = this.#file(bucket, key);
    if (file === undefined) throw new Error(`${bucket}/${key} cannot be a file of the local stack`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }

  list(bucket: string, prefix: string): StoredObject[] | undefined {
    const folder = this.#file(bucket, "");
    if (folder === undefined || !existsSync(folder)) return undefined;
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    return files
      .map((entry) => join(entry.parentPath, entry.name))
      .map((file) => ({
        file,
        key: file
          .slice(folder.length + 1)
          .split(sep)
          .join("/"),
      }))
      .filter(({ key }) => key.startsWith(prefix))
      .sort((one, other) => (one.key < other.key ? -1 : 1))
      .map(({ file, key }) => {
        const { size, mtimeMs } = statSync(file);
        const tag = createHash("md5").update(readFileSync(file)).digest("hex");
        return { key, size, tag, modified: mtimeMs };
      });
  }

  /** Undefined for a path outside the bucket's folder, and for a name that cannot be a bucket's. */
  #file(bucket: string, key: string): string | undefined {
    if (!/^[\w-][\w.-]*$/.test(bucket)) return undefined;
    const folder = join(this.#folder, bucket);
    const file = resolve(folder, key);
    return file === folder || file.startsWith(folder + sep) ? file : undefined;
  }
}
