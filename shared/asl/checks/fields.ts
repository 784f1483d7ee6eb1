import type { Machine, QueryLanguage, StateType } from "../parse/machine.ts";
import type { Report } from "../parse/problems.ts";

const ALL = "Type Comment QueryLanguage Sluice";
const ON = "Next End Assign";
const HANDLED = "Retry Catch";
const FILTERS = "InputPath OutputPath";
const RESULT = "ResultPath ResultSelector Parameters";

/** The fields of each type of state: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-states-language.html */
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

/** Rejects unknown fields and fields of the other query language. */
export function checkFields(machine: Machine, report: Report): void {
  for (const { type, language, body, at } of machine.all) {
    const fields = known(type, language);
    const other: QueryLanguage = language === "JSONPath" ? "JSONata" : "JSONPath";
    for (const field of Object.keys(body)) {
      if (fields.includes(field)) continue;
      // checkStructure reports the End or Next of a Choice, Succeed or Fail.
      if (field === "End" || field === "Next") continue;
      report(
        `${at}.${field}`,
        known(type, other).includes(field)
          ? `${field} is a field of ${other}, but this state uses ${language}. Set the state's QueryLanguage to "${other}", or use the fields of ${language}.`
          : `A ${type} state cannot have ${field}. Known fields here: ${fields.join(", ")}.`,
      );
    }
  }
}
