import { Button, Chip, Collapse, Group, NativeSelect, SimpleGrid, TextInput } from "@mantine/core";
import { useDebouncedCallback, useDisclosure } from "@mantine/hooks";
import { IconFilter, IconX } from "@tabler/icons-react";
import { useEffect, useId, useState } from "react";
import {
  askedAttributes,
  attributeFilter,
  attributeName,
  namedAttribute,
} from "../../../../shared/model/attributes.ts";
import type { Member } from "../../../../shared/model/schemas/member.ts";
import { RUN_STATUSES, type RunStatus } from "../../../../shared/model/transitions.ts";
import { serverNow } from "../../api/client.ts";
import { usePeople } from "../../api/people.ts";
import { localTimeText } from "../../components/format.ts";
import type { RunsSearch } from "./search.ts";

const TYPING_MS = 350;

export interface FilterBarProps {
  readonly filter: RunsSearch;
  readonly statuses?: readonly RunStatus[];
  readonly onChange: (filter: RunsSearch) => void;
}

type TextName = "flowId" | "startedBy" | "pausedBy" | "error" | "failure" | "flowVersion";
/** Filters that are shown once one of them is set, or on request. */
const HIDDEN = ["createdAfter", "createdBefore", "failure", "flowVersion"] as const;

/** The filters of a list of runs. They are part of the page's address, so that a link can be shared. */
export function FilterBar({ filter, statuses = RUN_STATUSES, onChange }: FilterBarProps) {
  const [isOpen, more] = useDisclosure(HIDDEN.some((name) => filter[name] !== undefined));
  const set = (change: Partial<Record<keyof RunsSearch, unknown>>) => {
    const next = Object.entries({ ...filter, ...change }).filter(
      ([, value]) => value !== undefined && value !== "" && !(Array.isArray(value) && value.length === 0),
    );
    onChange(Object.fromEntries(next) as RunsSearch);
  };
  const people = usePeople();
  const text = (label: string, name: TextName, suggestions: readonly Member[] = []) => (
    <TextFilter
      label={label}
      suggestions={suggestions}
      value={String(filter[name] ?? "")}
      onChange={(value) => set({ [name]: value })}
    />
  );
  const attribute = (typed: string) => {
    const named = namedAttribute(typed);
    const others = Object.entries(filter).filter(([field]) => attributeName(field) === undefined);
    onChange({ ...Object.fromEntries(others), ...(named === undefined ? {} : attributeFilter(...named)) });
  };
  const count = Object.keys(filter).length;
  return (
    <form onSubmit={(event) => event.preventDefault()} aria-label="Filters">
      <Chip.Group multiple value={[...(filter.status ?? [])]} onChange={(status) => set({ status })}>
        <Group gap={6} mb="xs" role="group" aria-label="Status">
          {statuses.map((status) => (
            <Chip key={status} value={status} size="xs">
              {status}
            </Chip>
          ))}
        </Group>
      </Chip.Group>
      <SimpleGrid cols={{ base: 1, xs: 2, md: 5 }} spacing="xs" verticalSpacing="xs">
        {text("Flow ID", "flowId")}
        <TextFilter
          label="Attribute"
          placeholder="name=value"
          value={askedAttributes(filter)
            .map((one) => one.join("="))
            .join(", ")}
          onChange={attribute}
        />
        {text("Started by", "startedBy", people)}
        {text("Error contains", "error")}
        <AgeFilter
          after={filter.createdAfter}
          before={filter.createdBefore}
          onChange={(createdAfter) => set({ createdAfter, createdBefore: undefined })}
          onOther={more.open}
        />
      </SimpleGrid>
      <Collapse expanded={isOpen}>
        <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }} spacing="xs" verticalSpacing="xs" mt="xs">
          {text("Paused by", "pausedBy")}
          {text("Failure group", "failure")}
          {text("Version", "flowVersion")}
          <TimeFilter
            label="Created after"
            value={filter.createdAfter}
            onChange={(createdAfter) => set({ createdAfter })}
          />
          <TimeFilter
            label="Created before"
            value={filter.createdBefore}
            onChange={(createdBefore) => set({ createdBefore })}
          />
        </SimpleGrid>
      </Collapse>
      <Group gap="xs" mt="xs">
        <Button
          size="compact-sm"
          variant="subtle"
          leftSection={<IconFilter size={14} aria-hidden />}
          onClick={more.toggle}
          aria-expanded={isOpen}
        >
          {isOpen ? "Fewer filters" : "More filters"}
        </Button>
        {count > 0 && (
          <Button
            size="compact-sm"
            variant="subtle"
            color="gray"
            leftSection={<IconX size={14} aria-hidden />}
            onClick={() => onChange({})}
          >
            Clear filters
          </Button>
        )}
      </Group>
    </form>
  );
}

/** Refreshes the list after a pause in typing, not at every keystroke. */
function TextFilter(props: {
  label: string;
  placeholder?: string;
  /** People whose ids the field takes. */
  suggestions?: readonly Member[];
  value: string;
  onChange: (value: string) => void;
}) {
  const { label, placeholder, suggestions = [], value, onChange } = props;
  const list = useId();
  const [typed, setTyped] = useState(value);
  useEffect(() => setTyped(value), [value]);
  const settle = useDebouncedCallback(onChange, TYPING_MS);
  return (
    <>
      <TextInput
        label={label}
        list={list}
        {...(placeholder === undefined ? {} : { placeholder })}
        value={typed}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
          settle(event.currentTarget.value.trim());
        }}
      />
      <datalist id={list}>
        {suggestions.map(({ userId, name }) => (
          <option key={userId} value={userId}>
            {name ?? userId}
          </option>
        ))}
      </datalist>
    </>
  );
}

const HOUR_MS = 3_600_000;
/** The ages that the list offers, with their lengths in milliseconds. */
const AGES = [
  ["Last hour", HOUR_MS],
  ["Last 24 hours", 24 * HOUR_MS],
  ["Last 7 days", 7 * 24 * HOUR_MS],
  ["Last 30 days", 30 * 24 * HOUR_MS],
] as const;
const ANY_TIME = "Any time";
const OTHER_TIME = "Other times";

/** Offers ready-made times. The filter is the time itself, so that a link and a bulk operation mean the same runs later. */
function AgeFilter(props: {
  after: string | undefined;
  before: string | undefined;
  onChange: (after: string | undefined) => void;
  onOther: () => void;
}) {
  const { after, before, onChange, onOther } = props;
  const [chosen, setChosen] = useState<{ readonly label: string; readonly after: string }>();
  const own =
    after !== undefined && after === chosen?.after && before === undefined ? chosen.label : undefined;
  const isAny = after === undefined && before === undefined;
  const choose = (label: string) => {
    const [, age] = AGES.find(([name]) => name === label) ?? [];
    if (label === OTHER_TIME) return onOther();
    if (age === undefined) return onChange(undefined);
    const since = new Date(serverNow() - age).toISOString();
    setChosen({ label, after: since });
    onChange(since);
  };
  return (
    <NativeSelect
      label="Created"
      value={own ?? (isAny ? ANY_TIME : OTHER_TIME)}
      onChange={(event) => choose(event.currentTarget.value)}
      data={[ANY_TIME, ...AGES.map(([label]) => label), OTHER_TIME]}
    />
  );
}

/** Shows the time in the viewer's zone. The page's address has it in UTC. */
function TimeFilter(props: {
  label: string;
  value: string | undefined;
  onChange: (value: string | undefined) => void;
}) {
  return (
    <TextInput
      type="datetime-local"
      label={props.label}
      value={props.value === undefined ? "" : localTimeText(Date.parse(props.value))}
      onChange={(event) => {
        const { value } = event.currentTarget;
        props.onChange(value === "" ? undefined : new Date(value).toISOString());
      }}
    />
  );
}
