import { Button, Group, NumberInput, Stack, Switch } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { type ChangeEvent, useState } from "react";
import type { WorkspaceSettings } from "../../../../shared/model/workspace-settings.ts";
import { useMay } from "../../api/people.ts";
import { settingsQuery, usePutSettings } from "../../api/settings.ts";
import { Page } from "../../components/page.tsx";
import { Unloaded } from "../../components/states.tsx";
import { TabsOf } from "../../components/tabs-of.tsx";
import { failed, succeeded } from "../../components/toasts.ts";
import { Members } from "./members.tsx";

export function SettingsPage() {
  const { workspace } = useParams({ from: "/inside/$workspace/settings" });
  return (
    <Page size="lg" title="Settings">
      <TabsOf
        tabs={{
          members: ["Members", <Members key="members" workspace={workspace} />],
          workspace: ["Workspace", <WorkspaceForm key="workspace" workspace={workspace} />],
        }}
      />
    </Page>
  );
}

export function WorkspaceForm({ workspace }: { workspace: string }) {
  const settings = useQuery(settingsQuery(workspace));
  if (settings.data === undefined) return <Unloaded query={settings} height={220} label="Loading settings" />;
  return <Form workspace={workspace} settings={settings.data} />;
}

function Form({ workspace, settings }: { workspace: string; settings: WorkspaceSettings }) {
  const mayChange = useMay("manage-settings");
  const [changes, setChanges] = useState<Partial<WorkspaceSettings>>({});
  const save = usePutSettings(workspace);
  const shown = { ...settings, ...changes };
  const change = (part: Partial<WorkspaceSettings>) => setChanges((before) => ({ ...before, ...part }));
  const toggle = (setting: "ownersMayResume" | "resumeWithSameAccess") => ({
    checked: shown[setting],
    disabled: !mayChange,
    onChange: (event: ChangeEvent<HTMLInputElement>) => change({ [setting]: event.currentTarget.checked }),
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate(changes, {
          onSuccess: () => {
            setChanges({});
            succeeded("Settings saved");
          },
          onError: (error) => failed("Failed to save the settings", error),
        });
      }}
    >
      <Stack maw={560}>
        <Switch
          label="Members may resume their own paused runs"
          description="Members can resume runs that they started, without an administrator."
          {...toggle("ownersMayResume")}
        />
        <Switch
          label="Resume with the same access"
          description="A resumed run keeps the permissions that its user had when it started, even if the user has lost some since."
          {...toggle("resumeWithSameAccess")}
        />
        <NumberInput
          label="Days to keep ended runs"
          description="Completed, failed and cancelled runs are permanently deleted after this time. A lower value also applies to older runs."
          min={1}
          max={3_650}
          allowDecimal={false}
          value={shown.retentionDays}
          disabled={!mayChange}
          onChange={(value) => typeof value === "number" && change({ retentionDays: value })}
        />
        {mayChange && (
          <Group>
            <Button type="submit" loading={save.isPending} disabled={Object.keys(changes).length === 0}>
              Save settings
            </Button>
          </Group>
        )}
      </Stack>
    </form>
  );
}
