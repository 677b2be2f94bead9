"""Measures queues, evaluates alarms, and acts on them, as CloudWatch does all the time.

The engine measures no queue, evaluates an alarm only when a metric is put, over the metric of that
name of every resource at once, and never for want of data.

A queue is measured every second, and for its alarms one measurement stands for one period: what
takes minutes on AWS takes seconds here, in the same order. All other metrics keep their periods,
which end now instead of at the full minute.
"""

import asyncio
import collections
import contextvars
import datetime
import json
import logging
import math
import operator
import time

# Seconds between two looks, and the share of the time that looking may take.
PACE = 1.0
SHARE = 1 / 50

# Periods that an alarm of a queue looks back at most; each is one measurement.
LONGEST = 100

# Values kept of one metric, newest last, and transitions of all alarms.
VALUES = 1000
TRANSITIONS = 1000

# Receives after which SQS leaves a message out of the age of the oldest.
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
POISON = 3

COMPARISONS = {
    "GreaterThanOrEqualToThreshold": (operator.ge, "greater than or equal to"),
    "GreaterThanThreshold": (operator.gt, "greater than"),
    "LessThanThreshold": (operator.lt, "less than"),
    "LessThanOrEqualToThreshold": (operator.le, "less than or equal to"),
}

# The alarm that acts, with its state before, its state and the reason.
acting: contextvars.ContextVar = contextvars.ContextVar("acting", default=None)

log = logging.getLogger("alarms")


class Series:
    """One metric of one queue: the newest measurements, and the value of this minute."""

    def __init__(self):
        self.recent: collections.deque = collections.deque(maxlen=LONGEST)
        self._minute = None

    def add(self, value, now):
        """Adds a measurement; returns a new value for the metric when one begins.

        A minute has one value, and a queue that stays empty has none.
        """
        self.recent.append(value)
        begin = now - now % 60
        if self._minute and self._minute["Timestamp"] == begin:
            count(self._minute, value)
            return None
        if not value and not (self._minute and self._minute["_stat"]["Maximum"]):
            return None
        self._minute = {"Timestamp": begin, "Value": value, "_stat": {}}
        count(self._minute, value)
        return self._minute


def count(minute, value):
    """Counts a measurement into the value of its minute."""
    before = minute["_stat"]
    samples, total = before.get("SampleCount", 0) + 1, before.get("Sum", 0) + value
    minute["_stat"] = {
        "SampleCount": samples,
        "Sum": total,
        "Minimum": min(before.get("Minimum", value), value),
        "Maximum": max(before.get("Maximum", value), value),
    }
    minute["Value"] = total / samples


def measure(queue, now):
    """Returns the metrics of a queue: name, unit, value."""
    visible = in_flight = delayed = 0
    oldest = now
    for message in list(queue["messages"]):
        if message["visible_at"] <= now:
            visible += 1
        elif message["receive_count"]:
            in_flight += 1
        else:
            delayed += 1
        # Nearly all have come later than the oldest so far; a long queue is gone through each second.
        if message["sent_at"] < oldest or "DeadLetterQueueSourceArn" in message["sys"]:
            oldest = min(oldest, arrival(message, now))
    return [
        ("ApproximateNumberOfMessagesVisible", "Count", visible),
        ("ApproximateNumberOfMessagesNotVisible", "Count", in_flight),
        ("ApproximateNumberOfMessagesDelayed", "Count", delayed),
        ("ApproximateAgeOfOldestMessage", "Seconds", math.floor(now - oldest)),
    ]


def arrival(message, now):
    """Returns when the age of a message begins: in a dead-letter queue, when it came there."""
    if "DeadLetterQueueSourceArn" in message.get("sys", {}):
        return message.setdefault("moved_at", now)
    return now if message["receive_count"] > POISON else message["sent_at"]


class Watch:
    """Measures every queue and evaluates every alarm, for ever."""

    def __init__(self, cloudwatch, sqs, stacks, scope, changed):
        """`scope` enters an account and Region; `changed` is told when an alarm changed state."""
        self._cloudwatch = cloudwatch
        self._sqs = sqs
        self._stacks = stacks
        self._scope = scope
        self._changed = changed
        self._series = {}

    async def run(self):
        """Looks again and again, on the loop that serves requests: nothing changes meanwhile."""
        while True:
            began = time.monotonic()
            for look in (self._measure, self._evaluate, self._forget):
                try:
                    look()
                except Exception:
                    log.exception("cannot look at queues and alarms")
            await asyncio.sleep(max(PACE, (time.monotonic() - began) / SHARE))

    def _measure(self):
        now = time.time()
        found = {}
        for (account, region, _), queue in self._sqs._queues.all_items():
            with self._scope(account, region):
                self._sqs._expire_retained(queue)
                dimensions = {"QueueName": queue["name"]}
                for name, unit, value in measure(queue, now):
                    metric = ("AWS/SQS", name, self._cloudwatch._dims_key(dimensions))
                    key = (account, region, metric)
                    series = found[key] = self._series.get(key) or Series()
                    minute = series.add(value, now)
                    if minute:
                        minute.update(Unit=unit, Dimensions=dimensions)
                        self._cloudwatch._metric_bucket(metric).append(minute)
        self._series = found

    def _evaluate(self):
        is_deploying = any(is_in_progress(stack) for stack in self._stacks.all_values())
        for (account, region, _), alarm in self._cloudwatch._alarms.all_items():
            # A new alarm may act before the policies and subscriptions of its stack are there.
            if is_deploying and alarm["StateValue"] == "INSUFFICIENT_DATA":
                continue
            with self._scope(account, region):
                self._evaluate_one(alarm)

    def _forget(self):
        """Bounds what is kept: all of it is copied each time that state is saved."""
        for values in self._cloudwatch._metrics.all_values():
            if len(values) > VALUES:
                half = len(values) // 2
                values[:half] = condense(self._cloudwatch._calc_stats, values[:half])
                del values[:-VALUES]

    def _evaluate_one(self, alarm):
        """Evaluates an alarm, in whose account and Region the caller is."""
        if not alarm.get("Namespace") or not alarm.get("MetricName"):
            return
        values = self._values(alarm)
        state, reason = judge(alarm, values) if values else (None, None)
        if state:
            self._transition(alarm, state, reason)

    def _values(self, alarm):
        """Returns a value for each period, `None` for one without data; nothing when it is too early."""
        cloudwatch = self._cloudwatch
        dimensions = cloudwatch._dims_from_list(alarm.get("Dimensions") or [])
        metric = (alarm["Namespace"], alarm["MetricName"], cloudwatch._dims_key(dimensions))
        periods = int(alarm.get("EvaluationPeriods") or 1)
        series = self._series.get((cloudwatch.get_account_id(), cloudwatch.get_region(), metric))
        if series:
            recent = list(series.recent)[-periods:]
            return recent if len(recent) == min(periods, LONGEST) else []
        length, now = int(alarm.get("Period") or 60), time.time()
        buckets: list[list] = [[] for _ in range(periods)]
        for value in list(cloudwatch._metrics.get(metric) or []):
            number = max(0, int((now - value["Timestamp"]) // length))
            if number < periods:
                buckets[number].append(value)
        return [self._statistic(alarm, bucket) for bucket in reversed(buckets)]

    def _statistic(self, alarm, values):
        statistics = self._cloudwatch._calc_stats(values)
        name = alarm.get("ExtendedStatistic") or alarm.get("Statistic") or "Average"
        return self._cloudwatch._stat_value(statistics, name, values) if statistics else None

    def _transition(self, alarm, state, reason):
        """Changes the state, once, and acts on it."""
        cloudwatch, before = self._cloudwatch, alarm["StateValue"]
        if before == state:
            return
        alarm.update(StateValue=state, StateReason=reason, StateUpdatedTimestamp=int(time.time()))
        cloudwatch._record_history(alarm["AlarmName"], before, state, reason)
        del cloudwatch._history_entries()[:-TRANSITIONS]
        log.info("alarm %s: %s -> %s: %s", alarm["AlarmName"], before, state, reason)
        cloudwatch._dispatch_alarm_actions(alarm, before, state, reason)
        cloudwatch._evaluate_parent_alarms(alarm)
        self._changed()


def condense(calculate, values):
    """Makes one value of all of a minute; their sum and their extremes stay."""
    minutes: dict[float, list] = {}
    for value in values:
        minutes.setdefault(value["Timestamp"] // 60, []).append(value)
    statistics = [(group[-1], calculate(group)) for group in minutes.values()]
    return [{**last, "Value": it["Average"], "_stat": it} for last, it in statistics if it]


def is_in_progress(stack):
    """Says whether CloudFormation works on a stack; one in review has nothing to work on."""
    status = stack.get("StackStatus", "")
    return status.endswith("_IN_PROGRESS") and status != "REVIEW_IN_PROGRESS"


def judge(alarm, values):
    """Returns the state that the values of the periods give, and why; no state for: as before.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
    """
    threshold = alarm.get("Threshold", 0)
    compare, words = COMPARISONS.get(alarm.get("ComparisonOperator"), (None, None))
    if compare is None:
        return None, None
    treatment = alarm.get("TreatMissingData") or "missing"
    known = [value for value in values if value is not None]
    missing = len(values) - len(known)
    if not known:
        state = {"breaching": "ALARM", "notBreaching": "OK", "ignore": None}
        reason = f"no datapoints were received for {missing} period(s); missing data is {treatment}."
        return state.get(treatment, "INSUFFICIENT_DATA"), f"Threshold Crossed: {reason}"
    breaching = [value for value in known if compare(value, threshold)]
    needed = int(alarm.get("DatapointsToAlarm") or len(values))
    if treatment == "ignore" and len(known) == len(breaching) < needed:
        return None, None
    if treatment == "missing":
        needed = min(needed, len(known))
    bad = len(breaching) + (missing if treatment == "breaching" else 0) >= needed
    shown = ", ".join(str(float(value)) for value in (breaching if bad else known))
    was = "was" if bad else "was not"
    reason = f"Threshold Crossed: [{shown}] {was} {words} the threshold ({threshold})."
    return ("ALARM" if bad else "OK"), reason


def wait_for_look(evaluate, engine):
    """Leaves the evaluation of an alarm to the next look, whoever puts a metric or the alarm."""
    return lambda alarm: None


def dispatch(dispatch_unchecked, engine):
    """Acts on an alarm's change of state as its targets allow, functions among them."""

    def act(alarm, before, state, reason):
        token = acting.set((alarm, before, state, reason))
        try:
            dispatch_unchecked(alarm, before, state, reason)
        finally:
            acting.reset(token)
        kind = {"ALARM": "AlarmActions", "OK": "OKActions"}.get(state, "InsufficientDataActions")
        if alarm.get("ActionsEnabled", True):
            for action in alarm.get(kind) or []:
                if action.startswith("arn:aws:lambda:"):
                    invoke(engine, action, alarm, before, state, reason)

    return act


def publication(engine, topic_arn, message, subject):
    """Returns an alarm's messages by protocol; nothing when the topic's policy does not let it publish."""
    account, arn = engine.cloudwatch.get_account_id(), acting.get()[0]["AlarmArn"]
    if not engine.sns.topic_policy_allows(topic_arn, "cloudwatch.amazonaws.com", arn, account):
        log.warning("the policy of %s does not let alarm %s publish", topic_arn, arn)
        return None
    return json.dumps({"default": message, "email": letter(account, *acting.get()), "sms": subject})


def invoke(engine, function_arn, alarm, before, state, reason):
    """Invokes a function for an alarm, if the function's policy lets it."""
    functions = engine.functions
    function, config, name = functions._get_func_record_for_ref(function_arn)
    account, region = engine.cloudwatch.get_account_id(), engine.cloudwatch.get_region()
    if not function:
        log.warning("alarm %s: function %s is not there", alarm["AlarmName"], name)
    elif not may_invoke(engine, function, function_arn, account, region, alarm["AlarmArn"]):
        log.warning("the policy of %s does not let alarm %s invoke it", name, alarm["AlarmName"])
    else:
        record = functions._execution_record_for_config(function, config)
        functions.invoke_async_with_retry(record, event_of(account, region, alarm, before, state, reason))


def may_invoke(engine, function, function_arn, account, region, alarm_arn):
    """Says whether a function's policy lets an alarm invoke it."""
    if not engine.app.AUTH:
        return True
    context = engine.evaluator.EvalContext(
        principal_arn="*",
        principal_type="Service",
        principal_account="",
        action="lambda:InvokeFunction",
        resource_arn=function_arn,
        region=region,
        service_context={"aws:sourcearn": alarm_arn, "aws:sourceaccount": account},
    )
    principal, policy = "lambda.alarms.cloudwatch.amazonaws.com", function.get("policy") or {}
    return engine.evaluator.evaluate_resource_policy(policy, context, service=principal).decision == "Allow"


def letter(account, alarm, before, state, reason):
    """Returns the text of an alarm's e-mail, without what leads to the console."""
    name, arn = alarm["AlarmName"], alarm["AlarmArn"]
    now = datetime.datetime.now(datetime.timezone.utc)
    at = now.strftime("%A %d %B, %Y %H:%M:%S UTC")
    return (
        f'You are receiving this email because your Amazon CloudWatch Alarm "{name}" in the '
        f'{arn.split(":")[3]} region has entered the {state} state, because "{reason}" at "{at}".\n\n'
        "Alarm Details:\n"
        f"- Name:                       {name}\n"
        f"- Description:                {alarm.get('AlarmDescription') or ''}\n"
        f"- State Change:               {before} -> {state}\n"
        f"- Reason for State Change:    {reason}\n"
        f"- Timestamp:                  {at}\n"
        f"- AWS Account:                {account}\n"
        f"- Alarm Arn:                  {arn}\n"
    )


def event_of(account, region, alarm, before, state, reason):
    """Returns the event of a function that an alarm invokes.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions-Lambda.html
    """
    at = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "+0000"
    dimensions = {it["Name"]: it["Value"] for it in alarm.get("Dimensions") or []}
    metric = {
        "namespace": alarm.get("Namespace"),
        "name": alarm.get("MetricName"),
        "dimensions": dimensions,
    }
    statistic = alarm.get("ExtendedStatistic") or alarm.get("Statistic")
    watched = {"metric": metric, "period": alarm.get("Period"), "stat": statistic}
    return {
        "source": "aws.cloudwatch",
        "alarmArn": alarm["AlarmArn"],
        "accountId": account,
        "time": at,
        "region": region,
        "alarmData": {
            "alarmName": alarm["AlarmName"],
            "state": {"value": state, "reason": reason, "timestamp": at},
            "previousState": {"value": before},
            "configuration": {
                "description": alarm.get("AlarmDescription") or "",
                "metrics": [{"id": "m1", "metricStat": watched, "returnData": True}],
            },
        },
    }
