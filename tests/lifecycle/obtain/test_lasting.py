"""Records that prove a name for every order, and the time to renew: both are added to what Pebble replies."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from unittest.mock import ANY

import pytest
from acme.client import _renewal_info_path_component  # the judge
from lifecycle.obtain.conftest import Desk
from tencent.misbehaving import Server, http

from csr_tui.acme import looking
from csr_tui.acme.client import AcmeClient
from csr_tui.acme.resources import Authorization, Challenge
from csr_tui.errors import Fact, RefusedError
from csr_tui.lifecycle.attach import Offer
from csr_tui.lifecycle.obtain import renewal

NOW = datetime(2026, 11, 27, tzinfo=UTC)
ACCOUNT = "https://ca.example/acct/1"
GOOD = f"ca.example; accounturi={ACCOUNT}"


@pytest.mark.parametrize(
    ("text", "plain", "wildcard"),
    [
        (GOOD, True, False),
        (f"{GOOD}; policy=wildcard", True, True),
        (f"CA.example.;accounturi={ACCOUNT} ;Policy=WILDCARD", True, True),
        (f"{GOOD}; persistUntil={int((NOW + timedelta(days=1)).timestamp())}", True, False),
        (f"{GOOD}; persistUntil={int(NOW.timestamp())}", False, False),
        (f"{GOOD}; persistUntil=soon", False, False),
        (f"other.example; accounturi={ACCOUNT}", False, False),
        ("ca.example; accounturi=https://ca.example/acct/2", False, False),
        ("ca.example", False, False),
        ("", False, False),
    ],
)
def test_a_lasting_record_names_the_ca_and_the_account(text: str, plain: bool, wildcard: bool) -> None:
    for asked, fits in ((False, plain), (True, wildcard)):
        assert looking.fits_persistent(text, ("ca.example",), ACCOUNT, wildcard=asked, now=NOW) is fits
        own = looking.persistent_value("ca.example", ACCOUNT, wildcard=asked)
        assert looking.fits_persistent(own, ("ca.example",), ACCOUNT, wildcard=asked, now=NOW)


class Lasting(AcmeClient):
    """Offers dns-persist-01, too; its answer is that of dns-01, which Pebble can look at."""

    def authorization(self, url: str) -> Authorization:
        found = super().authorization(url)
        usual = next(one for one in found.challenges if one.kind == "dns-01")
        lasting = Challenge("dns-persist-01", usual.url, usual.status, "", None, ("ca.example",))
        return replace(found, challenges=(*found.challenges, lasting))


@pytest.mark.system
def test_a_lasting_record_is_shown_beside_the_usual_one_and_used_once_it_is_seen(desk: Desk) -> None:
    record = desk.record()
    client = desk.client(kind=Lasting)
    assert isinstance(desk.obtain(record, client=client), Fact)
    assert isinstance(desk.obtain(record, client=client), Fact)
    found = desk.store.get(record.id).order
    assert found is not None
    (usual,) = found.proofs
    place, value = f"_validation-persist.{record.subject.domain}", f"ca.example; accounturi={client.account}"
    assert (usual.kind, usual.lasting) == ("dns-01", (place, value))
    assert usual.note.startswith("Not seen yet")
    assert usual.whole_note.endswith(
        f" Or set this TXT record once, for all orders of this account: {place} with the value {value}."
    )
    desk.store.orders.put(found.to_prove((replace(usual, lasting=None),)))  # as of an order of 0.1.0
    assert isinstance(desk.obtain(record, client=client), Fact)
    assert desk.store.get(record.id).order == replace(found, searched_at=ANY)

    desk.pebble.set_txt(place, value)
    desk.pebble.set_txt(usual.place, usual.value)  # what Pebble itself looks at
    assert desk.whole(record, client=client, place_nothing=True)


WINDOW = {"suggestedWindow": {"start": "2027-01-02T04:00:00Z", "end": "2027-01-03T04:00:00Z"}}


@pytest.mark.system
def test_the_time_to_renew_is_asked_for_by_issuer_and_serial_number(desk: Desk) -> None:
    offer = desk.whole(desk.record())
    assert isinstance(offer, Offer)
    client: AcmeClient = desk.client(sleep=lambda _: None)
    assert client.renewal_window(offer.chain.leaf) is None  # Pebble does not have it
    for body, good in ((WINDOW, True), ({"suggestedWindow": {"start": "x"}}, False), ([], False)):
        with Server(http(body=json.dumps(body).encode())) as server:
            client.__dict__["directory"] = replace(client.directory, renewal_info=f"{server.url}/renewal")
            if good:
                assert client.renewal_window(offer.chain.leaf) == (
                    datetime(2027, 1, 2, 4, tzinfo=UTC),
                    datetime(2027, 1, 3, 4, tzinfo=UTC),
                )
                name = _renewal_info_path_component(offer.chain.leaf)
                assert server.requests[0].startswith(f"GET /renewal/{name} HTTP/1.1\r\n".encode())
            else:
                with pytest.raises(RefusedError, match="cannot be read"):
                    client.renewal_window(offer.chain.leaf)


@pytest.mark.system
def test_only_the_ca_that_issued_a_certificate_is_asked_when_to_renew_it(desk: Desk) -> None:
    record = desk.record()
    assert renewal.ca_of(desk.store, record) is None
    desk.whole(record)
    done = desk.store.get(record.id)
    ca = renewal.ca_of(desk.store, done)
    assert ca is not None
    assert renewal.look(ca, done, {}) == ""  # Pebble does not have it
    assert renewal.look(replace(ca, directory="http://127.0.0.1:1"), done, {}) == ""
    desk.store.cas.remove(ca.name)
    assert renewal.ca_of(desk.store, done) is None
