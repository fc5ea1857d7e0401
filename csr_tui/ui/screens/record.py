"""A generated record, to read: what the CSR really says, the CSR itself, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from csr_tui.core import names
from csr_tui.core.bundle import stem
from csr_tui.core.facts import Topic, facts
from csr_tui.core.record import Origin, Purpose, Record
from csr_tui.core.text import escaped
from csr_tui.ui.actions import Action, ActionRequested, NewRequested, bindings
from csr_tui.ui.background import call
from csr_tui.ui.needs import state_name
from csr_tui.ui.widgets.key_bar import KeyBar
from csr_tui.ui.widgets.page import Page, Paged
from csr_tui.ui.words import asked_and_got, fact_lines

if TYPE_CHECKING:
    from csr_tui.core.certificate import EarlierCertificate
    from csr_tui.core.csr import Difference, Request


SHOWN = (Action.CLIP, Action.SAVE, Action.ATTACH, Action.EXPORT, Action.PASSWORD, Action.RENEW)
HIDDEN = (Action.NOTES, Action.PROTECT, Action.COPY, Action.DELETE, Action.PROFILES)


class RecordScreen(Paged[None]):
    """The same page right after generating and ever after; nothing of the request can be edited."""

    HELP = (
        "The request is final: it can be read, copied and exported, and its remark and tags can be edited. What you "
        "see is read from the CSR itself, not from what was typed. Send the CSR to your CA, never the key. Z shows the "
        "CSR alone, so that your terminal can select it; A takes the certificate that comes back; E writes what your "
        "server loads. W shows the key's password, K changes it or who holds it."
    )
    BINDINGS = [
        *bindings("record", SHOWN, HIDDEN),
        Binding("z", "zoom", "Zoom", show=False, id="record.zoom", tooltip="The text alone, to select with the mouse"),
        Binding("n", "new", "New", show=False, id="record.new", tooltip="Start a new request"),
        Binding("escape,q", "leave", "Desk", id="record.leave", tooltip="Back to the desk"),
    ]
    AUTO_FOCUS = ""
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (124, "-wide")]

    @dataclass
    class Left(Message):
        """Back to the desk."""

    def __init__(self, record: Record, *, fresh: bool = False) -> None:
        super().__init__(classes="record")
        self.record = record
        self._fresh = fresh

    def compose(self) -> ComposeResult:
        with Horizontal(classes="bar"):
            yield Static("csr-tui", classes="brand", markup=False)
            yield Static(escaped(names.to_unicode(self.record.subject.domain)), id="heading", markup=False)
            yield Static(state_name(self.record), id="kept", markup=False)
        with Page(id="page"):
            if self._fresh:
                yield Static(self._made(), id="fresh", markup=False)
            with Horizontal(id="sides"):
                yield Static("", id="facts", markup=False)
                yield Static(escaped(self.record.csr or "", keep="\n"), id="csr", markup=False)
            yield Static(self._next(), id="next", markup=False)
        yield KeyBar()

    def on_mount(self) -> None:
        self._read()

    def _made(self) -> str:
        if self.record.origin is Origin.LOCAL:
            return "✓ The key and the CSR are made, proved, and kept. Send the CSR to your CA."
        sent = self.record.submission
        maker = "The sandbox on this machine" if sent is not None and sent.in_sandbox else "Tencent Cloud"
        if self.record.has_key:
            return f"✓ {maker} generated the key and the CSR; both are verified and saved here."
        return f"✓ {maker} generated the CSR, which is saved here. The private key stayed there."

    def show(self, record: Record) -> None:
        """The record has another remark, other tags, another protection, or its certificate."""
        self.record = record
        self.query_one("#kept", Static).update(state_name(record))
        self.query_one("#next", Static).update(self._next())
        if record.certificate is not None:
            self.query("#fresh").remove()
        self._read()

    @work(group="read", exclusive=True, description="reading the CSR")
    async def _read(self) -> None:
        from csr_tui.core import certificate, csr

        record = self.record
        if record.csr is not None:
            request = await call(lambda: csr.read(record.csr or ""))
            found = await call(lambda: certificate.differences_of(record))
            earlier = await call(lambda: certificate.earlier(record))
            self.query_one("#facts", Static).update(self._facts(request, found, earlier))

    def _facts(
        self, request: Request, differences: tuple[Difference, ...], earlier: tuple[EarlierCertificate, ...]
    ) -> Content:
        from csr_tui.core import csr

        record = self.record
        requested = csr.differences(record, request)
        issued = tuple(one for one in differences if one not in requested)
        lines = [*self._certificate(issued, earlier), Content.styled("What the CSR says", "bold $primary")]
        lines += [_pair(short, value) for short, _, value in request.subject]
        lines += [_pair("name", names.to_unicode(name)) for name in request.sans[:20]]
        if len(request.sans) > 20:
            lines.append(_pair("", f"and {len(request.sans) - 20} more names"))
        lines += [
            _pair("key", request.key_label),
            _pair("signed", f"{request.signature_hash}, {'valid' if request.signature_valid else 'NOT VALID'}"),
            _pair("usage", ", ".join((*request.key_usage, *request.extended_key_usage)) or "none asked for"),
            Content(""),
            Content.styled("SHA-256 of its public key", "bold $primary"),
            Content(request.fingerprint[:32]),
            Content(request.fingerprint[32:]),
        ]
        if requested:
            lines += [Content(""), Content.styled("Not what was asked for", "bold $warning"), asked_and_got(requested)]
        for topic, heading in ((Topic.REMOTE, "At Tencent Cloud"), (Topic.OWN, "Kept")):
            if found := [fact for fact in facts(record, datetime.now(UTC)) if fact.topic is topic]:
                lines += [Content(""), Content.styled(heading, "bold $primary"), *fact_lines(found)]
        return Content("\n").join(lines)

    def _certificate(
        self, differences: tuple[Difference, ...], earlier: tuple[EarlierCertificate, ...]
    ) -> list[Content]:
        """Until when it is valid, where it says something else than was asked for, and those before it."""
        ends = self.record.not_after
        if ends is None:
            return []
        until = _pair("until", f"{ends:%Y-%m-%d %H:%M} UTC")
        if ends <= datetime.now(UTC):
            until = Content.styled(f"ended on {ends:%Y-%m-%d %H:%M} UTC", "$error")
        lines = [Content.styled("The certificate", "bold $primary"), until]
        if differences:
            lines += [Content.styled("Not what was asked for", "bold $warning"), asked_and_got(differences)]
        if earlier:
            lines.append(Content.styled("Earlier certificates", "bold $primary"))
        lines += [_pair("until", f"{one.not_after:%Y-%m-%d}, serial number {one.serial}") for one in earlier]
        return [*lines, Content("")]

    def _next(self) -> Content:
        record = self.record
        if record.not_after is not None:
            return Content("\n").join(
                (
                    Content.styled("What to do next", "bold $primary"),
                    Content("1  Export what your server loads with E, and paste the lines that it shows."),
                    Content(_renewal(record.not_after)),
                )
            )
        file = f"{stem(record.subject.domain)}.csr"
        public = record.purpose is Purpose.PUBLIC
        steps = [
            "1  Paste the CSR above into your CA's form (C copies it, Z shows it alone).",
            "2  Prove to the CA that the domain is yours, in the way it asks."
            if public
            else "2  Have your own CA sign it; it decides what the certificate will hold.",
            "3  Attach the certificate that comes back with A, and export what your server loads with E."
            if record.has_key
            else "3  The key is at Tencent Cloud: this record has none here, and cannot be exported.",
        ]
        if record.has_key and record.custody.has_password:
            steps.append("   The exported key is encrypted; haproxy needs it in clear, and Export can do that.")
        return Content("\n").join(
            (
                Content.styled("What to do next", "bold $primary"),
                *(Content(step) for step in steps),
                Content(""),
                Content.styled("See the same with OpenSSL, once the CSR is saved", "bold $primary"),
                Content(f"openssl req -in {file} -noout -text -verify"),
                Content(f"csr-tui show {escaped(record.id)} --csr | openssl req -noout -text -verify"),
            )
        )

    def action_ask(self, name: str) -> None:
        """What is done to one record is done to this."""
        self.post_message(ActionRequested(Action(name), (self.record,)))

    def action_new(self) -> None:
        self.post_message(NewRequested())

    def action_zoom(self) -> None:
        self.app.push_screen(PlainText(self.record.csr or ""))

    def action_leave(self) -> None:
        self.post_message(self.Left())


class PlainText(Paged[None]):
    """A text alone on the screen, without frames, so that the terminal's own selection takes just that."""

    HELP = "Select the text with the mouse (many terminals want Shift held), copy it, and press any key to go back."
    BINDINGS = [Binding("escape,q,enter,z", "leave", "Back", id="plain.leave", tooltip="Back to the record")]

    def __init__(self, text: str) -> None:
        super().__init__(classes="plain")
        self._text = text

    def compose(self) -> ComposeResult:
        with Page():
            yield Static(escaped(self._text, keep="\n"), id="plain-text", markup=False)
        yield Static("Select with the mouse (in many terminals with Shift held). Esc goes back.", markup=False)

    def action_leave(self) -> None:
        self.dismiss()


def _renewal(not_after: datetime) -> str:
    """When the next certificate is needed."""
    if not_after <= datetime.now(UTC):
        return f"2  It ended on {not_after:%Y-%m-%d}: renew it with X, and attach the new certificate with A."
    return f"2  Ask for a new certificate before {not_after:%Y-%m-%d}, and attach it with A."


def _pair(label: str, value: str) -> Content:
    return Content.assemble((f"{label:<9}", "$muted"), escaped(value))
