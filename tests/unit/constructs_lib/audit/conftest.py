import pytest

from tests.support.audit_stack import AuditTemplates, with_trail


@pytest.fixture(scope="module")
def audit() -> AuditTemplates:
    return with_trail()
