import { usage } from "../failure.ts";

/** A path with its parts encoded: path`/runs/${id}`. A part that URLs would resolve away is refused. */
export const path = (parts: TemplateStringsArray, ...values: readonly string[]): string =>
  parts
    .map((part, index) => {
      const value = values[index - 1];
      return value === undefined ? part : encoded(value) + part;
    })
    .join("");

const encoded = (value: string): string => {
  if (value === "" || value === "." || value === "..") throw usage(`"${value}" cannot be an id.`);
  return encodeURIComponent(value);
};

export type Query = Readonly<Record<string, string | number | undefined>>;

export const withQuery = (target: string, query: Query = {}): string => {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) parameters.set(name, String(value));
  }
  return parameters.size === 0 ? target : `${target}?${parameters}`;
};
