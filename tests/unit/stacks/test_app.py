"""The composition root takes the environment that is named, and no other."""

from functools import partial

import aws_cdk as cdk
import pytest

import app


@pytest.mark.parametrize("named", ["", "staging"])
def test_an_environment_that_has_no_file_is_refused(named: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty one too, as of `-c env=$ENVIRONMENT` where that is not set: it is not dev's."""
    monkeypatch.setattr(cdk, "App", partial(cdk.App, context={"env": named}))
    with pytest.raises(SystemExit, match=f"no environment '{named}': .* environments are: dev, prod"):
        app.main()
