"""The alarm on mass reading, over every page of those who answer for it until it is acknowledged."""

from __future__ import annotations

from ews.errors import Unavailable
from ews.people.access import Principal
from ews.people.mass_reading import MassReading, open_alarms
from ews.people.roles import Act, who_do
from ews.store.store import Store
from ews.web.routes import Policy, Who

HEARERS = Policy(Who.staff, roles=who_do(Act.HEAR_ALARMS))


def alarms_for(store: Store, principal: Principal) -> tuple[MassReading, ...]:
    """What stands in the head of this person's pages; nothing while the database does not answer."""
    if not principal.does(Act.HEAR_ALARMS) or principal.must_change:
        return ()
    try:
        with store.read() as tx:
            return open_alarms(tx)
    except Unavailable:  # a page that needs no database is drawn with a head, too
        return ()
