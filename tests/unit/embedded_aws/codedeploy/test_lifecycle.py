"""Lifecycle events of a deployment."""

from embedded_aws.codedeploy.lifecycle import EVENTS, begin, break_off, end, new_events


def test_a_broken_deployment_fails_what_ran_and_skips_what_was_to_come() -> None:
    events = new_events()
    begin(events[0])
    end(events[0], "Succeeded")
    begin(events[1])
    break_off(events, {"errorCode": "ScriptFailed"})
    assert [event["status"] for event in events] == ["Succeeded", "Failed", *["Skipped"] * (len(EVENTS) - 2)]
    assert events[1]["diagnostics"] == {"errorCode": "ScriptFailed"}
    assert events[1]["endTime"] >= events[1]["startTime"]
