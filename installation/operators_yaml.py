"""Reads YAML that an operator writes.

Nothing may make the reader hang: no pipe or device in the file's place, no size, no aliases of aliases.
"""

import stat
from pathlib import Path
from typing import Any, Final

import yaml

# The longest files of this kind have some kB; PyYAML's own parser reads 80 kB in a second.
_MOST_BYTES: Final = 200_000
_MOST_VALUES: Final = 10_000
_NOT_UTF_8: Final = "cannot be read as YAML: it is not text in UTF-8; save it in that encoding"


class UnreadableError(Exception):
    """A file cannot be read, or not as YAML; the message follows the file's name."""


def read(file: Path, loader: type[yaml.SafeLoader] = yaml.SafeLoader) -> Any:
    """The content of a file, of any type. Raises UnreadableError: the file cannot be read, or is not YAML."""
    try:
        return _parsed(_text(file), loader)
    except (ValueError, RecursionError, yaml.YAMLError) as error:  # a number of thousands of digits, [[[[…
        raise UnreadableError(f"cannot be read as YAML: {error}") from error


def _text(file: Path) -> str:
    try:
        file_status = file.stat()
        is_file = stat.S_ISREG(file_status.st_mode)
        # Reading a pipe would wait. For a folder the system's error message is clear.
        if not is_file and not stat.S_ISDIR(file_status.st_mode):
            raise UnreadableError("cannot be read: it is no file")
        if is_file and file_status.st_size > _MOST_BYTES:
            raise UnreadableError(
                f"cannot be read: it has {file_status.st_size:,} bytes, of at most {_MOST_BYTES:,}; is it another file?"
            )
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise UnreadableError(f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UnreadableError(_NOT_UTF_8) from error
    if "\0" in text:  # which UTF-16 has between all characters, and no YAML
        raise UnreadableError(_NOT_UTF_8)
    return text


def _parsed(text: str, loader: type[yaml.SafeLoader]) -> Any:
    reader = loader(text)
    try:
        node = reader.get_single_node()
        if node is None:
            return None
        if _values(node, {}) > _MOST_VALUES:
            raise UnreadableError(
                f"cannot be read as YAML: it has more than {_MOST_VALUES:,} values, with what its aliases repeat"
            )
        return reader.construct_document(node)
    except (AttributeError, LookupError) as error:  # what PyYAML makes of `!!int ""` and `!!timestamp shop`
        raise UnreadableError("cannot be read as YAML: a tag such as !!int does not fit the value after it") from error
    finally:
        reader.dispose()


def _values(node: yaml.Node, counts: dict[int, int]) -> int:
    """How many values a node has; an alias counts as all values of its anchor."""
    if id(node) not in counts:
        counts[id(node)] = 1  # for a value that contains itself, which is refused later
        pairs = node.value if isinstance(node, yaml.MappingNode) else [node.value]
        counts[id(node)] += sum(_values(part, counts) for pair in pairs for part in pair if isinstance(part, yaml.Node))
    return counts[id(node)]
