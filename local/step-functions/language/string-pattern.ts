type Piece = { readonly any: true } | { readonly any: false; readonly char: string };

/** `*` is any run of characters, `\*` an asterisk, `\\` a backslash (Amazon States Language, StringMatches). */
function pieces(pattern: string): Piece[] {
  const result: Piece[] = [];
  for (let at = 0; at < pattern.length; at += 1) {
    const char = pattern.charAt(at);
    const next = pattern.charAt(at + 1);
    if (char === "\\" && (next === "*" || next === "\\")) {
      result.push({ any: false, char: next });
      at += 1;
    } else result.push(char === "*" ? { any: true } : { any: false, char });
  }
  return result;
}

/** Whether the whole string matches the pattern. Only the last `*` is ever retried, so no pattern can stall the process. */
export function matchesPattern(text: string, pattern: string): boolean {
  const parts = pieces(pattern);
  let [at, part, star, retry] = [0, 0, -1, 0];
  while (at < text.length) {
    const piece = parts[part];
    if (piece?.any === true) {
      star = part;
      retry = at;
      part += 1;
    } else if (piece !== undefined && piece.char === text.charAt(at)) {
      at += 1;
      part += 1;
    } else if (star >= 0) {
      retry += 1;
      at = retry;
      part = star + 1;
    } else return false;
  }
  return parts.slice(part).every((piece) => piece.any);
}
