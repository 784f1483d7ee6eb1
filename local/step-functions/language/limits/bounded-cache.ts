/** Remembers what `compute` gave for the `limit` texts used last; a failure is not remembered. */
export function remember<T extends object>(limit: number, compute: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const hit = known.get(text);
    const value = hit ?? compute(text);
    // Re-inserting moves the text to the young end of the map's insertion order.
    known.delete(text);
    known.set(text, value);
    if (known.size > limit) {
      for (const oldest of known.keys()) {
        known.delete(oldest);
        break;
      }
    }
    return value;
  };
}
