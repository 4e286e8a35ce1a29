"""Pages cut out of whole answers."""

import pytest

from embedded_aws.answers.pages import Paging, page, page_start, token_of

PAGING = Paging(
    service="ec2",
    size="MaxResults",
    marker="NextToken",
    next_marker="nextToken",
    item="item",
    smallest=5,
    largest=100,
    default=7,
    code="InvalidParameterValue",
)


def answer(items: int) -> str:
    # Items have lists of items, and empty ones.
    inner = "".join(f"<item><a>{number}</a><tags><item>x</item></tags><none/></item>" for number in range(items))
    return f"<R><aSet>{inner}</aSet></R>"


def numbers(text: str) -> list[int]:
    return [int(part.partition("<")[0]) for part in text.split("<a>")[1:]]


def test_all_pages_together_are_the_whole() -> None:
    whole, found, begin = answer(12), [], 0
    while True:
        text = page(whole, PAGING, "aSet", "item", begin, 5)
        found += numbers(text)
        if "<nextToken>" not in text:
            break
        begin = page_start(text.partition("<nextToken>")[2].partition("<")[0])
    assert found == list(range(12))


def test_what_fits_on_one_page_stays_as_it_is() -> None:
    assert page(answer(5), PAGING, "aSet", "item", 0, 5) == answer(5)
    assert page("<R><other/></R>", PAGING, "aSet", "item", 0, 5) == "<R><other/></R>"


def test_an_answer_that_goes_on_says_so() -> None:
    text = answer(6).replace("</R>", "<IsTruncated>false</IsTruncated></R>")
    assert "<IsTruncated>true</IsTruncated>" in page(text, PAGING, "aSet", "item", 0, 5)
    assert "<IsTruncated>false</IsTruncated>" in page(text, PAGING, "aSet", "item", 5, 5)


@pytest.mark.parametrize(("text", "size"), [("", 7), ("5", 5), ("100", 100)])
def test_sizes_that_are_taken(text: str, size: int) -> None:
    assert PAGING.asked(text) == size


@pytest.mark.parametrize("text", ["4", "101", "-1", "many"])
def test_sizes_that_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="Must be between 5 and 100"):
        PAGING.asked(text)


def test_a_place_is_what_its_token_says() -> None:
    assert page_start(token_of(17)) == 17
    assert page_start("") == 0
    for token in ("no token", token_of(-5)):
        with pytest.raises(ValueError, match="not valid"):
            page_start(token)
