import type { ResumeRehearsal } from "../../shared/model/schemas/run.ts";
import { jsonText, visible } from "../terminal/style.ts";
import { fields } from "../terminal/table.ts";

const json = (value: unknown): string | undefined => (value === undefined ? undefined : jsonText(value, 2));

/** Describes the next call of a resume. Nothing has been called or changed. */
export const rehearsalText = ({ version, passes, next, output, unknown }: ResumeRehearsal): string => {
  const ends = next === undefined && unknown === undefined;
  return fields([
    [
      "next",
      next === undefined
        ? ends
          ? "the end of the flow"
          : undefined
        : visible(`${next.state} (${next.type})`),
    ],
    ["calls", next?.resource],
    ["version", String(version)],
    ["passes", visible(passes.join(", "))],
    ["input", json(next?.input)],
    ["arguments", json(next?.arguments)],
    ["items", json(next?.items)],
    ["output", json(output)],
    ["unknown", unknown === undefined ? undefined : visible(unknown)],
  ]);
};
