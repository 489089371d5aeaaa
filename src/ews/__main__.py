"""``python -m ews`` is ``ews``."""

from ews.commands import main

main()
