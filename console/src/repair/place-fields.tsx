import { Group, Radio, Stack, Text } from "@mantine/core";
import type { Run } from "../../../shared/model/schemas/run.ts";
import type { Way } from "./mend-request.ts";

/** Where the run continues, and on which version. */
export function PlaceFields(props: {
  run: Run;
  way: Way;
  /** The state at which the run stopped, if it is known. */
  state: string | undefined;
  version: "same" | "latest";
  /** The active version; 0 if there is none. */
  latest: number;
  onWay: (way: Way) => void;
  onVersion: (version: "same" | "latest") => void;
}) {
  const { run, way, state, version, latest, onWay, onVersion } = props;
  return (
    <>
      <Radio.Group label="Continue" value={way} onChange={(value) => onWay(value as Way)}>
        <Stack gap="xs" mt={4}>
          <Radio
            value="again"
            label={state === undefined ? "Where the run stopped" : `At “${state}”, where the run stopped`}
          />
          <Radio
            value="skip"
            label={state === undefined ? "After the step at which it stopped" : `After “${state}”: skip it`}
          />
          <Radio value="elsewhere" label="At another state" />
        </Stack>
      </Radio.Group>
      {latest === run.flowVersion || latest === 0 ? (
        <Text size="sm">{`The run is on version ${run.flowVersion}, the latest one.`}</Text>
      ) : (
        <Radio.Group
          label="Version"
          value={version}
          onChange={(value) => onVersion(value === "latest" ? "latest" : "same")}
        >
          <Group mt={4}>
            <Radio value="same" label={`Same (version ${run.flowVersion})`} />
            <Radio value="latest" label={`Latest (version ${latest})`} />
          </Group>
        </Radio.Group>
      )}
    </>
  );
}
