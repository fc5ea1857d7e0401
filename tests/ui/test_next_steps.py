"""Which step is next for which record."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from csr_tui.core import rules
from csr_tui.core.fields import Subject
from csr_tui.core.lineage import Lineage
from csr_tui.core.order import CertificateOrder, NameProof, OrderStage
from csr_tui.core.record import Origin, Purpose, Record, State
from csr_tui.core.submission import Stage, Submission
from csr_tui.core.token_uri import TokenUri
from csr_tui.ui.actions import Action
from csr_tui.ui.next_steps import next_steps

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
DRAFT = Record("a", subject=Subject("www.example.com"))
MADE = replace(DRAFT, state=State.GENERATED, origin=Origin.LOCAL, csr="CSR", has_key=True)
ALONE = "-----BEGIN CERTIFICATE-----\nA\n-----END CERTIFICATE-----\n"
SENT = Submission("a", Stage.UNKNOWN, "https://ssl.intl.tencentcloudapi.com", "account", "marker")
KEY = TokenUri("Office", object="web")
ORDER = CertificateOrder("a", OrderStage.UNKNOWN, "corp", message="It was killed.")
SANDBOX = replace(SENT, endpoint="http://127.0.0.1:4800")


def ordered(stage: OrderStage, *, seen: bool = False, days: int = 7) -> CertificateOrder:
    proofs = tuple(NameProof(name, "dns-01", "place", "value", "url", seen=seen) for name in ("a", "b"))
    until = NOW + timedelta(days=days)
    return replace(ORDER, stage=stage, directory="https://ca", url="https://ca/1", expires=until, proofs=proofs)


def issued(days: float, **parts: object) -> Record:
    made = replace(MADE, state=State.ISSUED, certificate="PEM", not_after=NOW + timedelta(days=days))
    return replace(made, **parts)  # type: ignore[arg-type]  # a record's own fields


@pytest.mark.parametrize(
    ("record", "action", "sentence"),
    [
        (DRAFT, Action.GENERATE, "Generate the key and the CSR: the draft has no errors."),
        (Record("a"), Action.OPEN, "Fix 1 error: Enter the domain"),
        (replace(DRAFT, key_file="/k.pem"), Action.GENERATE, "with the key in /k.pem"),
        (replace(DRAFT, token=KEY), Action.GENERATE, "Generate the CSR, with the key on token Office."),
        (replace(DRAFT, token=KEY.of_token), Action.GENERATE, "Generate the key and the CSR, on token Office."),
        (replace(DRAFT, lineage=Lineage("b", same_key=True)), Action.GENERATE, "with the key of the record"),
        (replace(DRAFT, submission=SENT), Action.RECONCILE, "Look up the submission to Tencent Cloud"),
        (replace(DRAFT, submission=SANDBOX), Action.RECONCILE, "Look up the submission to the sandbox"),
        (
            replace(DRAFT, submission=replace(SENT, stage=Stage.CREATED, csr_id=7)),
            Action.SUBMIT,
            "Finalise CSR 7, a draft at Tencent Cloud.",
        ),
        (replace(DRAFT, submission=replace(SENT, stage=Stage.REFUSED)), Action.OPEN, "Tencent Cloud refused it."),
        (MADE, Action.CLIP, "Copy the CSR into your CA's form."),
        (replace(MADE, purpose=Purpose.PRIVATE), Action.CLIP, "have your own CA sign it"),
        (replace(MADE, ca="corp"), Action.OBTAIN, "Obtain the certificate from corp."),
        (
            replace(MADE, order=ORDER),
            Action.OBTAIN,
            "Decide what to do: the outcome at corp is unknown. It was killed.",
        ),
        (
            replace(MADE, order=ordered(OrderStage.ORDERED)),
            Action.OBTAIN,
            "Prove 2 names to corp until 2026-12-03 12:00 UTC.",
        ),
        (
            replace(MADE, order=ordered(OrderStage.ORDERED, days=0)),
            Action.OBTAIN,
            "Ask corp for the status of the order: its time ended on 2026-11-26 12:00 UTC.",
        ),
        (
            replace(MADE, order=ordered(OrderStage.ORDERED, seen=True)),
            Action.OBTAIN,
            "corp can look at the proofs now.",
        ),
        (replace(MADE, order=ordered(OrderStage.PROVING)), Action.OBTAIN, "See how far corp is with the order."),
        (replace(MADE, order=ordered(OrderStage.UNKNOWN)), Action.OBTAIN, "Ask corp for the outcome: It was killed."),
        (replace(MADE, order=ordered(OrderStage.EXPIRED)), Action.OBTAIN, "Send it to a CA again: It was killed."),
        (replace(MADE, order=replace(ORDER, stage=OrderStage.FINALISING)), Action.OBTAIN, "See how far corp is"),
        (
            replace(MADE, order=replace(ORDER, stage=OrderStage.REFUSED)),
            Action.OBTAIN,
            "Send it to a CA again: It was killed.",
        ),
        (issued(-2), Action.RENEW, "expired on 2026-11-24 12:00 UTC (2 days ago), and nothing replaces it"),
        (issued(3), Action.RENEW, "expires on 2026-11-29 12:00 UTC (in 3 days), and nothing replaces it yet."),
        (issued(60), Action.EXPORT, "Export the files that your server loads."),
        (issued(60, usage="ca"), Action.EXPORT, "Export the files that your CA loads."),
        (
            issued(60, certificate=ALONE),
            Action.ATTACH,
            "with your CA's chain file: the issuer's certificate is missing",
        ),
        (issued(60, certificate=ALONE, has_root=True), Action.EXPORT, "Export the files"),
        (issued(60, certificate=ALONE * 2), Action.EXPORT, "Export the files"),
        (issued(60, has_key=False), Action.RENEW, "Renew it in time: it expires on 2027-01-25 12:00 UTC (in 60 days)."),
        (issued(3, lineage=Lineage(renewed_by=("b",), renewal="draft")), None, "Its renewal has no certificate yet."),
        (replace(DRAFT, trashed_at=NOW), Action.RESTORE, "in the trash since 2026-11-26 12:00 UTC."),
        (replace(DRAFT, damage=("record",)), None, "cannot be read"),
    ],
)
def test_the_first_step_of_a_record(record: Record, action: Action | None, sentence: str) -> None:
    first = next_steps(record, NOW, rules.check(record))[0]

    assert first.action is action
    assert sentence in first.sentence


def test_a_renewal_counts_once_it_has_a_certificate() -> None:
    record = issued(3, lineage=Lineage(renewed_by=("b",), renewal="issued"))

    assert next_steps(record, NOW)[0].sentence.startswith("Replaced: its renewal has a certificate.")


@pytest.mark.parametrize(("sent", "place"), [(SENT, "Tencent Cloud"), (SANDBOX, "the sandbox")])
def test_a_key_that_is_elsewhere_is_reported_after_the_certificate(sent: Submission, place: str) -> None:
    record = replace(MADE, origin=Origin.TENCENT, has_key=False, submission=replace(sent, stage=Stage.CONFIRMED))

    assert f"The private key stayed at {place}" in next_steps(record, NOW)[-1].sentence


def test_a_step_names_the_key_of_its_action() -> None:
    assert [step.key for step in next_steps(MADE, NOW)] == ["c", "a", "^o"]


def test_text_of_a_server_in_a_step_is_escaped() -> None:
    refused = replace(SENT, stage=Stage.REFUSED, message="no\x1b[31m")

    assert "\x1b" not in next_steps(replace(DRAFT, submission=refused), NOW, ())[0].sentence
