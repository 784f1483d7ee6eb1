import { Text } from "@mantine/core";
import type { Run } from "../../../shared/model/schemas/run.ts";
import { Choice, VersionChoice } from "../components/choice.tsx";
import type { Way } from "./mend-request.ts";

/** Chooses where the run continues, and on which version. */
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
      <Choice
        label="Continue"
        value={way}
        options={[
          {
            value: "again",
            label: state === undefined ? "Where the run stopped" : `At “${state}”, where the run stopped`,
          },
          {
            value: "skip",
            label: state === undefined ? "After the step at which it stopped" : `After “${state}”: skip it`,
          },
          { value: "elsewhere", label: "At another state" },
        ]}
        onChange={onWay}
      />
      {latest === run.flowVersion || latest === 0 ? (
        <Text size="sm">{`The run is on version ${run.flowVersion}, the latest one.`}</Text>
      ) : (
        <VersionChoice
          value={version}
          same={`Same (version ${run.flowVersion})`}
          latest={`Latest (version ${latest})`}
          onChange={onVersion}
        />
      )}
    </>
  );
}
