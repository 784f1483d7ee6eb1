import { Button, type ButtonProps, Paper, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import {
  IconFlag,
  IconPlayerSkipForward,
  type IconProps,
  IconRotateClockwise,
  IconTool,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import type { ComponentType } from "react";
import type { Run } from "../../../shared/model/schemas/run.ts";
import { stepsQuery } from "../api/steps.ts";
import { isHalted } from "../components/status.tsx";
import { hasBranches } from "../graph/states.ts";
import { visitOf } from "./stand.ts";
import { useRepair } from "./use-repair.tsx";

/** The choices for a run that an error paused. */
export function RepairChoices({ workspace, run }: { workspace: string; run: Run }) {
  const { retry, skip, giveUp, mend, busy, dialog } = useRepair(workspace, run);
  const { state = "" } = run.pausedBy ?? {};
  const step = state === "" ? "the run" : `“${state}”`;
  const steps = useQuery({ ...stepsQuery(workspace, run.runId), enabled: isHalted(run) });
  const repeats = hasBranches(visitOf(steps.data ?? [], state)?.type ?? "");
  const isShown = isHalted(run) && (retry !== undefined || mend !== undefined);
  return (
    <>
      {isShown && (
        <Paper withBorder p="md" component="section" aria-label="How should this run continue?">
          <Stack gap="sm">
            <Title order={2} size="h5">
              How should this run continue?
            </Title>
            <SimpleGrid cols={{ base: 1, xs: 2, lg: mend === undefined ? 2 : 4 }}>
              <Choice
                name="Retry step"
                Icon={IconRotateClockwise}
                text={
                  repeats
                    ? `Runs ${step} again as a whole, with the same input. Branches that had finished are called again.`
                    : `Runs ${step} again, with the same input. Nothing before it is repeated.`
                }
                onClick={repeats ? mend : retry}
                loading={busy}
              />
              <Choice
                name="Skip step"
                Icon={IconPlayerSkipForward}
                text={`Leaves ${step} out. You give the output that it would have had.`}
                onClick={skip}
                variant="default"
              />
              <Choice
                name="Mend run"
                Icon={IconTool}
                text="Continues with other data, at another state or on the latest version."
                onClick={mend}
                variant="default"
              />
              <Choice
                name="Give up"
                Icon={IconFlag}
                text="Ends the run as failed. Its remaining steps never happen."
                onClick={giveUp}
                variant="light"
                color="red"
              />
            </SimpleGrid>
            {repeats && mend === undefined && (
              <Text size="sm">
                {`Only an administrator can run ${step} again, because branches that had finished are called a second time.`}
              </Text>
            )}
          </Stack>
        </Paper>
      )}
      {/* A dialog stays open when its run has changed, and says so. */}
      {dialog}
    </>
  );
}

function Choice({
  name,
  Icon,
  text,
  onClick,
  ...button
}: Pick<ButtonProps, "variant" | "color" | "loading"> & {
  name: string;
  Icon: ComponentType<IconProps>;
  text: string;
  onClick: (() => void) | undefined;
}) {
  if (onClick === undefined) return null;
  return (
    <Stack gap={6}>
      <Button {...button} leftSection={<Icon size={16} aria-hidden />} onClick={onClick} fullWidth>
        {name}
      </Button>
      <Text size="xs" c="dimmed">
        {text}
      </Text>
    </Stack>
  );
}
