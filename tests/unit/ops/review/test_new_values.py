"""Single values of what is new, also inside of texts that hold JSON or YAML."""

from ops.review.new_values import single


def test_yaml_is_read_by_the_name_of_what_takes_it_and_within_limits() -> None:
    def read(text: str, name: str = "BuildSpec") -> list[str]:
        return [it.text for it in single(text, (name,))]

    spec = "version: 0.2\nenv:\n  key: v"
    assert read(spec) == ["0.2", "v"]
    for kept in (f"{spec}{'v' * 50_000}", f"{spec}\nalso: &a b", f"{spec}\n- :"):
        assert read(kept) == [kept]
    assert read(spec, "Description") == [spec]
