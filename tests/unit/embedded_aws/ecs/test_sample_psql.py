"""Scripts of psql."""

from embedded_aws.ecs.sample_psql import statements


def test_a_script_is_read_to_its_end() -> None:
    """At the end of its input psql runs what it has read, also without a semicolon."""
    script = "\\getenv user USER\nSELECT 1;\nSELECT 'SELECT 2' \\gexec\n\nSELECT\n3\n"
    assert list(statements(script)) == [
        ("\\getenv user USER", False),
        ("SELECT 1", False),
        ("SELECT 'SELECT 2' ", True),
        ("SELECT\n3", False),
    ]
    assert list(statements("\n\n")) == []
    assert list(statements("SELECT 1;\n\\q\nSELECT 2;\n")) == [("SELECT 1", False)]
    assert list(statements("SELECT 1\n\\q\n")) == [("SELECT 1", False)]
