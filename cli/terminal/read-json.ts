import { readFileSync } from "node:fs";
import type { Json } from "../../shared/model/json/json.ts";
import { numberFault } from "../../shared/model/json/json-numbers.ts";
import { usage } from "../failure.ts";
import { readStdin } from "./ask.ts";

/** @param file `-` is stdin */
export const readText = async (file: string): Promise<string> => {
  if (file === "-") return readStdin();
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw usage(`Cannot read ${file}: ${error instanceof Error ? error.message : error}`);
  }
};

export const readJson = async (file: string): Promise<Json> =>
  parseJson(await readText(file), file === "-" ? "stdin" : file);

/** @param source named in the error, which does not show the text itself */
export const parseJson = (text: string, source: string): Json => {
  let value: Json;
  const plain = text.replace(/^\uFEFF/, "");
  try {
    value = JSON.parse(plain) as Json;
  } catch (error) {
    const place = /\(?(?:at |in JSON at )?(?:position \d+|line \d+ column \d+)[^)]*\)?/.exec(
      error instanceof Error ? error.message : "",
    );
    throw usage(`${source} is not valid JSON${place === null ? "." : `: error ${place[0]}.`}`);
  }
  const fault = numberFault(plain);
  if (fault !== undefined) throw usage(`${source}: ${fault.path} ${fault.message}`);
  return value;
};
