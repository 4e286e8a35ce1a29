"""botocore's models of the services, each read once per process: a new loader searches 400 folders first."""

from functools import cache
from typing import Final

from botocore.loaders import Loader
from botocore.model import ServiceModel, StructureShape

_LOADER: Final = Loader()


@cache
def service_model(service: str) -> ServiceModel:
    """The model of a service, by botocore's name, like ``codedeploy``. Raises UnknownServiceError: there is none."""
    return ServiceModel(_LOADER.load_service_model(service, "service-2"), service)


def input_shape(service: str, operation: str) -> StructureShape | None:
    """The input of an operation; None where it has no input, or the model has no such operation."""
    model = service_model(service)
    return model.operation_model(operation).input_shape if operation in model.operation_names else None
