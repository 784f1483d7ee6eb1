import { Button, Checkbox, Group, Skeleton, Stack, Text } from "@mantine/core";
import { lazy, Suspense, useState } from "react";
import type { MendForm } from "./mend-request.ts";

const JsonEditor = lazy(() => import("../editor/json-editor.tsx"));
const HEIGHT = 120;

/** The data with which the run continues: the input of its next state or the output of the skipped one, and variables. */
export function DataFields(props: {
  form: MendForm;
  /** The state whose data is given, if it is known. */
  target: string | undefined;
  /** The data that the state had, if it is recorded. */
  original: string | undefined;
  isPending: boolean;
  /** Names that the flow assigns. */
  variables: readonly string[];
  onInput: (text: string) => void;
  onOutput: (text: string) => void;
  onVariables: (text: string) => void;
}) {
  const { form, target, original, isPending, variables, onInput, onOutput, onVariables } = props;
  const of = target === undefined ? "" : ` of “${target}”`;
  if (isPending) return <Skeleton height={HEIGHT} />;
  return (
    <Suspense fallback={<Skeleton height={HEIGHT} />}>
      {form.way === "skip" ? (
        <Output label={`Output${of}`} form={form} onChange={onOutput} />
      ) : (
        <JsonEditor
          label={`Input${of}`}
          description={
            original === undefined
              ? "Sluice has not recorded it as the data of a step. Leave this empty to keep it."
              : "As recorded. Changes are marked."
          }
          value={form.input}
          original={original}
          onChange={onInput}
        />
      )}
      {variables.length > 0 && <Variables names={variables} text={form.variables} onChange={onVariables} />}
    </Suspense>
  );
}

/** The output of the skipped step. Nobody but the person can know it, so it is empty at first. */
function Output(props: { label: string; form: MendForm; onChange: (text: string) => void }) {
  const { label, form, onChange } = props;
  const [copies, setCopies] = useState(0);
  const { recorded } = form;
  return (
    <Stack gap="xs">
      <JsonEditor
        key={copies}
        label={label}
        description="The next state gets this as its input."
        value={form.output}
        onChange={onChange}
      />
      {recorded !== undefined && (
        <Group gap="xs">
          <Button
            size="compact-sm"
            variant="default"
            onClick={() => {
              onChange(recorded);
              setCopies(copies + 1);
            }}
          >
            Begin with its input
          </Button>
          <Text size="xs" c="dimmed">
            Copies the input of the step, as a step that adds to its data would return it.
          </Text>
        </Group>
      )}
    </Stack>
  );
}

/** New values of variables, which few repairs need. */
function Variables(props: { names: readonly string[]; text: string; onChange: (text: string) => void }) {
  const { names, text, onChange } = props;
  const [isOpen, setIsOpen] = useState(text !== "");
  return (
    <>
      <Checkbox
        label="Change variables"
        description={`The flow assigns ${names.join(", ")}.`}
        checked={isOpen}
        onChange={(event) => {
          setIsOpen(event.currentTarget.checked);
          if (!event.currentTarget.checked) onChange("");
        }}
      />
      {isOpen && (
        <JsonEditor
          label="Variables"
          description="An object: each name in it gets this value, and the others keep theirs."
          value={text}
          onChange={onChange}
        />
      )}
    </>
  );
}
