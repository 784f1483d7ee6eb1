/** A seed for a proof that is not given one. */
export const randomSeed = (): number => Math.floor(Math.random() * 2 ** 31);

/** The command that repeats a failure, e.g. `npm run model -- --seed 7 --sequences 1`. */
export const replayCommand = (
  script: string,
  options: Readonly<Record<string, string | number | undefined>>,
): string => {
  const flags = Object.entries(options)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` --${name} ${/\s/.test(String(value)) ? `"${value}"` : value}`);
  return `npm run ${script} --${flags.join("")}`;
};

/** Reads the numeric options of a proof's command. */
export const numbersOf = <Name extends string>(
  values: Readonly<Record<Name, string>>,
): Record<Name, number> => {
  const entries = Object.entries<string>(values).map(([name, text]) => {
    const value = Number(text);
    if (text === "" || !Number.isFinite(value) || value < 0)
      throw new Error(`--${name} must be a number that is not negative, not "${text}"`);
    return [name, value];
  });
  return Object.fromEntries(entries) as Record<Name, number>;
};
