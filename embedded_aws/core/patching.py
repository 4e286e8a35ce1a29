"""Small ways to change the emulator from outside, so that every change stays a wrapper and none becomes a fork.

A name that the emulator has no more, as after an upgrade, is an AttributeError, of a dictionary a KeyError.
"""

import functools
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any, Generic, TypeVar

# The emulator is untyped; what passes through its functions is whatever it passes.
Function = Callable[..., Any]
Response = tuple[int, dict[str, str], bytes]
Original = Callable[..., Response]  # an operation, before it was changed
Result = TypeVar("Result")


def wrap(owner: ModuleType | type, name: str, wrapper: Function) -> None:
    """Put ``wrapper(original, *args, **kwargs)`` in place of ``owner.name``.

    Other modules that imported the function by name keep the original (see ``wrap_everywhere``), and so do
    dictionaries of handlers (see ``wrap_item``).
    """
    setattr(owner, name, _wrapped(getattr(owner, name), wrapper))


def wrap_everywhere(owner: ModuleType | type, name: str, wrapper: Function) -> None:
    """Do as ``wrap`` does, also in the emulator's other modules that imported the function by name."""
    original = getattr(owner, name)
    wrapped = _wrapped(original, wrapper)
    for module in list(sys.modules.values()):
        # Not by getattr: some modules answer any name, at the cost of an import.
        if module.__name__.startswith("ministack.") and vars(module).get(name) is original:
            setattr(module, name, wrapped)


def wrap_item(handlers: dict[str, Function], name: str, wrapper: Function) -> None:
    """Put ``wrapper(original, *args, **kwargs)`` in place of one entry of a dictionary of handlers."""
    handlers[name] = _wrapped(handlers[name], wrapper)


def _wrapped(original: Function, wrapper: Function) -> Function:
    @functools.wraps(original)
    def call(*args: Any, **kwargs: Any) -> Any:
        return wrapper(original, *args, **kwargs)

    return call


class EmulatorFunction(Generic[Result]):
    """A function of the emulator under a plain name: looked up when it is called, because extensions wrap it.

    The private names of the emulator stand in one module ``emulator`` of each package, and nowhere else. Its stores are
    dictionaries that are filled and emptied, never replaced: they stand there as they are.
    """

    def __init__(self, owner: ModuleType | type, name: str) -> None:
        getattr(owner, name)
        self._owner, self._name = owner, name

    def __call__(self, *args: Any, **kwargs: Any) -> Result:
        """Call what stands there now."""
        result: Result = getattr(self._owner, self._name)(*args, **kwargs)
        return result

    def take(self) -> Callable[..., Result]:
        """What stands there now, for who puts something else there."""
        taken: Callable[..., Result] = getattr(self._owner, self._name)
        return taken

    def wrap(self, wrapper: Function) -> None:
        """Put ``wrapper(original, *args, **kwargs)`` in its place (see ``wrap``)."""
        wrap(self._owner, self._name, wrapper)

    def wrap_everywhere(self, wrapper: Function) -> None:
        """Do so in the emulator's other modules too (see ``wrap_everywhere``)."""
        wrap_everywhere(self._owner, self._name, wrapper)
