"""Variables on their way to an engine: seen by nobody else, and whole."""

from pathlib import Path

from embedded_aws.ecs.containers.variables import handed_over


def test_values_are_in_a_file_that_others_cannot_read_and_only_for_a_while(tmp_path: Path) -> None:
    with handed_over({"PASSWORD": "p=1 #2", "HOME": "/x"}, folder=tmp_path / "new") as (options, inherited):
        option, name = options
        file = Path(name)
        assert option == "--env-file"
        assert file.read_text() == "PASSWORD=p=1 #2\nHOME=/x\n"
        assert file.stat().st_mode & 0o077 == 0
        assert inherited == {}, "the engine's own home folder stays"
    assert not file.exists()


def test_a_value_of_several_lines_goes_by_the_environment(tmp_path: Path) -> None:
    with handed_over({"CA": "one\ntwo", "A": "b"}, folder=tmp_path) as (options, inherited):
        assert options[2:] == ("--env", "CA")
        assert inherited == {"CA": "one\ntwo"}
        assert Path(options[1]).read_text() == "A=b\n"
