"""What certificate authorities accept, drop and refuse: fields and whole records to findings.

Each row's level and source follow the CA/Browser Forum's Baseline Requirements ("BR"), X.520, the RFCs,
and what Let's Encrypt's server really checks ("boulder").
"""

from csr_tui.core.rules.expectations import Expectation, Fate, expectations
from csr_tui.core.rules.tencent import for_tencent
from csr_tui.core.rules.whole import FIELDS, Rule, check, of_field

__all__ = ["FIELDS", "Expectation", "Fate", "Rule", "check", "expectations", "for_tencent", "of_field"]
