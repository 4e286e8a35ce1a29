"""Which names of owners and repositories GitHub gives, so that no trust policy names another one."""

from pathlib import Path

import pytest

from tests.support.settings_file import load, problem, with_value


@pytest.mark.parametrize(
    "owner", ["a", "octo-org", "Octo99", "mona-cat_octo", "octo_admin", "a_b12", "a" * 39, "old--name-"]
)
def test_an_owner_that_github_knows_is_taken(tmp_path: Path, owner: str) -> None:
    settings = load(tmp_path, with_value("github.owner", owner))
    assert settings.github.subject_prefix == f"repo:{owner}/shop"


@pytest.mark.parametrize(
    "owner",
    [
        *(
            "",
            "-octo",
            "octo_",
            "_octo",
            "octo_ab",
            "octo_123456789",
            "octo_or-g",
            "a_bcd_efg",
            "a" * 40,
            "a" * 36 + "_abc",
        ),
        *("*", "octo*", "octo?", "${aws:x}", "octo/shop", "octo@1", "octo:x", "octo.org", "octo ", "octo\n", "öcto"),
    ],
)
def test_an_owner_that_github_cannot_know_is_refused(tmp_path: Path, owner: str) -> None:
    assert "github.owner: " in problem(tmp_path, with_value("github.owner", owner))


@pytest.mark.parametrize("branch", ["main", "release/2026", "v1.0", "origin/main", "x" * 200])
def test_a_branch_that_git_can_have_is_taken(tmp_path: Path, branch: str) -> None:
    assert load(tmp_path, with_value("github.branch", branch)).github.branch == branch


@pytest.mark.parametrize(
    "branch",
    [
        "refs/heads/main",
        "/main",
        "main/",
        "a//b",
        "../main",
        "main.",
        "main.lock",
        "\u201cmain\u201d",
        "main\u200b",
        "@{u}",
    ],
)
def test_no_role_waits_for_a_branch_that_git_cannot_have(tmp_path: Path, branch: str) -> None:
    assert "github.branch: the name alone, such as main" in problem(tmp_path, with_value("github.branch", branch))


@pytest.mark.parametrize(
    ("branch", "said"), [("ménage", "CloudFormation does not give back"), ("x" * 201, "at most 200")]
)
def test_a_branch_that_no_template_or_trust_policy_takes_is_refused(tmp_path: Path, branch: str, said: str) -> None:
    assert said in problem(tmp_path, with_value("github.branch", branch))


@pytest.mark.parametrize("repository", ["a", ".github", "-", "_a.b-c_", "...", "shop.git.io", "wiki", "a" * 100])
def test_a_repository_that_github_knows_is_taken(tmp_path: Path, repository: str) -> None:
    assert load(tmp_path, with_value("github.repository", repository)).github.repository == repository


@pytest.mark.parametrize(
    "repository",
    ["", "*", "shop*", "octo/shop", "shop@1", "shop:x", "shop ", "shop\n", "a" * 101, "https://github.com/a/b"],
)
def test_a_repository_of_other_characters_is_refused(tmp_path: Path, repository: str) -> None:
    assert "github.repository: String should" in problem(tmp_path, with_value("github.repository", repository))


@pytest.mark.parametrize("repository", [".", "..", "shop.git", "shop.GIT", "shop.wiki"])
def test_a_name_that_github_gives_no_repository_is_refused(tmp_path: Path, repository: str) -> None:
    message = problem(tmp_path, with_value("github.repository", repository))
    assert f"github.repository: GitHub calls no repository {repository}" in message
