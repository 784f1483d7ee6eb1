import { Button, Timeline as Line, Text } from "@mantine/core";
import {
  IconCircleCheck,
  IconDoorExit,
  IconMessage,
  IconPlayerPause,
  IconPlayerPlay,
  IconUnlink,
  IconUrgent,
} from "@tabler/icons-react";
import { type ComponentType, useMemo, useState } from "react";
import { lastedText } from "../../../../shared/model/api/incident-report.ts";
import type { Incident, TimelineEntry } from "../../../../shared/model/schemas/incident.ts";
import { counted } from "../../components/format.ts";
import { PageLink } from "../../components/links.tsx";
import { Person } from "../../components/person.tsx";
import { Time } from "../../components/time.tsx";
import { grouped, type TimelineGroup } from "./grouped.ts";

interface Look {
  readonly Icon: ComponentType<{ size: number; "aria-hidden": true }>;
  /** Said of the incident, or of so many flows. */
  readonly title: (flows: string) => string;
}

const LOOKS: Readonly<Record<TimelineEntry["event"], Look>> = {
  opened: { Icon: IconUrgent, title: () => "Opened" },
  noted: { Icon: IconMessage, title: () => "Note" },
  held: { Icon: IconPlayerPause, title: (flows) => `${flows} held` },
  released: { Icon: IconDoorExit, title: (flows) => `${flows} taken out of the incident by a resume` },
  unmatched: { Icon: IconUnlink, title: (flows) => `${flows} released: nothing in use calls it any more` },
  lifted: { Icon: IconPlayerPlay, title: (flows) => `${flows} lifted` },
  resolved: { Icon: IconCircleCheck, title: () => "Resolved" },
};
const SHOWN = 8;

/** The events of an incident, oldest first. The same event of several flows at the same time is one entry. */
export function Timeline({ workspace, timeline }: { workspace: string } & Pick<Incident, "timeline">) {
  const groups = useMemo(() => grouped(timeline), [timeline]);
  return (
    <Line bulletSize={28} lineWidth={2} aria-label="Timeline">
      {groups.map((group) => {
        const { Icon, title } = LOOKS[group.event];
        const [first] = group.entries;
        return (
          <Line.Item
            key={`${group.at} ${group.event} ${first?.flowId ?? first?.text ?? ""}`}
            bullet={<Icon size={16} aria-hidden />}
            title={title(counted(group.entries.length, "flow"))}
            data-event={group.event}
          >
            <Group workspace={workspace} group={group} />
          </Line.Item>
        );
      })}
    </Line>
  );
}

function Group({ workspace, group }: { workspace: string; group: TimelineGroup }) {
  const { at, by, entries } = group;
  const [isWhole, setIsWhole] = useState(false);
  const flows = entries.filter(({ flowId }) => flowId !== undefined);
  const shown = isWhole ? flows : flows.slice(0, SHOWN);
  return (
    <>
      <Text size="xs" c="dimmed" component="div">
        <Time at={at} absolute />
        {by !== undefined && (
          <>
            {" by "}
            <Person id={by} />
          </>
        )}
      </Text>
      {entries.map(({ text, heldSeconds, flowId }) =>
        flowId !== undefined ? null : (
          <Text key={`${text} ${heldSeconds}`} size="sm" className="any-break">
            {text}
            {heldSeconds !== undefined && `After ${lastedText(heldSeconds)}`}
          </Text>
        ),
      )}
      {shown.map((entry) => (
        <FlowLine key={`${entry.flowId} ${entry.holdId} ${entry.at}`} workspace={workspace} entry={entry} />
      ))}
      {flows.length > SHOWN && !isWhole && (
        <Button size="compact-sm" variant="default" mt={4} onClick={() => setIsWhole(true)}>
          Show all {flows.length}
        </Button>
      )}
    </>
  );
}

function FlowLine({ workspace, entry }: { workspace: string; entry: TimelineEntry }) {
  const { flowId = "", event, steps, stood, heldSeconds } = entry;
  const details = [
    ...(event === "held" ? [steps === undefined ? "the whole flow" : steps.join(", ")] : []),
    ...(heldSeconds === undefined ? [] : [`after ${lastedText(heldSeconds)}`]),
    ...(stood === undefined ? [] : [`${counted(stood, "run")} stood`]),
  ];
  return (
    <Text size="sm" className="any-break">
      <PageLink size="sm" underline="always" to="/$workspace/flows/$flowId" params={{ workspace, flowId }}>
        {flowId}
      </PageLink>
      {details.length === 0 ? "" : `: ${details.join(", ")}`}
    </Text>
  );
}
