import pytest

from embedded_aws.core.real_time import answer_seconds, start_seconds


@pytest.mark.parametrize(("factor", "grace", "answer"), [(1, 90, 10), (0.1, 900, 10), (60, 90, 60), (1200, 90, 60)])
def test_a_fast_clock_makes_no_program_faster(factor: float, grace: float, answer: float) -> None:
    assert start_seconds(90, clock_factor=factor) == grace
    assert answer_seconds(10, clock_factor=factor) == answer
    assert answer_seconds(120, clock_factor=factor) == 120
