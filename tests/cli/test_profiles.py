"""profiles, and what new makes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from cli.conftest import New, Run

    from csr_tui.paths import Paths

WORDS = ("--organization", "Acme GmbH", "--country", "DE", "--email", "pki@example.com")

BY_HAND = """\
# What we agreed on in 2026.
[acme]
organization = "Acme GmbH"  # the legal name
# country = "AT", until the move
country = "DE"

# For the lab.
[lab]
purpose = "private"
"""


@pytest.fixture
def file(paths: Paths) -> Path:
    paths.config.mkdir()
    paths.profiles.write_text(BY_HAND)
    return paths.profiles


def test_a_record_is_saved_as_a_profile_and_a_new_one_begins_with_it(run: Run, new: New) -> None:
    made = new(*WORDS, "--san", "a.example.com", "--remark", "ours")

    saved = run("profiles", "acme", "--from", made, "--json")
    record = run("new", "--profile", "acme", "--json").json

    assert saved.status == 0
    assert "domain" not in saved.json["values"]
    assert (record["organization"], record["email"], record["key_parameter"]) == (
        "Acme GmbH",
        "pki@example.com",
        "prime256v1",
    )
    assert (record["domain"], record["sans"], record["remark"]) == ("", [], "")


def test_how_the_key_is_to_be_kept_goes_with_it(run: Run, new: New) -> None:
    made = new()
    run("protect", made, "--protect", "prompt")
    run("profiles", "mine", "--from", made)

    record = run("new", "--profile", "mine", "--json").json

    assert (record["password_choice"], record["protection"]) == ("typed", "prompt")


def test_a_profile_is_replaced_only_when_that_is_said_and_then_whole(run: Run, new: New) -> None:
    run("profiles", "acme", "--from", new(*WORDS))
    other = new("--city", "Bonn")

    refused = run("profiles", "acme", "--from", other)
    replaced = run("profiles", "acme", "--from", other, "--replace", "--json")

    assert refused.status == 4
    assert "--replace" in refused.err
    assert replaced.json["values"]["city"] == "Bonn"
    assert "organization" not in replaced.json["values"]


def test_values_are_changed_added_and_taken_out_and_the_rest_of_the_file_stays(run: Run, file: Path) -> None:
    result = run("profiles", "acme", "--organization", "Acme AG", "--country", "", "--city", " Bonn ", "--tag", "a=b=c")

    assert result.status == 0
    assert file.read_text() == BY_HAND.replace("Acme GmbH", "Acme AG").replace(
        'country = "DE"\n', 'city = "Bonn"\ntags = { a = "b=c" }\n'
    )


@pytest.mark.parametrize(
    ("words", "field"),
    [(("--country", "Germany"), "country"), (("--tag", "team"), "tags"), (("--san", "a_b.c"), "sans")],
)
def test_values_that_the_rules_refuse_are_not_kept(words: tuple[str, ...], field: str, run: Run, file: Path) -> None:
    result = run("profiles", "acme", *words, "--json")

    assert (result.status, result.json["error"]["field"]) == (3, field)
    assert file.read_text() == BY_HAND


def test_the_rules_of_the_profiles_own_purpose_count(run: Run, file: Path) -> None:
    assert run("profiles", "lab", "--san", "db.local").status == 0
    assert run("profiles", "acme", "--san", "db.local").status == 3


def test_a_new_request_begins_with_the_default_profile_unless_something_else_is_named(
    run: Run, new: New, file: Path
) -> None:
    def organization(*words: str) -> str:
        return str(run("new", *words, "--json").json["organization"])

    made = new("--organization", "Other Ltd")
    assert run("profiles", "acme", "--default").status == 0

    assert organization() == "Acme GmbH"
    assert organization("--organization", "Flag Ltd") == "Flag Ltd"
    assert organization("--profile", "lab") == organization("--profile", "") == ""
    assert organization("--from", made) == "Other Ltd"
    run("profiles", "--no-default")
    assert organization() == ""
    assert file.read_text() == BY_HAND


def test_a_deleted_profile_is_no_longer_the_default(run: Run, file: Path) -> None:
    run("profiles", "acme", "--default")

    result = run("profiles", "acme", "--delete", "--json")

    assert result.json == {"name": "acme", "deleted": True}
    assert run("profiles", "--json").json == {
        "profiles": [{"name": "lab", "default": False, "values": {"purpose": "private"}}],
        "default": None,
    }
    assert run("profiles", "acme", "--delete").status == 4
    assert "# For the lab." in file.read_text()


def test_the_list_names_the_default_and_what_cannot_be_understood(run: Run, file: Path) -> None:
    file.write_text(f'default = "lab"\n{BY_HAND}[bad]\norganisation = "x"\n')

    lines = run("profiles").out.splitlines()

    assert lines[:2] == ["acme  Acme GmbH, DE", "lab   (default) private"]
    assert "organisation is not a field" in lines[2]


def test_without_profiles_it_says_how_to_save_one(run: Run) -> None:
    assert "--from ID" in run("profiles").out
    assert run("profiles", "--json").json == {"profiles": [], "default": None}


def test_one_profile_is_shown_as_the_file_has_it(run: Run, file: Path) -> None:
    run("profiles", "lab", "--default")

    assert run("profiles", "lab").out == '[lab]  # the default\npurpose = "private"\n'
    assert run("profiles", "nobody").status == 4


@pytest.mark.parametrize(
    "words",
    [
        ("--default",),
        ("--delete",),
        ("--country", "DE"),
        ("acme", "--delete", "--default"),
        ("acme", "--delete", "--country", "DE"),
        ("acme", "--no-default"),
    ],
)
def test_words_that_do_not_fit_together_are_refused(words: tuple[str, ...], run: Run, file: Path) -> None:
    assert run("profiles", *words).status == 2
    assert file.read_text() == BY_HAND


@pytest.mark.parametrize("name", ["default", " ", "x" * 41, "a\x1bb", "a\nb"])
def test_a_name_that_is_none_is_refused(name: str, run: Run, paths: Paths) -> None:
    result = run("profiles", name, "--country", "DE", "--json")

    assert (result.status, result.json["error"]["kind"]) == (3, "invalid")
    assert not paths.profiles.exists()


@pytest.mark.parametrize(
    ("content", "status"),
    [('acme = { country = "DE" }\n', 4), ('acme.country = "DE"\n', 4), ("[acme\n", 8), ("default = 1\n", 8)],
)
def test_what_is_written_in_another_way_is_left_to_its_writer(content: str, status: int, run: Run, file: Path) -> None:
    file.write_text(content)

    assert run("profiles", "acme", "--city", "Bonn").status == status
    assert file.read_text() == content


def test_a_challenge_password_that_was_written_into_the_file_is_never_shown(run: Run, file: Path) -> None:
    lines = ["OU=Ops", "challenge=s3cret", "1.2.840.113549.1.9.7=s3cret", "0.challengePassword=s3cret"]
    file.write_text(f"[acme]\nextra = {lines}\n")

    results = [run("profiles", *words) for words in ((), ("acme",), ("--json",), ("acme", "--country", "DE"))]

    assert [one.status for one in results] == [0] * 4
    assert not any("s3cret" in one.out + one.err for one in results)


def test_a_byte_order_mark_between_the_lines_is_named(run: Run, file: Path) -> None:
    file.write_text('[acme]\ncountry = "DE"\n\ufeff[lab]\n', "utf-8")

    assert "remove the invisible byte order mark U+FEFF (at line 3)" in run("profiles").err


def test_a_default_that_is_not_there_stops_a_request_that_would_begin_with_it(run: Run, file: Path) -> None:
    file.write_text(f'default = "nobody"\n{BY_HAND}')

    assert run("new").status == 8
    assert run("new", "--profile", "acme").status == 0


def test_the_file_keeps_its_mode_and_its_place_behind_a_link(run: Run, file: Path, tmp_path: Path) -> None:
    file.rename(tmp_path / "dotfiles.toml")
    (tmp_path / "dotfiles.toml").chmod(0o640)
    file.symlink_to(tmp_path / "dotfiles.toml")

    run("profiles", "acme", "--city", "Bonn")

    assert file.is_symlink()
    assert 'city = "Bonn"' in (tmp_path / "dotfiles.toml").read_text()
    assert (tmp_path / "dotfiles.toml").stat().st_mode & 0o777 == 0o640
    assert [path.name for path in file.parent.iterdir()] == ["profiles.toml"]


def test_a_new_file_is_private(run: Run, paths: Paths) -> None:
    run("profiles", "acme", "--city", "Bonn")

    assert paths.profiles.stat().st_mode & 0o777 == 0o600


def test_a_folder_that_cannot_be_written_is_said(run: Run, paths: Paths) -> None:
    paths.config.write_text("a file in its place")

    result = run("profiles", "acme", "--city", "Bonn")

    assert result.status == 8
    assert str(paths.profiles) in result.err
