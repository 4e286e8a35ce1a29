"""Texts with a grammar of their own: the same in other words, more, or not known."""

import pytest

from ops.review.finding import Severity
from ops.review.text_changes import text_change
from ops.templates.differences import Leaf

_SAME, _MORE = Severity.HARMLESS, Severity.LOOK
_ONE = "{ ($.s = x) && (($.a = b) || ($.c = d)) }"
_SECURE = "default-src 'self'; img-src 'self' data:"
_CODE = "// pages\nfunction handler(event) {\n    return event.request;\n}\n"


@pytest.mark.parametrize(
    ("name", "old", "new", "severity"),
    [
        ("ScheduleExpression", "rate(1 day)", "rate(24 hours)", _SAME),
        ("ScheduleExpression", "rate(1 day)", "rate(12 hours)", _MORE),
        ("ScheduleExpression", "rate(1 day)", "rate(2 days)", None),
        ("ScheduleExpression", "rate(1 day)", "cron(0 18 * * ? *)", _MORE),
        ("ScheduleExpression", "rate(12 hours)", "cron(0 18 * * ? *)", None),
        ("ScheduleExpression", "cron(0 8 ? * * *)", "cron(0 18 ? * * *)", None),
        ("ScheduleExpression", "cron(0 8 ? * * *)", "cron(0 8 * * ? *)", _SAME),
        ("ScheduleExpression", "cron(0 8 ? * * *)", "cron(0 8 ? * MON *)", None),
        ("FilterPattern", _ONE, "{($.s = x)  && (($.c = d)||($.a = b))}", _SAME),
        ("FilterPattern", _ONE, "{ ($.s = x) && (($.a = b) || ($.c = d) || ($.e = f)) }", _MORE),
        ("FilterPattern", _ONE, "{ ($.s = x) || (($.a = b) || ($.c = d)) }", _MORE),
        ("FilterPattern", _ONE, "{ ($.s = x) && ($.a = b) }", None),
        ("FilterPattern", "{ $.a = 1 }", "{ $.a = 1 && $.b = 2 }", None),
        ("FilterPattern", '{ $.a = "b  c" }', '{ $.a = "b c" }', None),
        ("projection.day.range", "NOW-90DAYS,NOW", "NOW-180DAYS,NOW", _MORE),
        ("projection.day.range", "NOW-90DAYS,NOW", "NOW-30DAYS,NOW", None),
        ("projection.region.values", "a,b", "b, a", _SAME),
        ("projection.region.values", "a,b", "a", None),
        ("ContentSecurityPolicy", _SECURE, f"{_SECURE};", _SAME),
        ("ContentSecurityPolicy", _SECURE, f"{_SECURE}; object-src 'none'", _MORE),
        ("ContentSecurityPolicy", _SECURE, f"{_SECURE}; script-src *", Severity.RISK),
        ("ContentSecurityPolicy", _SECURE, "default-src 'self'", None),
        ("FrameOption", "SAMEORIGIN", "DENY", _MORE),
        ("FrameOption", "DENY", "SAMEORIGIN", None),
        ("ReferrerPolicy", "strict-origin", "unsafe-url", None),
        ("ReferrerPolicy", "strict-origin-when-cross-origin", "same-origin", _MORE),
        ("MinimumProtocolVersion", "TLSv1.2_2019", "TLSv1.2_2021", _MORE),
        ("MinimumProtocolVersion", "TLSv1.2_2021", "TLSv1", None),
        ("FunctionCode", _CODE, f"// other\n\n{_CODE}", _SAME),
        ("FunctionCode", _CODE, _CODE.replace("return", "return // "), None),
        ("FunctionCode", f"`{_CODE}`", f"`// x\n{_CODE}`", None),
        ("FunctionCode", _CODE, f"/**\n * Pages.\n */\n{_CODE}", _SAME),
        ("FunctionCode", _CODE, _CODE.replace("return", "/* now */ return"), _SAME),
        ("FunctionCode", _CODE, _CODE.replace("return", "x('/*'); return"), None),
        ("FunctionCode", _CODE, f"/*\n{_CODE}*/", None),
        ("HeaderName", "X-Origin", "x-origin", _SAME),
        ("HeaderName", "X-Origin", "X-Other", None),
        ("LogFormat", "${srcaddr} ${dstaddr}", "${dstaddr} ${srcaddr}", _SAME),
        ("LogFormat", "${srcaddr} ${dstaddr}", "${srcaddr} ${dstaddr} ${vpc-id}", _MORE),
        ("LogFormat", "${srcaddr} ${dstaddr}", "${srcaddr}", None),
        ("LogFormat", "Text", "JSON", None),
        ("Threshold", "80", "80.0", _SAME),
        ("AlarmRule", '(ALARM("a") AND ALARM("b"))', 'ALARM("b") AND ALARM("a")', _SAME),
        ("AlarmRule", 'ALARM("a") AND ALARM("b")', 'ALARM("a") OR ALARM("b")', _MORE),
        ("AlarmRule", 'ALARM("a") OR ALARM("b")', 'ALARM("a")', None),
        ("AlarmRule", 'ALARM("a") AND NOT ALARM("b")', 'ALARM("a") AND ALARM("b")', None),
        ("Expression", "FILL(own, 0) + FILL(targets, 0)", "FILL(targets,0) + FILL(own, 0)", _SAME),
        ("Expression", "a - b", "b - a", None),
        ("Expression", "IF(a > 1, b + c, 0)", "IF(a > 1, c + b, 0)", _SAME),
        ("Memory", "512", "0.5GB", _SAME),
        ("Cpu", "256", ".25 vCPU", _SAME),
        ("Memory", "512", "1GB", None),
        ("max-buffer-size", "4194304b", "4m", _SAME),
        ("AlarmName", "a", "b", None),
    ],
)
def test_what_a_change_of_a_text_means(name: str, old: str, new: str, severity: Severity | None) -> None:
    found = text_change(Leaf(path=("Properties", name), old=old, new=new))
    assert (found.severity if found else None) == severity
