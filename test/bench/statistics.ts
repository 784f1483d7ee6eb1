/** The value below which the given share of the samples lies. They need not be sorted. */
export const percentile = (samples: readonly number[], share: number): number => {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
};

export const median = (samples: readonly number[]): number => percentile(samples, 0.5);

const RESAMPLES = 1_000;
/** A separate generator, so that the same samples give the same interval (Park and Miller's). */
const randomSource = (seed: number) => () => {
  seed = (seed * 48_271) % 2_147_483_647;
  return seed / 2_147_483_647;
};

/** The 95 % interval of a ratio of medians, by bootstrap, for samples that were not measured in pairs. */
export const mediansInterval = (
  values: readonly number[],
  floors: readonly number[],
): readonly [number, number] => {
  const random = randomSource(values.length + floors.length);
  const drawn = (samples: readonly number[]) =>
    median(samples.map(() => samples[Math.floor(random() * samples.length)] ?? 1));
  const ratios = Array.from({ length: RESAMPLES }, () => drawn(values) / drawn(floors));
  return [percentile(ratios, 0.025), percentile(ratios, 0.975)];
};

/**
 * The 95 % interval of a percentile's ratio, by bootstrap over pairs. The samples of a pair were measured together, so a slow
 * moment of the machine affects both.
 */
export const ratioInterval = (
  pairs: readonly (readonly [number, number])[],
  share: number,
): readonly [number, number] => {
  const random = randomSource(pairs.length + 1);
  const ratios = Array.from({ length: RESAMPLES }, () => {
    const drawn = pairs.map(() => pairs[Math.floor(random() * pairs.length)] ?? [1, 1]);
    return (
      percentile(
        drawn.map(([value]) => value),
        share,
      ) /
      percentile(
        drawn.map(([, floor]) => floor),
        share,
      )
    );
  });
  return [percentile(ratios, 0.025), percentile(ratios, 0.975)];
};
