"""The thresholds of the alarms, as a section of the configuration file."""

from pydantic import Field

from installation.settings.section import Section


class AlarmSettings(Section):
    """Thresholds of the operations guide; each alarm goes to the alert topic, and so does its recovery."""

    cpu_percent: int = Field(default=80, ge=1, le=100)
    """ECS service CPU, for five minutes."""
    memory_percent: int = Field(default=90, ge=1, le=100)
    """ECS service memory, for five minutes."""
    errors_5xx_per_5_minutes: int = Field(default=10, ge=1)
    """5xx answers of load balancer and targets, in one period of five minutes."""
    database_connections: int = Field(default=80, ge=1)
    """Open connections, for five minutes; must stay below max_connections."""
    no_target_minutes: int = Field(default=5, ge=3, le=60)
    """Minutes without a healthy target; a single task that fails is replaced in two, and the newest minute may lack
    data."""
    task_failures_per_15_minutes: int = Field(default=3, ge=2, le=100)
    """Tasks that end by themselves, fail to start or fail their health checks; a task that fails once is replaced."""
    database_free_storage_percent: int = Field(default=15, ge=1, le=50)
    """Share of the storage that is left, for five minutes; a full database stops, and an enlargement takes hours."""
    database_free_memory_mib: int = Field(default=64, ge=16, le=65_536)
    """Memory that is left, for five minutes; a 1 GiB class has about 200 MiB left in daily work."""
    database_credit_hours: int = Field(default=3, ge=1, le=12)
    """Hours in a row with CPU credits for less than one hour; a new database has none and earns them from then on."""
    release_error_percent: float = Field(default=5.0, gt=0, le=100)
    """Share of 5xx answers in a minute that ends a running release."""
    release_p95_seconds: float = Field(default=2.0, gt=0, le=60)
    """95th percentile of response time in a minute that ends a running release."""
    release_min_requests: int = Field(default=20, ge=1)
    """Requests in a minute below which a target group's error share and percentile do not count."""
