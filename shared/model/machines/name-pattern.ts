/** A pattern of names as a regular expression: `*` stands for any characters. */
export const namePattern = (pattern: string): RegExp =>
  new RegExp(`^${pattern.split("*").map(escaped).join(".*")}$`);

const escaped = (text: string): string => text.replace(/[.+?^${}()|[\]\\]/g, "\\$&");
