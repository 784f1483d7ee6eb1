/** Caches the results of `compute` for the `limit` most recently used strings. Failures are not cached. */
export function remember<T extends object>(limit: number, compute: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const hit = known.get(text);
    const value = hit ?? compute(text);
    // Re-inserting the text makes it the most recent entry of the map.
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
