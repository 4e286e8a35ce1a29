"""IAM's wildcards."""

from itertools import product

import pytest

from installation.permissions.wildcards import covers, matches_action, matches_pattern, overlap


@pytest.mark.parametrize(
    ("text", "pattern", "covered"),
    [
        ("arn:aws:s3:::logs/a/b", "arn:aws:s3:::logs/*", True),
        ("arn:aws:s3:::logs", "arn:aws:s3:::log?", True),
        ("arn:aws:s3:::log", "arn:aws:s3:::log?", False),
        ("arn:aws:s3:::LOGS", "arn:aws:s3:::logs", False),
        ("a", "[ab]", False),
        ("[ab]", "[ab]", True),
        ("[!a]x", "[!a]*", True),
        ("a.b", "a.b", True),
        ("axb", "a.b", False),
        ("a\nb", "a*b", True),
    ],
)
def test_only_a_star_and_a_question_mark_stand_for_others(text: str, pattern: str, covered: bool) -> None:
    assert matches_pattern(text, pattern) is covered


def test_the_case_of_actions_does_not_matter() -> None:
    assert matches_action("S3:getobject", "s3:Get*")
    assert not matches_action("s3:PutObject", "s3:Get*")


def test_what_two_patterns_have_in_common_is_what_texts_say() -> None:
    """Every pattern of three signs against every other, by all texts that could tell them apart."""
    patterns = ["".join(signs) for length in range(4) for signs in product("ab*?", repeat=length)]
    texts = ["".join(signs) for length in range(5) for signs in product("abc", repeat=length)]
    meant = {pattern: frozenset(text for text in texts if matches_pattern(text, pattern)) for pattern in patterns}
    for one, other in product(patterns, repeat=2):
        assert overlap(one, other) is bool(meant[one] & meant[other]), (one, other)
        if covers(one, other):
            assert meant[other] <= meant[one], (one, other)


@pytest.mark.parametrize(
    ("wide", "narrow", "covered"),
    [
        ("arn:*", "arn:aws:s3:::logs/*", True),
        ("arn:aws:s3:::logs/*", "arn:aws:s3:::logs/a*", True),
        ("arn:aws:s3:::logs/a*", "arn:aws:s3:::logs/*", False),
        ("a?", "a*", False),
        ("a?", "a?", True),
        ("a*", "a?", True),
    ],
)
def test_a_pattern_covers_another(wide: str, narrow: str, covered: bool) -> None:
    assert covers(wide, narrow) is covered
