"""The table of actions: what a screen can ask for is done by somebody."""

from __future__ import annotations

import pytest

from csr_tui.ui.actions import Action
from csr_tui.ui.flows import flow_of


@pytest.mark.parametrize("action", Action)
def test_every_action_has_a_flow(action: Action) -> None:
    assert callable(flow_of(action))
