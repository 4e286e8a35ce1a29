"""Requests of the query protocol with as many items as AWS takes."""

import time

from embedded_aws.core.protocols import read_request


def _seconds(items: int) -> float:
    sent = {
        f"MetricData.member.{number}.{name}": ["1"]
        for number in range(1, items + 1)
        for name in ("MetricName", "Value", "Dimensions.member.1.Name", "Dimensions.member.1.Value")
    }
    begun = time.process_time()
    found = read_request("cloudwatch", "PutMetricData", sent)["MetricData"]
    seconds = time.process_time() - begun
    assert found == [{"MetricName": "1", "Value": 1.0, "Dimensions": [{"Name": "1", "Value": "1"}]}] * items
    return seconds


def test_the_time_grows_with_the_items_and_not_with_their_square() -> None:
    _seconds(1)
    assert min(_seconds(1000) for _ in range(3)) < 30 * min(_seconds(100) for _ in range(3))
