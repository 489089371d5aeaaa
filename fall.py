from datetime import UTC, datetime

from ews.demo import sign_in_lines
from ews.demo_past import live_the_fall
from ews.settings import read_settings

s=read_settings(); n=datetime.now(UTC)
live_the_fall(s, now=n)
print("\n".join(sign_in_lines(s,3175,n)))
