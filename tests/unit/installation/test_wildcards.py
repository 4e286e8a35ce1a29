"""IAM's wildcards."""

import pytest

from installation.permissions.wildcards import like, like_action


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
    assert like(text, pattern) is covered


def test_the_case_of_actions_does_not_matter() -> None:
    assert like_action("S3:getobject", "s3:Get*")
    assert not like_action("s3:PutObject", "s3:Get*")
