"""The last step to the viewer: a range of an answer, 304 for a conditional request, no body for HEAD."""

from email.utils import parsedate_to_datetime

from embedded_aws.cloudfront import emulator


def deliver(method: str, request_headers: emulator.Record, answer: emulator.Answer) -> emulator.Answer:
    """Give the part of a whole answer that the viewer requested.

    Args:
        asked: headers of the request, by lower-case name.
        answer: status 200 and the whole body, or any other answer, which is given as it is.
    """
    status, headers, body = answer
    if status != 200 or method not in ("GET", "HEAD"):
        return answer
    if _is_not_modified(request_headers, headers):
        kept = {name: value for name, value in headers.items() if name not in ("content-length", "content-type")}
        return 304, kept, b""
    wanted = request_headers.get("range")
    if (
        wanted is None
        or "content-encoding" in headers
        or not _matches_condition(request_headers.get("if-range"), headers)
    ):
        return answer
    return _range_part(wanted, headers, body)


def _is_not_modified(request_headers: emulator.Record, headers: emulator.Record) -> bool:
    tag = headers.get("etag")
    if "if-none-match" in request_headers:
        wanted = [part.strip().removeprefix("W/") for part in str(request_headers["if-none-match"]).split(",")]
        return "*" in wanted or bool(tag and str(tag).removeprefix("W/") in wanted)
    if "if-modified-since" in request_headers and "last-modified" in headers:
        try:
            since = parsedate_to_datetime(str(request_headers["if-modified-since"]))
            return parsedate_to_datetime(str(headers["last-modified"])) <= since
        except (TypeError, ValueError):
            return False
    return False


def _matches_condition(condition: str | None, headers: emulator.Record) -> bool:
    return condition is None or condition in (headers.get("etag"), headers.get("last-modified"))


def _range_part(wanted: str, headers: emulator.Record, body: bytes) -> emulator.Answer:
    unit, _, span = wanted.partition("=")
    first, dash, last = span.strip().partition("-")
    if unit.strip().lower() != "bytes" or not dash or "," in span or not (first + last).strip().isdigit():
        return 200, headers, body  # several parts or another unit: the whole, as RFC 9110 allows
    size = len(body)
    start = int(first) if first.strip() else max(0, size - int(last))
    end = min(int(last), size - 1) if first.strip() and last.strip() else size - 1
    if start > end:
        return 416, {**headers, "content-range": f"bytes */{size}", "content-length": "0"}, b""
    part = body[start : end + 1]
    ranged = {"content-range": f"bytes {start}-{end}/{size}", "content-length": str(len(part))}
    return 206, {**headers, **ranged}, part
