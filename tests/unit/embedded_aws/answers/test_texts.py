"""Errors in AWS's words."""

import json
import re

import pytest

from embedded_aws.answers import texts
from embedded_aws.answers.texts import Text, message_of, replace_message
from embedded_aws.core.models import service_model
from embedded_aws.requests.checks import BOTOCORE_NAMES
from installation import yaml_text

TEXTS = yaml_text.read(texts._FILE, dict[str, list[Text]])
XML = b"<ErrorResponse><Error><Code>A</Code><Message>x &lt; &quot;y&quot;</Message></Error></ErrorResponse>"


def test_a_message_is_read_and_written_in_json_and_in_xml() -> None:
    as_json = json.dumps({"__type": "A", "Message": "old", "other": 1}).encode()

    assert message_of(as_json) == "old"
    assert message_of(XML) == 'x < "y"'
    assert message_of(b"") == message_of(b"\xff") == message_of(b"[]") == ""
    _, _, body = replace_message((400, {}, as_json), "", "new")
    assert json.loads(body) == {"__type": "A", "Message": "new", "other": 1}
    _, headers, body = replace_message((400, {}, as_json), "B", "new")
    assert (json.loads(body)["__type"], headers["x-amzn-errortype"]) == ("B", "B")
    _, _, body = replace_message((400, {}, XML), "B", r"a & \1")
    assert b"<Code>B</Code><Message>a &amp; \\1</Message>" in body


def test_a_sentence_repeats_what_was_asked_for() -> None:
    text = Text(match=r"Key (\S+) not found", says=r"Key '\1' of {account} does not exist")

    assert text.worded("Key a.b not found") == "Key 'a.b' of 000000000000 does not exist"
    assert text.worded("Key a.b not found here") is None


@pytest.mark.parametrize("handler", TEXTS)
def test_each_text_can_be_used_and_none_rewords_aws(handler: str) -> None:
    model = service_model(BOTOCORE_NAMES.get(handler, handler))
    for text in TEXTS[handler]:
        groups = re.compile(text.match).groups
        assert all(int(number) <= groups for number in re.findall(r"\\(\d)", text.says))
        assert set(text.of) <= set(model.operation_names)
        assert text.worded(text.says) is None or text.code
