import type { Machine, QueryLanguage, StateType } from "../parse/machine.ts";
import type { Report } from "../parse/problems.ts";

const ALL = "Type Comment QueryLanguage Sluice";
const ON = "Next End Assign";
const HANDLED = "Retry Catch";
const FILTERS = "InputPath OutputPath";
const RESULT = "ResultPath ResultSelector Parameters";

/** The fields of each type of state, https://docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-states-language.html */
const FIELDS: Record<StateType, Record<QueryLanguage, string>> = {
  Task: {
    JSONPath: `${ON} ${HANDLED} ${FILTERS} ${RESULT} Resource Credentials TimeoutSeconds TimeoutSecondsPath HeartbeatSeconds HeartbeatSecondsPath`,
    JSONata: `${ON} ${HANDLED} Resource Arguments Output Credentials TimeoutSeconds HeartbeatSeconds`,
  },
  Pass: { JSONPath: `${ON} ${FILTERS} ResultPath Parameters Result`, JSONata: `${ON} Output` },
  Choice: { JSONPath: `${FILTERS} Choices Default Assign`, JSONata: "Choices Default Assign Output" },
  Wait: {
    JSONPath: `${ON} ${FILTERS} Seconds SecondsPath Timestamp TimestampPath`,
    JSONata: `${ON} Seconds Timestamp Output`,
  },
  Succeed: { JSONPath: FILTERS, JSONata: "Output" },
  Fail: { JSONPath: "Error ErrorPath Cause CausePath", JSONata: "Error Cause" },
  Parallel: {
    JSONPath: `${ON} ${HANDLED} ${FILTERS} ${RESULT} Branches`,
    JSONata: `${ON} ${HANDLED} Branches Arguments Output`,
  },
  Map: {
    JSONPath:
      `${ON} ${HANDLED} ${FILTERS} ${RESULT} ItemProcessor Iterator ItemsPath ItemSelector ItemReader ItemBatcher ResultWriter Label ` +
      "MaxConcurrency MaxConcurrencyPath ToleratedFailureCount ToleratedFailureCountPath ToleratedFailurePercentage ToleratedFailurePercentagePath",
    JSONata:
      `${ON} ${HANDLED} ItemProcessor Iterator Items ItemSelector ItemReader ItemBatcher ResultWriter Label Output ` +
      "MaxConcurrency ToleratedFailureCount ToleratedFailurePercentage",
  },
};

const known = (type: StateType, language: QueryLanguage): string[] =>
  `${ALL} ${FIELDS[type][language]}`.split(" ");

/** Unknown fields, and fields of the other query language. */
export function checkFields(machine: Machine, report: Report): void {
  for (const { type, language, body, at } of machine.all) {
    const fields = known(type, language);
    const other: QueryLanguage = language === "JSONPath" ? "JSONata" : "JSONPath";
    for (const field of Object.keys(body)) {
      if (fields.includes(field)) continue;
      // End and Next of a Choice, Succeed or Fail have a message of their own.
      if (field === "End" || field === "Next") continue;
      report(
        `${at}.${field}`,
        known(type, other).includes(field)
          ? `${field} belongs to ${other}, and this state uses ${language}; set the state's QueryLanguage or use ${language}'s fields.`
          : `A ${type} state has no field ${field}; it has ${fields.join(", ")}.`,
      );
    }
  }
}

/** A tolerance of failures is not among them: the service takes it in an inline Map too, and ignores it there. */
const ONLY_DISTRIBUTED = ["ItemReader", "ResultWriter", "ItemBatcher", "Label"];

/** What Step Functions refuses and asl-validator lets pass. */
export function checkValues(machine: Machine, report: Report): void {
  const { TimeoutSeconds: deadline } = machine.body;
  if (
    deadline !== undefined &&
    !(typeof deadline === "number" && Number.isInteger(deadline) && deadline > 0)
  ) {
    report("TimeoutSeconds", "TimeoutSeconds must be a whole number from 1 on.");
  }
  for (const { type, body, at, inner } of machine.all) {
    if (type === "Map" && !inner.some((scope) => scope.distributed)) {
      for (const field of ONLY_DISTRIBUTED) {
        if (Object.hasOwn(body, field)) report(`${at}.${field}`, `Only a Distributed Map can have ${field}.`);
      }
    }
    const { TimeoutSeconds: timeout, HeartbeatSeconds: heartbeat } = body;
    if (
      type === "Task" &&
      typeof timeout === "number" &&
      typeof heartbeat === "number" &&
      heartbeat >= timeout
    ) {
      report(`${at}.HeartbeatSeconds`, "HeartbeatSeconds must be smaller than TimeoutSeconds.");
    }
  }
}
