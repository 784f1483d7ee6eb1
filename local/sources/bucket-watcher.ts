import { type FSWatcher, mkdirSync, watch } from "node:fs";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import type { Activity, Clock } from "../ports/clock.ts";
import type { BusEvent, ObjectStore, StoredObject } from "../ports/services.ts";
import { inTransaction } from "../storage/data-folder.ts";
import { JsonTable } from "../storage/json-table.ts";

export interface WatcherParts {
  readonly database: DatabaseSync;
  readonly clock: Clock;
  readonly activity: Activity;
  readonly objects: ObjectStore;
  /** The folder with a folder for each bucket. */
  readonly folder: string;
  /** Puts an event on the bus, within the caller's transaction. */
  readonly emit: (event: BusEvent) => void;
}

/** The objects of a bucket that have had their events, by key. */
interface Known {
  readonly tags: Readonly<Record<string, string>>;
}

/** A copy takes several writes. */
const QUIET_MS = 100;

/**
 * Puts S3's event `Object Created` on the bus for each file that is created or replaced in a bucket's folder. Objects that exist when the
 * bucket is first watched have no event, as on AWS. Those that come while the stack does not run have theirs at its next start.
 */
export class BucketWatcher {
  readonly #parts: WatcherParts;
  readonly #bucket: string;
  readonly #known: JsonTable<Known>;
  readonly #watcher: FSWatcher;
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: WatcherParts, bucket: string) {
    this.#parts = parts;
    this.#bucket = bucket;
    this.#known = new JsonTable(parts.database, "watched_bucket", "bucket");
    const folder = join(parts.folder, bucket);
    mkdirSync(folder, { recursive: true });
    this.#watcher = watch(folder, { recursive: true }, () => this.#changed());
    this.#watcher.on("error", () => undefined);
    this.#look();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#watcher.close();
  }

  #changed(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#look(), QUIET_MS);
  }

  #look(): void {
    const { database, objects, emit, activity } = this.#parts;
    const done = activity.begin();
    try {
      const known = this.#known.get(this.#bucket)?.tags;
      const found = objects.list(this.#bucket, "") ?? [];
      inTransaction(database, () => {
        for (const object of known === undefined ? [] : found)
          if (known?.[object.key] !== tagOf(object)) emit(this.#created(object));
        const tags = Object.fromEntries(found.map((object) => [object.key, tagOf(object)]));
        this.#known.save(this.#bucket, { tags });
      });
    } finally {
      done();
    }
  }

  /** https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html */
  #created({ key, size, tag }: StoredObject): BusEvent {
    return {
      ...{ source: "aws.s3", "detail-type": "Object Created" },
      time: new Date(this.#parts.clock.now()).toISOString(),
      resources: [`arn:aws:s3:::${this.#bucket}`],
      detail: {
        ...{
          version: "0",
          bucket: { name: this.#bucket },
          object: { key, size, etag: tag },
          reason: "PutObject",
        },
      },
    };
  }
}

/** An object that is put again with the same content has an event of its own. */
const tagOf = ({ tag, modified }: StoredObject): string => `${tag} ${modified}`;
