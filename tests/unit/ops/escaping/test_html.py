"""A page shows texts: no element, no attribute, nothing that is not seen."""

import re
import unicodedata

from markupsafe import Markup

from ops.web.html import element, paragraph, table
from tests.support.hostile_texts import ALL, mixed


def test_a_page_shows_what_is_there() -> None:
    for case in (*ALL, *mixed(1_000)):
        page = (
            str(table([case], [[case]]))
            + str(element("p", case, title=case))
            + str(paragraph(case, Markup("<b>x</b>")))
        )
        assert set(re.findall(r"</?([a-z]+)", page)) <= {
            "table",
            "thead",
            "tbody",
            "tr",
            "th",
            "td",
            "span",
            "p",
            "b",
        }, case
        assert not [c for c in page if c not in "\n\t" and unicodedata.category(c) in ("Cc", "Cf", "Co", "Zl", "Zp")]
