"""New cache behaviors of a distribution that answer as the behaviors did that answered before."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from ops.review.changes import Change, Comparison, Kind
from ops.review.finding import Finding, Subject, look
from ops.templates.values import Json, Map, at, canonical, items, mapping, written

_NO_MATTER: Final = ("PathPattern", "Compress")
_FUNCTIONS: Final = "FunctionAssociations"
_ORIGIN: Final = "TargetOriginId"
_PROTOCOLS: Final = "ViewerProtocolPolicy"
_BY_TLS: Final = ("https-only", "redirect-to-https")
# Folders of files that a build of the frontend writes, and single files: no page of the application.
_FILES: Final = re.compile(
    r"/?(assets|static|fonts|css|js|img|images|icons|media|_next/static|_nuxt)(/[\w-]+)*/\*|/?([\w-]+/)*[\w-]+\.[A-Za-z0-9]+"
)
# CloudFront's managed policy CachingDisabled.
_UNCACHED: Final = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
# Where an API answers its users, one place or all below it; and what it may have there that is not for them.
_PLACE: Final = re.compile(
    r"/?(api|rest|graphql|trpc|v\d+|auth|oauth2?|webhooks?|health|socket\.io|ws|events|uploads)(/[\w-]+)*(/\*)?"
)
_NEXT_WORD: Final = re.compile(r"(?<=[a-z\d])(?=[A-Z])")
_NOT_FOR_USERS: Final = re.compile(
    r"admin|(^|[/_.-])(internal|private|metrics|prometheus|debug|actuator|manage(ment)?|console|swagger|redoc|openapi"
    r"|docs?|schema|env|config|queues?|bull|jobs?|cron|tests?|dev|playground|graphiql|altair|status|info|backup|backoffice"
    r"|dump|heapdump|pprof|logs?|ops|system|staff|seed|migrations?)([/_.-]|$)"
)
# Parts of JavaScript: comments, and a name for what asks for the path's end or beginning.
_COMMENT: Final = re.compile(r"^\s*//.*$", re.MULTILINE)
_IS_FILE: Final = r"/\\\.\[A-Za-z0-9\]\+\$/\.test\(request\.uri\)"
_TEST: Final = rf"const (is\w+) = (?:({_IS_FILE})|request\.uri\.startsWith\('(/[\w./-]*)'\));\s*"
_TESTS: Final = re.compile(_TEST)
# A whole function that puts one page in the place of paths for which no test holds, and does nothing else.
_DRAWS: Final = re.compile(
    rf"\s*function handler\(event\) \{{\s*const request = event\.request;\s*(?:{_TEST})+"
    r"if \((?P<none>!is\w+(?: && !is\w+)*)\) \{\s*request\.uri = '/[\w.-]+';\s*\}\s*return request;\s*\}\s*"
)


def behaviors(comparison: Comparison) -> Iterator[Finding]:
    """Findings about new behaviors with the settings of all that might have answered, or of another path of the API."""
    for change in comparison.changes:
        if change.type == "AWS::CloudFront::Distribution" and change.kind is Kind.CHANGED:
            yield from _new_behaviors(change, comparison.sides[change.stack].after)


def _new_behaviors(change: Change, resources: Mapping[str, Map]) -> Iterator[Finding]:
    config = mapping(change.after("DistributionConfig"))
    known = {_path(it) for it in items(change.before("DistributionConfig", "CacheBehaviors"))}
    listed = items(config.get("CacheBehaviors"))
    for place, behavior in enumerate(listed):
        if (path := _path(behavior)) in known:
            continue
        former = [it for it in listed[place + 1 :] if _overlap(path, _path(it))]
        if (whole := next((number for number, it in enumerate(former) if _covers(_path(it), path)), None)) is None:
            former.append(config.get("DefaultCacheBehavior"))
        else:
            del former[whole + 1 :]  # this one answered all of it
        property_path = f"DistributionConfig/CacheBehaviors/PathPattern={path.replace('/', '~1')}"
        protocols = at(behavior, _PROTOCOLS)
        without = (*_NO_MATTER, _PROTOCOLS) if protocols in _BY_TLS else _NO_MATTER
        drawn = not at(behavior, _FUNCTIONS) and all(_only_draws(at(it, _FUNCTIONS), path, resources) for it in former)
        without = (*without, _FUNCTIONS) if drawn else without
        if all(_settings(behavior, without) == _settings(it, without) for it in former):
            refused = protocols == "https-only" and any(at(it, _PROTOCOLS) != protocols for it in former)
            message = f"`{path}` is answered as before, with the same origin, cache and functions"
            if any(at(it, _FUNCTIONS) for it in former) and drawn:
                message = f"`{path}` is answered as before by files, and no longer by the page of the function"
            message += "; who asks for it by http is refused now" if refused else ""
            yield look(change, Subject.MONTH, "edge-settings", message, property_path)
        elif like := _of_the_api(behavior, former, change):
            message = (
                f"`{path}` goes where `{like}` goes, with the same settings: to the API, and no longer to the pages"
            )
            yield look(change, Subject.MONTH, "edge-settings", message, property_path)


def _of_the_api(behavior: Json, former: list[Json], change: Change) -> str:
    """The path of an unchanged behavior of the API with the same settings, where only pages answered before."""
    path, default = _path(behavior), change.after("DistributionConfig", "DefaultCacheBehavior")
    one = _PLACE.fullmatch(path) and not _NOT_FOR_USERS.search(_NEXT_WORD.sub("-", path).lower())
    if not one or former != [default] or at(behavior, _ORIGIN) == at(default, _ORIGIN):
        return ""
    if at(behavior, "CachePolicyId") != _UNCACHED or default != change.before(
        "DistributionConfig", "DefaultCacheBehavior"
    ):
        return ""
    known = items(change.before("DistributionConfig", "CacheBehaviors"))
    stay = [it for it in items(change.after("DistributionConfig", "CacheBehaviors")) if it in known]
    same = _settings(behavior, ("PathPattern",))
    return next((_path(it) for it in stay if _settings(it, ("PathPattern",)) == same), "")


def _only_draws(associations: Json, path: str, resources: Mapping[str, Map]) -> bool:
    """Whether functions do no more than put one page in the place of paths that are no files, elsewhere than at `path`.

    Where a function refuses a request, asks who sends it, or writes another path, a behavior without it is a risk.
    """
    viewer = all(at(it, "EventType") == "viewer-request" for it in items(associations))
    if not viewer or not _FILES.fullmatch(path):
        return False
    ids = [written(next(iter(items(at(it, "FunctionARN", "Fn::GetAtt"))), "")) for it in items(associations)]
    made = [at(resources.get(it, {}), "Properties") for it in ids]
    if any(written(at(it, "AutoPublish")) != "true" for it in made):
        return False  # other code may run
    return all(isinstance(code := at(it, "FunctionCode"), str) and _draws(code, path) for it in made)


def _draws(code: str, path: str) -> bool:
    code = _COMMENT.sub("", code)
    if (found := _DRAWS.fullmatch(code)) is None:
        return False
    tests, none = _TESTS.findall(code), found["none"].split(" && ")
    elsewhere = not any(begins and _overlap(path, begins) for _, _, begins in tests)
    return elsewhere and any(is_file and f"!{name}" in none for name, is_file, _ in tests)


def _path(behavior: Json) -> str:
    return written(at(behavior, "PathPattern"))


def _overlap(path: str, other: str) -> bool:
    """Whether a request may have both paths, by what they begin with."""
    first, second = (re.split(r"[*?]", it.lstrip("/"))[0] for it in (path, other))
    return first.startswith(second) or second.startswith(first)


def _covers(path: str, other: str) -> bool:
    """Whether every request of the other path has this path: the same beginning, and anything after it."""
    beginning = path.lstrip("/").removesuffix("*")
    return path.endswith("*") and not re.search(r"[*?]", beginning) and other.lstrip("/").startswith(beginning)


def _settings(behavior: Json, without: tuple[str, ...]) -> str:
    return canonical({name: it for name, it in mapping(behavior).items() if name not in without})
