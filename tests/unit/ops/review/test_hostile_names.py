"""Names and values of a pull request's templates are words and code in the comment, whatever they hold."""

import re

import cmarkgfm  # type: ignore[import-untyped]
import pytest

from installation import names
from ops.review.render.markdown import markdown, marker
from ops.review.review import Review, Side, review
from ops.templates.assembly import Assembly
from tests.conftest import ROOT
from tests.support.hostile_texts import ALL
from tests.support.review.application import Application

OURS = {"p", "strong", "code", "h3", "ul", "li", "table", "thead", "tbody", "tr", "th", "td", "details", "summary"}


@pytest.fixture(scope="module")
def hostile(dev: Assembly, tmp_path_factory: pytest.TempPathFactory) -> Review:
    changed = Application(dev)
    for number, case in enumerate(ALL):
        group = {"GroupDescription": case, "VpcId": case, "Tags": [{"Key": case, "Value": case}]}
        rule = {"CidrIp": "0.0.0.0/0", "IpProtocol": "tcp", "FromPort": number, "ToPort": number, "Description": case}
        changed.add(
            names.NETWORK_STACK, f"G{case}", "AWS::EC2::SecurityGroup", {**group, "SecurityGroupIngress": [rule]}
        )
        statement = {"Effect": "Allow", "Action": f"iam:{case}", "Resource": case, "Principal": {"AWS": case}}
        changed.add(
            names.COMPUTE_STACK,
            f"R{case}",
            "AWS::IAM::Role",
            {"RoleName": case, "AssumeRolePolicyDocument": {"Statement": [statement]}, "Description": case},
        )
        changed.add(names.COMPUTE_STACK, f"T{case}", case, {case: case})
        changed.tags[names.STORAGE_STACK][case] = case
    folder = changed.write(tmp_path_factory.mktemp("hostile") / "head")
    side = Side(label="".join(ALL), commit="`@team`")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ops.review.diagnostics._select_resources", lambda head, wanted: ({}, 0))
        return review(dev.folder, folder, root=ROOT, base=side, head=side)


def test_the_comment_has_only_the_elements_of_ours(hostile: Review) -> None:
    text = markdown(hostile, limit=10_000_000)
    # GitHub keeps these two, with no attribute; the converter would show them as text.
    page = cmarkgfm.github_flavored_markdown_to_html(text, cmarkgfm.cmark.Options.CMARK_OPT_UNSAFE)

    hidden = re.findall(r"<!--.*?-->", page)
    assert hidden == [marker(hostile.environment)]
    outside = page.replace(hidden[0], "")
    assert set(re.findall(r"<(?!/)([^\s>]+)", outside)) <= OURS
    assert not re.findall(r"<\w+\s+(?!align=)[^>]*>", outside)
    assert outside.count("<details>") == outside.count("</details>") == text.count("\n<details><summary>")
    words = re.sub(r"<code>.*?</code>|<[^>]*>", " ", outside, flags=re.DOTALL)
    assert not re.search(r"@\w|://|\bwww\.|(?<![&\w])#\d", words)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e\u2066]", text)


def test_a_marker_is_one_comment() -> None:
    assert marker("dev--><details>") == "<!-- hannibal-review devdetails -->"
