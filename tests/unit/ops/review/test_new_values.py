"""Single values of what is new, also inside of texts that hold JSON or YAML."""

from base64 import b64encode

from ops.review.new_values import single
from ops.templates.values import Json


def test_yaml_is_read_by_how_it_begins_and_within_limits() -> None:
    def read(text: str) -> list[str]:
        return [it.text for it in single(text, ("Content",))]

    spec = "version: 0.2\nenv:\n  key: v"
    assert read(spec) == ["0.2", "v"]
    for kept in (f"{spec}{'v' * 50_000}", f"{spec}\nalso: &a b", f"{spec}\n- :"):
        assert read(kept) == [kept]
    for prose in ("Asks the key: then waits\nfor it", "import re\nkey: str = 1", "https://a.example\nb: c"):
        assert read(prose) == [prose]
    assert read(f"# a comment\n---\n{spec}") == ["0.2", "v"]


def test_lines_of_settings_are_read_where_a_name_has_a_full_stop() -> None:
    def read(text: str) -> list[tuple[str, str]]:
        return [(it.path[-1], it.text) for it in single(text, ("ServerProperties",))]

    assert read("# brokers\n\na=b\nx.y-z = 1\n") == [("a", "b"), ("x.y-z", "1")]
    assert read("db.password=a=b") == [("db.password", "a=b")]
    for kept in ("A=b\nC=d", "x.y=1\nthen run it", "https://a.example/?b=c", "x.y=" + "z" * 50_000):
        assert read(kept) == [("ServerProperties", kept)]


def test_texts_within_texts_are_read() -> None:
    inner = "steps:\n- url: http://a.example\n  name: a\n"
    texts: list[Json] = [
        f"run:\n  Document: |\n    {inner.replace(chr(10), chr(10) + '    ')}\n",
        {"Fn::Base64": inner},
        b64encode(inner.encode()).decode(),
        {"Fn::Join": ["", ['{"a": "', {"Ref": "AWS::AccountId"}, '", "b": "http://a.example"}']]},
    ]
    for text in texts:
        assert "http://a.example" in [it.text for it in single(text, ("Anything",))], text
