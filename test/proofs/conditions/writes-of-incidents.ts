import { MAX_INCIDENT_NOTES } from "../../../shared/model/holds/incident.ts";
import {
  type IncidentItem,
  IncidentStore,
  type PlacementItem,
} from "../../../shared/store/flows/incidents.ts";
import { keys } from "../../../shared/store/keys.ts";
import { type ConditionalWrite, changing, type Prepared } from "./conditional-write.ts";

const AT = "2026-03-01T12:00:00.000Z";
const LATER = "2026-03-01T12:05:00.000Z";
const ANN = { kind: "user", id: "ann" } as const;

const incidentOf = (nth: number, fields: Partial<IncidentItem>): IncidentItem => ({
  ...{
    workspace: "demo",
    incidentId: `incident-${nth}`,
    nonce: "n",
    bodyHash: "h",
    title: "Down",
    all: true,
  },
  ...{ mode: "queue", openedAt: AT, openedBy: ANN, resumeAt: LATER, status: "open", attempt: 2, notes: 0 },
  ...{ work: { kind: "place", done: 0 }, due: AT },
  ...fields,
});
const PLACEMENT: PlacementItem = {
  ...{ flowId: "f", incarnation: "m", holdId: "h", state: "held", since: AT },
};

interface Subject {
  readonly incidents: IncidentStore;
  readonly incident: IncidentItem;
  readonly set: (attributes: Readonly<Record<string, unknown>>) => () => Promise<unknown>;
}

const ofIncident =
  (
    fields: Partial<IncidentItem>,
    use: (subject: Subject) => Pick<Prepared, "write" | "rivals">,
  ): ConditionalWrite =>
  async (table, nth) => {
    const incidents = new IncidentStore(table);
    const incident = incidentOf(nth, fields);
    await incidents.create(incident);
    const key = keys.incident("demo", incident.incidentId);
    const set: Subject["set"] = (attributes) => changing(table, key, attributes);
    return { items: [key], ...use({ incidents, incident, set }) };
  };

const resolved = ({ set }: Subject) => ({ "its resolution": set({ status: "resolved" }) });

export const INCIDENT_WRITES: Readonly<Record<string, ConditionalWrite>> = {
  "an incident's opening": async (table, nth) => {
    const incidents = new IncidentStore(table);
    const incident = incidentOf(nth, {});
    return {
      write: () => incidents.create(incident),
      items: [keys.incident("demo", incident.incidentId)],
      rivals: { "the same request": () => incidents.create({ ...incident, nonce: "other" }) },
    };
  },
  "an incident's resolution": ofIncident({}, (subject) => ({
    write: () =>
      subject.incidents.resolve(subject.incident, {
        ...subject.incident,
        ...{ status: "resolved", resolved: { at: LATER, by: ANN }, attempt: 3 },
      }),
    rivals: resolved(subject),
  })),
  "the progress of an incident": ofIncident({}, (subject) => ({
    write: () =>
      subject.incidents.advance(subject.incident, {
        ...{ work: { kind: "place", done: 20, cursor: "f" }, due: LATER, attempt: 2 },
      }),
    rivals: {
      ...resolved(subject),
      "another attempt": subject.set({ attempt: 3 }),
      "an attempt of a restored table": subject.set({ attempt: 1 }),
    },
  })),
  "an incident's note": ofIncident({ notes: MAX_INCIDENT_NOTES - 1 }, (subject) => ({
    write: () => subject.incidents.note(subject.incident, "n", { at: LATER, by: ANN, text: "Found" }),
    rivals: { "its last note": subject.set({ notes: MAX_INCIDENT_NOTES }) },
  })),
  "the intent to hold a flow": async (table, nth) => {
    const incidents = new IncidentStore(table);
    const incident = incidentOf(nth, {});
    return {
      write: () => incidents.intend(incident, PLACEMENT),
      items: [keys.placement("demo", incident.incidentId, "f", "m")],
      rivals: { "another placer's": () => incidents.intend(incident, { ...PLACEMENT, since: LATER }) },
    };
  },
  "what became of an incident's hold": async (table, nth) => {
    const incidents = new IncidentStore(table);
    const incident = incidentOf(nth, {});
    await incidents.intend(incident, PLACEMENT);
    const key = keys.placement("demo", incident.incidentId, "f", "m");
    return {
      write: () => incidents.place(incident, PLACEMENT, { ...PLACEMENT, state: "lifted", endedAt: LATER }),
      items: [key],
      rivals: {
        "its release": changing(table, key, { state: "released" }),
        "its canary": changing(table, key, { state: "canary" }),
      },
    };
  },
};
