import { createHash } from "node:crypto";
import { generatedName } from "../../model/machines/task-events.ts";
import { MAX_STATE_NAME } from "../parse/read-machine.ts";

/** Names of generated states: readable, ASCII, and different from the user's. */
export interface Names {
  /** Returns the name of the state with a role (`gate`, `park`, …) for a user's state; the same at each call. */
  of(role: string, subject?: string): string;
  readonly generated: readonly string[];
}

const PREFIX = "Sluice";

export function generateNames(taken: Iterable<string>): Names {
  const used = new Set(taken);
  const given = new Map<string, string>();
  const generated: string[] = [];
  const of = (role: string, subject?: string): string => {
    const key = JSON.stringify([role, subject ?? null]);
    const known = given.get(key);
    if (known !== undefined) return known;
    let name = readable(role, subject);
    for (let count = 2; used.has(name); count++) name = readable(`${role} ${count}`, subject);
    used.add(name);
    given.set(key, name);
    generated.push(name);
    return name;
  };
  return { of, generated };
}

/** Whether a state of a compiled flow is generated, and has the role if one is given. */
export const isGenerated = (name: string, role?: string): boolean => {
  const [made = "", ...words] = (name.split(" - ")[0] ?? "").split(" ");
  return made === PREFIX && words.length > 0 && (role === undefined || words.includes(role));
};

function readable(role: string, subject: string | undefined): string {
  const start = `${PREFIX} ${role}`;
  if (subject === undefined) return start;
  const plain = subject.replace(/[^A-Za-z0-9 _.-]/g, "_");
  const whole = generatedName(start, plain);
  if (plain === subject && whole.length <= MAX_STATE_NAME) return whole;
  const hash = createHash("sha256").update(subject).digest("hex").slice(0, 8);
  return `${whole.slice(0, MAX_STATE_NAME - hash.length - 1)}-${hash}`;
}
