import { Checkbox, NumberInput, Stack } from "@mantine/core";

/** The ramp that a person describes. Empty fields are undefined. */
export interface RampFields {
  readonly from: number | undefined;
  readonly failures: number | undefined;
}

/** Returns the ramp of a request. */
export const rampOf = ({ from = 1, failures }: RampFields) => ({
  from,
  ...(failures === undefined ? {} : { stopOn: { failures } }),
});

/** Lets a few runs go first. `count`: undefined for none. */
export function CanaryChoice({
  count,
  description = "The flow stays paused until they have completed, or wait for a timer or a person. If one fails, it stays paused.",
  onChange,
}: {
  count: number | undefined;
  description?: string;
  onChange: (count: number | undefined) => void;
}) {
  return (
    <NumberInput
      label="Runs that go first (optional)"
      description={description}
      min={1}
      max={50}
      allowDecimal={false}
      value={count ?? ""}
      onChange={(value) => onChange(typeof value === "number" ? value : undefined)}
    />
  );
}

/** Lets a resume begin slowly. */
export function RampChoice({
  ramp,
  onChange,
}: {
  ramp: RampFields | undefined;
  onChange: (ramp: RampFields | undefined) => void;
}) {
  const set = (field: keyof RampFields) => (value: string | number) =>
    ramp && onChange({ ...ramp, [field]: typeof value === "number" ? value : undefined });
  return (
    <Stack gap="xs">
      <Checkbox
        label="Begin slowly"
        description="The rate doubles every minute. New records are queued until it is reached."
        checked={ramp !== undefined}
        onChange={({ currentTarget }) =>
          onChange(currentTarget.checked ? { from: 1, failures: undefined } : undefined)
        }
      />
      {ramp && (
        <>
          <NumberInput
            label="Runs per second at first"
            min={1}
            max={1_000}
            allowDecimal={false}
            value={ramp.from ?? ""}
            onChange={set("from")}
          />
          <NumberInput
            label="Pause again after so many failures (optional)"
            min={1}
            allowDecimal={false}
            value={ramp.failures ?? ""}
            onChange={set("failures")}
          />
        </>
      )}
    </Stack>
  );
}
