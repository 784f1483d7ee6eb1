import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { BulkOptions } from "../../../shared/model/bulk.ts";
import { flowQuery, versionQuery } from "../api/flows.ts";
import { useMay } from "../api/people.ts";
import { Choice, type Version, VersionChoice } from "../components/choice.tsx";
import { StateSelect } from "../graph/choose-state.tsx";

interface OptionsProps {
  readonly options: BulkOptions;
  /** @param isComplete whether everything has been chosen that the operation needs */
  readonly onChange: (options: BulkOptions, isComplete: boolean) => void;
}

const SAME = "Each run’s own";

const versionOf = ({ version }: BulkOptions, or: Version): Version =>
  version === "latest" || version === "same" ? version : or;

/** Chooses where the runs continue. Only an administrator may choose another place than the one at which they stopped. */
export function ResumeOptions(
  props: OptionsProps & {
    workspace: string;
    /** The flow of all these runs, if they have the same. */
    flowId: string | undefined;
  },
) {
  const { workspace, flowId, options, onChange } = props;
  const mayRepair = useMay("repair-runs");
  const [way, setWay] = useState<"stopped" | "elsewhere" | "give-up">("stopped");
  const version = versionOf(options, "same");
  const elsewhere = {
    value: "elsewhere" as const,
    label: "All at one state",
    disabled: flowId === undefined,
    description: flowId === undefined ? "Filter by one flow to choose one of its states." : undefined,
  };
  const change = (to: typeof way, chosen: Version, at?: string) => {
    setWay(to);
    const state = to === "elsewhere" && at !== undefined ? { at } : {};
    const moved = { ...state, ...(chosen === "latest" ? { version: chosen } : {}) };
    onChange(to === "give-up" ? { giveUp: true } : moved, to !== "elsewhere" || at !== undefined);
  };
  return (
    <>
      <Choice
        label="Continue"
        value={way}
        options={[
          { value: "stopped", label: "Where each run stopped" },
          ...(mayRepair ? [elsewhere] : []),
          { value: "give-up", label: "Give up: runs that an error paused end as failed" },
        ]}
        onChange={(to) => change(to, version)}
      />
      {mayRepair && way !== "give-up" && (
        <VersionChoice value={version} same={SAME} onChange={(chosen) => change(way, chosen, options.at)} />
      )}
      {way === "elsewhere" && flowId !== undefined && (
        <FlowState
          {...{ workspace, flowId }}
          state={options.at}
          onChoose={(at) => change(way, version, at)}
        />
      )}
    </>
  );
}

/** A state of the flow's active version. */
function FlowState(props: {
  workspace: string;
  flowId: string;
  state: string | undefined;
  onChoose: (state: string) => void;
}) {
  const { workspace, flowId, state, onChoose } = props;
  const flow = useQuery(flowQuery(workspace, flowId));
  const active = flow.data?.version ?? 0;
  const version = useQuery({ ...versionQuery(workspace, flowId, active), enabled: active > 0 });
  return <StateSelect definition={version.data?.definition} state={state} onChoose={onChoose} />;
}

/** Chooses where the new runs begin. */
export function ReplayOptions({ options, onChange }: OptionsProps) {
  const from = options.from ?? "start";
  return (
    <>
      <Choice
        label="From"
        value={from}
        options={[
          { value: "start", label: "The start, with the payload of each run" },
          { value: "failed-step", label: "The step that failed, with the input that it had" },
        ]}
        // Another version may not have the step that failed.
        onChange={(value) => onChange({ from: value, version: value === "start" ? "latest" : "same" }, true)}
      />
      <VersionChoice
        value={versionOf(options, "latest")}
        same={SAME}
        onChange={(version) => onChange({ ...options, version }, true)}
      />
    </>
  );
}
