import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { METRIC_KEYS, metricMeaning, metricName, metricUnit } from "../../shared/model/metrics.ts";
import { plain, synthesize } from "./synth/synthesized.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const PAGER = "arn:aws:sns:eu-central-1:111122223333:pager";
const { resources, one } = synthesize({ alarmTopicArn: PAGER });
const page = (name: string): string => readFileSync(join(root, "docs/operate", name), "utf8");
const monitoring = page("monitoring.md");

interface AlarmProperties {
  readonly AlarmName: string;
  readonly AlarmDescription: string;
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions: readonly { readonly Name: string; readonly Value: unknown }[];
  readonly [property: string]: unknown;
}
const alarms = Object.values(resources("AWS::CloudWatch::Alarm")).map(
  ({ Properties }) => Properties as AlarmProperties,
);
const OWN_METRICS = METRIC_KEYS.map(metricName);

/** Entries of the page of alarms, by heading. */
const entries = new Map(
  page("alarms.md")
    .split(/^### /m)
    .slice(1)
    .map((text) => [text.slice(0, text.indexOf("\n")), text.split(/^## /m)[0] ?? ""] as const)
    .filter(([heading]) => heading.startsWith("sluice-")),
);

/** Metric, statistic, seconds, comparison, threshold, bad of all periods, missing data. */
const EXPECTED: Readonly<Record<string, readonly unknown[]>> = {
  "events-dead-letters": [
    "ApproximateNumberOfMessagesVisible",
    "Maximum",
    60,
    ">=",
    1,
    "1/1",
    "notBreaching",
  ],
  "schedule-dead-letters": [
    "ApproximateNumberOfMessagesVisible",
    "Maximum",
    60,
    ">=",
    1,
    "1/1",
    "notBreaching",
  ],
  "events-late": ["IteratorAge", "Maximum", 60, ">=", 300_000, "1/1", "notBreaching"],
  "resume-late": ["ResumeLateness", "Maximum", 300, ">=", 300, "1/1", "notBreaching"],
  "sweeper-silent": ["Invocations", "Sum", 300, "<=", 0, "1/1", "breaching"],
  "sweeper-failing": ["Errors", "Sum", 300, ">=", 3, "1/1", "notBreaching"],
  "sweeper-behind": ["OldestOverdue", "Maximum", 300, ">=", 600, "2/3", "notBreaching"],
  "sweeper-busy": ["IntentsRedone", "Sum", 900, ">=", 100, "1/1", "notBreaching"],
  "sweeper-obstructed": ["SweepFailures", "Sum", 900, ">=", 5, "1/1", "notBreaching"],
  "change-stuck": ["IntentTries", "Maximum", 900, ">=", 5, "1/1", "notBreaching"],
  "drain-stuck": ["DrainsRestarted", "Sum", 900, ">=", 3, "1/1", "notBreaching"],
  "gates-failing": ["GateFailures", "Sum", 300, ">=", 10, "1/1", "notBreaching"],
  "gates-slow": ["Duration", "p99", 300, ">=", 3_000, "3/3", "notBreaching"],
  "tasks-failing": ["TaskFailures", "Sum", 300, ">=", 5, "1/1", "notBreaching"],
  "background-failing": ["BackgroundFailures", "Sum", 300, ">=", 5, "2/3", "notBreaching"],
  "api-failing": ["5xx", "Sum", 300, ">=", 5, "1/1", "notBreaching"],
  "cap-near": ["CapsNearlyReached", "Sum", 300, ">=", 1, "1/1", "notBreaching"],
  "queue-growing": ["HeldQueuesGrowing", "Sum", 900, ">=", 1, "1/1", "notBreaching"],
  "run-overdue": ["RunsOverdue", "Sum", 900, ">=", 1, "1/1", "notBreaching"],
  "lambda-throttled": ["Throttles", "Sum", 300, ">=", 10, "1/1", "notBreaching"],
  "table-throttled": ["DynamoDbThrottles", "Sum", 300, ">=", 50, "2/3", "notBreaching"],
  "starts-throttled": ["StepFunctionsThrottles", "Sum", 300, ">=", 50, "2/3", "notBreaching"],
};
const COMPARISONS: Readonly<Record<string, string>> = {
  GreaterThanOrEqualToThreshold: ">=",
  LessThanOrEqualToThreshold: "<=",
};

describe("the alarms", () => {
  it("go off when they should, and report the end", () => {
    const told = alarms.map((alarm) => [
      alarm.AlarmName.replace(/^sluice-/, ""),
      [
        alarm.MetricName,
        alarm["Statistic"] ?? alarm["ExtendedStatistic"],
        alarm["Period"],
        COMPARISONS[String(alarm["ComparisonOperator"])],
        alarm["Threshold"],
        `${alarm["DatapointsToAlarm"]}/${alarm["EvaluationPeriods"]}`,
        alarm["TreatMissingData"],
      ],
    ]);
    expect(Object.fromEntries(told)).toEqual(EXPECTED);
    for (const alarm of alarms) expect(alarm).toMatchObject({ AlarmActions: [PAGER], OKActions: [PAGER] });
  });

  it("watch metrics that exist: Sluice's own as named in the code, and AWS's for Sluice's own resources", () => {
    const parts = ["Lambda::Function", "SQS::Queue", "ApiGatewayV2::Api"].flatMap((type) =>
      Object.entries(resources(`AWS::${type}`)).map(([id]) => id),
    );
    for (const { AlarmName, Namespace, MetricName, Dimensions } of alarms) {
      if (Namespace === "Sluice") {
        expect(OWN_METRICS, AlarmName).toContain(MetricName);
        expect(Dimensions, AlarmName).toEqual([{ Name: "service", Value: "sluice" }]);
      } else {
        expect(["AWS/Lambda", "AWS/SQS", "AWS/ApiGateway"], AlarmName).toContain(Namespace);
        const value = JSON.stringify(Dimensions[0]?.Value);
        const found = parts.some((id) => value.includes(id.split("/")[1] ?? "nothing"));
        expect(found, `${AlarmName}: ${value}`).toBe(true);
      }
    }
  });

  it("each have an entry in docs/operate/alarms.md that their text links to, and the page has no others", () => {
    for (const { AlarmName, AlarmDescription } of alarms) {
      expect(AlarmDescription.endsWith(`. What to do: docs/operate/alarms.md#${AlarmName}`), AlarmName).toBe(
        true,
      );
    }
    expect([...entries.keys()].sort()).toEqual(alarms.map(({ AlarmName }) => AlarmName).sort());
  });

  it.each([...entries])("%s: the meaning, the effect, how to look, what to do, the end", (_heading, text) => {
    const parts = [...text.matchAll(/^\*\*([A-Z][a-z ]+)\.\*\* \S/gm)].map(([, part]) => part);
    expect(parts).toEqual(["What it means", "Meanwhile", "Look", "Do", "Over"]);
    expect(text).toMatch(/^```/m);
  });

  it("cost less than two and a half dollars a month, as docs/operate/monitoring.md says", () => {
    expect(alarms.length * 0.1).toBeLessThan(2.5);
    expect(monitoring).toContain(
      `alarms: ${alarms.length} at $0.10 | $${(alarms.length * 0.1).toFixed(2)} |`,
    );
  });
});

describe("the metrics", () => {
  const sources = ["shared/domain", "functions"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
      .map((file) => readFileSync(join(root, folder, file), "utf8")),
  );

  it.each(METRIC_KEYS)("%s is measured by the code and explained in docs/operate/monitoring.md", (key) => {
    expect(sources.some((text) => text.includes(`"${key}"`))).toBe(true);
    expect(monitoring).toContain(`| \`${metricName(key)}\` | ${metricUnit(key)} | ${metricMeaning(key)} |`);
  });

  it("have no dimensions for a workspace, flow or run", () => {
    expect(OWN_METRICS.filter((name) => !/^[A-Z][A-Za-z]+$/.test(name))).toEqual([]);
  });
});

describe("the dashboard", () => {
  const { DashboardName, DashboardBody } = one("AWS::CloudWatch::Dashboard").Properties;
  const { widgets } = JSON.parse(plain(DashboardBody)) as {
    widgets: { type: string; properties: { metrics?: unknown[][]; alarms?: string[]; query?: string } }[];
  };
  const metrics = widgets.flatMap(({ properties }) => properties.metrics ?? []);

  it("is free: there is one, with at most 50 metrics", () => {
    expect(DashboardName).toBe("sluice");
    expect(metrics.length).toBeGreaterThan(20);
    expect(metrics.length).toBeLessThanOrEqual(50);
  });

  it("shows every alarm, and only those of Sluice's own metrics that exist", () => {
    expect(widgets.flatMap(({ properties }) => properties.alarms ?? [])).toHaveLength(alarms.length);
    const own = metrics.filter(([namespace]) => namespace === "Sluice").map(([, name]) => name);
    expect(own.filter((name) => !OWN_METRICS.includes(String(name)))).toEqual([]);
    expect(new Set(own).size).toBe(own.length);
  });

  it("lists errors from the log of every function", () => {
    const query = widgets.find(({ type }) => type === "log")?.properties.query ?? "";
    for (const { Properties } of Object.values(resources("AWS::Lambda::Function"))) {
      const name = String(Properties["FunctionName"] ?? "");
      if (name.startsWith("sluice-")) expect(query).toContain(`'/aws/lambda/${name}'`);
    }
  });
});

describe("the logs", () => {
  it("expire: every group has a retention, and every function a group", () => {
    const groups = resources("AWS::Logs::LogGroup");
    for (const [id, { Properties }] of Object.entries(groups)) {
      expect(Properties["RetentionInDays"], id).toBe(90);
    }
    const kept = Object.keys(resources("Custom::LogRetention")).length;
    const functions = Object.values(resources("AWS::Lambda::Function"));
    const grouped = functions.filter(({ Properties }) => "LogGroup" in Object(Properties["LoggingConfig"]));
    expect(grouped.length + kept).toBe(functions.length);
  });

  it.each(["sluice-drain", "sluice-bulk"])(
    "contain the errors of the machine %s, without its data",
    (StateMachineName) => {
      const machine = one("AWS::StepFunctions::StateMachine", { StateMachineName });
      expect(machine.Properties["LoggingConfiguration"]).toMatchObject({
        Level: "ERROR",
        IncludeExecutionData: false,
        Destinations: [{ CloudWatchLogsLogGroup: { LogGroupArn: expect.anything() } }],
      });
      expect(
        one("AWS::Logs::LogGroup", { LogGroupName: `/aws/vendedlogs/states/${StateMachineName}` }),
      ).toBeDefined();
    },
  );
});

describe("the API's stage", () => {
  it("limits the requests of all callers together, and has no metrics per route", () => {
    expect(one("AWS::ApiGatewayV2::Stage").Properties["DefaultRouteSettings"]).toEqual({
      ThrottlingRateLimit: 2_000,
      ThrottlingBurstLimit: 1_250,
    });
  });
});
