"""The programs that exported files are for: one file each, all of them listed here."""

from csr_tui.export.targets.apache import APACHE
from csr_tui.export.targets.haproxy import HAPROXY
from csr_tui.export.targets.java import JAVA
from csr_tui.export.targets.nginx import NGINX
from csr_tui.export.targets.pem import PEM
from csr_tui.export.targets.windows import WINDOWS

TARGETS = {one.name: one for one in (PEM, NGINX, APACHE, HAPROXY, JAVA, WINDOWS)}
"""By their names, in the order in which they are offered."""
