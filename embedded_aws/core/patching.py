"""Changes functions of the emulator by wrapping them, so that it need not be forked.

A name that the emulator no longer has, as after an upgrade, is an AttributeError; a missing dictionary key a KeyError.
"""

import functools
import sys
from collections.abc import Awaitable, Callable
from types import ModuleType
from typing import Any, Generic, TypeVar

# The emulator is untyped, so its functions may get and return any type.
Function = Callable[..., Any]
Response = tuple[int, dict[str, str], bytes]
Original = Callable[..., Response]  # an operation, before it was changed
AsyncOriginal = Callable[..., Awaitable[Response]]  # a service's handler of requests, likewise
Result = TypeVar("Result")


def wrap(owner: ModuleType | type, name: str, wrapper: Function) -> None:
    """Replace ``owner.name`` by ``wrapper(original, *args, **kwargs)``.

    Other modules that imported the function by name keep the original (see ``wrap_everywhere``), and so do
    dictionaries of handlers (see ``wrap_item``).
    """
    setattr(owner, name, _bind_wrapper(getattr(owner, name), wrapper))


def wrap_everywhere(owner: ModuleType | type, name: str, wrapper: Function) -> None:
    """Like ``wrap``, also in the emulator's other modules that imported the function by name."""
    original = getattr(owner, name)
    wrapped = _bind_wrapper(original, wrapper)
    for module in list(sys.modules.values()):
        # Not by getattr: some modules import something for any name.
        if module.__name__.startswith("ministack.") and vars(module).get(name) is original:
            setattr(module, name, wrapped)


def wrap_item(handlers: dict[str, Function], name: str, wrapper: Function) -> None:
    """Replace an entry of a dictionary of handlers by ``wrapper(original, *args, **kwargs)``."""
    handlers[name] = _bind_wrapper(handlers[name], wrapper)


def _bind_wrapper(original: Function, wrapper: Function) -> Function:
    @functools.wraps(original)
    def call(*args: Any, **kwargs: Any) -> Any:
        return wrapper(original, *args, **kwargs)

    return call


class EmulatorFunction(Generic[Result]):
    """A function of the emulator under a plain name: looked up when it is called, because extensions wrap it.

    The private names of the emulator occur only in the module ``emulator`` of each package. It refers to the emulator's
    stores directly: they are dictionaries that are filled and emptied, never replaced.
    """

    def __init__(self, owner: ModuleType | type, name: str) -> None:
        getattr(owner, name)
        self._owner, self._name = owner, name

    def __call__(self, *args: Any, **kwargs: Any) -> Result:
        """Call the current function."""
        result: Result = getattr(self._owner, self._name)(*args, **kwargs)
        return result

    def take(self) -> Callable[..., Result]:
        """The current function, for a caller that replaces it."""
        taken: Callable[..., Result] = getattr(self._owner, self._name)
        return taken

    def wrap(self, wrapper: Function) -> None:
        """Replace the function by ``wrapper(original, *args, **kwargs)`` (see the function ``wrap``)."""
        wrap(self._owner, self._name, wrapper)

    def wrap_everywhere(self, wrapper: Function) -> None:
        """Replace it in the emulator's other modules too (see the function ``wrap_everywhere``)."""
        wrap_everywhere(self._owner, self._name, wrapper)
