import { Alert, Button, List, Stack, Text } from "@mantine/core";
import { ApiError } from "../../../shared/client/api-error.ts";

const TITLES: Readonly<{ [code: string]: string }> = {
  state_changed: "The run has changed",
  run_already_terminal: "The run is over",
  action_not_allowed: "The run has changed",
  step_in_progress: "The run has not stopped yet",
  running_user_lost_access: "The running user lacks permissions",
};

/** The service's refusal of a resume, and what the person can do about it. */
export function Refusal(props: { error: Error; isOver: boolean; busy: boolean; onOverride: () => void }) {
  const { error, isOver, busy, onOverride } = props;
  const { code = "", problem } = error instanceof ApiError ? error : { problem: undefined };
  return (
    <Alert color="red" title={TITLES[code] ?? "The run was not resumed"}>
      <Stack gap="xs" align="flex-start">
        <Text size="sm">{error.message}</Text>
        {problem?.errors !== undefined && (
          <List size="sm">
            {problem.errors.map(({ path, message }) => (
              <List.Item key={`${path} ${message}`}>{`${path} ${message}`}</List.Item>
            ))}
          </List>
        )}
        {code === "state_changed" && (
          <Text size="sm">
            {isOver
              ? "It can no longer be mended. Close this dialog to see it."
              : "This dialog now refers to the run as it is. Check it, and send it again."}
          </Text>
        )}
        {code === "running_user_lost_access" && (
          <Button size="xs" variant="default" loading={busy} onClick={onOverride}>
            Resume with override
          </Button>
        )}
      </Stack>
    </Alert>
  );
}
