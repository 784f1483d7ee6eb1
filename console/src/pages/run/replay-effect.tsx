import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { replayPreviewQuery } from "../../api/runs.ts";
import { CallsAgain } from "../../components/run/calls-again.tsx";

/** Says where a replay begins and what it calls again, or why it is not possible. */
export function ReplayEffect(props: {
  readonly workspace: string;
  readonly runId: string;
  readonly from: string | undefined;
  readonly version: "same" | "latest";
}) {
  const { workspace, runId, from, version } = props;
  const preview = useQuery(replayPreviewQuery(workspace, runId, { from, version }));
  if (preview.isError)
    return (
      <Text size="sm" c="red" role="alert">
        {preview.error.message}
      </Text>
    );
  if (preview.data === undefined) return null;
  return <CallsAgain to={preview.data} callsAgain={preview.data.callsAgain} />;
}
