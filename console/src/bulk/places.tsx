import { List, Stack, Text, ThemeIcon } from "@mantine/core";
import { IconBan, IconCheck } from "@tabler/icons-react";
import type { PreviewedRuns } from "../../../shared/model/api/responses.ts";
import { counted } from "../components/format.ts";
import { CallsAgain } from "../components/run/calls-again.tsx";

/** The numbers of runs by place, with the effect on them or the reason why they are left out. */
export function Places({ places }: { places: readonly PreviewedRuns[] }) {
  const [can, cannot] = [
    places.filter(({ possible }) => possible),
    places.filter(({ possible }) => !possible),
  ];
  return (
    <Stack gap="xs" mah={260} style={{ overflow: "auto" }} tabIndex={0} role="region" aria-label="Preview">
      <PlaceList title={`${runsIn(can)} can`} places={can} color="green" Icon={IconCheck} />
      <PlaceList
        title={`${runsIn(cannot)} cannot, and stay as they are`}
        places={cannot}
        color="orange"
        Icon={IconBan}
      />
    </Stack>
  );
}

const runsIn = (places: readonly PreviewedRuns[]): string =>
  places.reduce((sum, { count }) => sum + count, 0).toLocaleString();

function PlaceList(props: {
  title: string;
  places: readonly PreviewedRuns[];
  color: string;
  Icon: typeof IconCheck;
}) {
  const { title, places, color, Icon } = props;
  if (places.length === 0) return null;
  return (
    <List
      size="sm"
      spacing={4}
      center={false}
      icon={
        <ThemeIcon size={18} radius="xl" variant="light" color={color}>
          <Icon size={12} aria-hidden />
        </ThemeIcon>
      }
    >
      <Text size="sm" fw={600} component="li" style={{ listStyle: "none" }}>
        {title}
      </Text>
      {places.map((place) => (
        <List.Item key={JSON.stringify(place)}>
          {`${counted(place.count, "run")} of ${place.flowId}, version ${place.flowVersion}, ${standing(place)}`}
          {place.detail !== undefined && `: ${place.detail}`}
          {place.to !== undefined && <CallsAgain to={place.to} callsAgain={place.callsAgain ?? []} />}
        </List.Item>
      ))}
    </List>
  );
}

const standing = ({ state }: PreviewedRuns): string =>
  state === "" ? "not begun or at the end" : `at “${state}”`;
