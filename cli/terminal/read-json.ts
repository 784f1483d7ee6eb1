import { readFileSync } from "node:fs";
import { usage } from "../failure.ts";
import { readStdin } from "./ask.ts";

/** @param file `-` is stdin */
export const readText = async (file: string): Promise<string> => {
  if (file === "-") return readStdin();
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw usage(`${file} cannot be read: ${error instanceof Error ? error.message : error}`);
  }
};

export const readJson = async (file: string): Promise<unknown> =>
  parseJson(await readText(file), file === "-" ? "stdin" : file);

/** @param source named where it is no JSON; its text is not shown */
export const parseJson = (text: string, source: string): unknown => {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    const place = /\(?(?:at |in JSON at )?(?:position \d+|line \d+ column \d+)[^)]*\)?/.exec(
      error instanceof Error ? error.message : "",
    );
    throw usage(`${source} is not JSON${place === null ? "." : `: error ${place[0]}.`}`);
  }
};
