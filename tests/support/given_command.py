"""``python -m ops`` with the given configuration: ``python -m tests.support.given_command``."""

from ops.__main__ import main
from tests.support.given_configuration import use_given_configuration

if __name__ == "__main__":
    use_given_configuration()
    main()
