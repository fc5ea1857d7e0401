"""What certificate authorities accept, drop and refuse: fields and whole records to findings.

Each row's level and source follow the CA/Browser Forum's Baseline Requirements ("BR"), X.520, the RFCs,
and what Let's Encrypt's server really checks ("boulder").
"""

from csr_tui.core.rules.ca_forecast import Expectation, Treatment, forecast
from csr_tui.core.rules.record_check import FIELDS, Rule, check, check_field
from csr_tui.core.rules.tencent import for_tencent

__all__ = ["FIELDS", "Expectation", "Rule", "Treatment", "check", "check_field", "for_tencent", "forecast"]
