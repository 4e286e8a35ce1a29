"""The content security policy of the pages: a default, and what settings add to it by directive.

Source: W3C, "Content Security Policy Level 3".
"""

import re
from collections.abc import Mapping
from typing import Final

# What a page of an application needs: its own origin, styles that components write inline, images as data.
DEFAULT: Final[Mapping[str, tuple[str, ...]]] = {
    "default-src": ("'self'",),
    "img-src": ("'self'", "data:"),
    "style-src": ("'self'", "'unsafe-inline'"),
    "object-src": ("'none'",),
    "base-uri": ("'self'",),
    "form-action": ("'self'",),
    "frame-ancestors": ("'none'",),
}
_FETCHING: Final = frozenset(
    {
        *("child-src", "connect-src", "default-src", "font-src", "frame-src", "img-src", "manifest-src", "media-src"),
        *("object-src", "script-src", "script-src-attr", "script-src-elem", "style-src", "style-src-attr"),
        *("style-src-elem", "worker-src"),
    }
)
_DIRECTIVES: Final = _FETCHING | {"base-uri", "form-action", "frame-ancestors"}
_NONE: Final = "'none'"
_KEYWORD: Final = re.compile(
    r"none|report-sample|self|strict-dynamic|unsafe-eval|unsafe-hashes|unsafe-inline|wasm-unsafe-eval"
)
_QUOTED: Final = re.compile(rf"'({_KEYWORD.pattern}|sha(256|384|512)-[A-Za-z0-9+/_-]+={{0,2}})'")
_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*:")
# A path is ASCII, as in an address, and without ; , and ', which end something.
_HOST: Final = re.compile(
    r"((https?|wss?)://)?(\*|(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*)(:([0-9]+|\*))?(/[!-&(-+\--:<-~]*)?"
)


def check_directive(name: str, sources: tuple[str, ...]) -> None:
    """Hold one directive of the settings to what browsers understand.

    Raises:
        ValueError: the directive is unknown, or a source is none; browsers would ignore it without a word.
    """
    if name not in _DIRECTIVES:
        raise ValueError(f"{name} is no directive that this policy has: {', '.join(sorted(_DIRECTIVES))}")
    if not sources:
        raise ValueError(f"{name}: name at least one source, such as https://tiles.example.com")
    for source in sources:
        bare = source.removeprefix("-")
        if _KEYWORD.fullmatch(bare):
            raise ValueError(f"{name}: {bare} is written with its quotes: \"'{bare}'\"")
        if not any(kind.fullmatch(bare) for kind in (_QUOTED, _SCHEME, _HOST)):
            raise ValueError(f"{name}: {source!r} is no source, such as https://*.example.com, data: or \"'self'\"")
        if source.startswith("-") and bare not in DEFAULT.get(name, ()):
            raise ValueError(f"{name}: {bare} is not among the defaults, so it cannot be taken out")
    if _NONE in sources and len(sources) > 1:
        raise ValueError(f"{name}: {_NONE} stands alone")


def policy_text(added: Mapping[str, tuple[str, ...]]) -> str:
    """Write the policy as the header has it.

    Args:
        added: sources by directive, besides the default ones; ``'none'`` stands in place of them, and one behind a
            minus takes a default one out. A directive that the default policy lacks begins with what ``default-src``
            allows, because naming it ends that.
    """
    directives = {
        name: _join_sources(name, added) for name in (*DEFAULT, *(one for one in added if one not in DEFAULT))
    }
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in directives.items())


def _join_sources(name: str, added: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    given = added.get(name, ())
    if given == (_NONE,):
        return given
    inherited = DEFAULT.get(name)
    if inherited is None:
        inherited = _join_sources("default-src", added) if name in _FETCHING else ()
    gone = {source[1:] for source in given if source.startswith("-")} | ({_NONE} if given else set())
    more = tuple(source for source in given if not source.startswith("-"))
    found = tuple(dict.fromkeys([*(source for source in inherited if source not in gone), *more]))
    return found or (_NONE,)
