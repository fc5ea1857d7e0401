"""new, edit and copy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from cli.conftest import Generated, New, Run

    from csr_tui.paths import Paths


def test_new_prints_the_id_alone(run: Run) -> None:
    result = run("new", "--domain", "www.example.com")

    assert result.status == 0
    assert len(result.out) == 11
    assert run("show", result.out.strip()).status == 0


def test_new_without_anything_is_an_empty_draft(run: Run) -> None:
    record = run("new", "--json").json

    assert (record["state"], record["domain"], record["sans"]) == ("draft", "", [])
    assert ("domain", "error") in [(one["field"], one["level"]) for one in record["findings"]]


@pytest.mark.parametrize(
    ("flag", "text", "field"),
    [
        ("--domain", "https://www.example.com/", "domain"),
        ("--domain", "a_b.example.com", "domain"),
        ("--organization", "x" * 65, "organization"),
        ("--organization", "n/a", "organization"),
        ("--department", "-", "department"),
        ("--email", "nobody", "email"),
        ("--province", "x" * 129, "province"),
        ("--city", "?", "city"),
        ("--country", "UK", "country"),
        ("--san", "foo.*.com", "sans"),
        ("--san", "db.local", "sans"),
        ("--algorithm", "DSA", "algorithm"),
        ("--algorithm", "ED25519", "algorithm"),
        ("--key-parameter", "1024", "key_parameter"),
        ("--remark", "x" * 257, "remark"),
        ("--tag", "no-equals-sign", "tags"),
        ("--tag", "=value", "tags"),
    ],
)
def test_an_error_in_a_named_field_is_refused_and_nothing_is_stored(flag: str, text: str, field: str, run: Run) -> None:
    result = run("new", flag, text, "--json")

    assert result.status == 3
    assert result.json["error"]["field"] == field
    assert run("list", "--json").json["total"] == 0


def test_size_and_algorithm_that_do_not_fit_are_refused(run: Run) -> None:
    assert run("new", "--algorithm", "ECC", "--key-parameter", "2048").status == 3


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (("--algorithm", "ECC"), ("ECC", "prime256v1")),
        (("--algorithm", "RSA"), ("RSA", "2048")),
        (("--key-parameter", "secp384r1"), ("ECC", "secp384r1")),
        (("--key-parameter", "4096"), ("RSA", "4096")),
        (("--key-parameter", "ed25519", "--purpose", "private"), ("ED25519", "ed25519")),
    ],
)
def test_of_algorithm_and_size_the_other_follows(words: tuple[str, ...], kind: tuple[str, str], run: Run) -> None:
    record = run("new", *words, "--json").json

    assert (record["algorithm"], record["key_parameter"]) == kind


def test_a_private_ca_takes_internal_names_departments_and_ed25519(run: Run) -> None:
    words = ("--purpose", "private", "--domain", "db.local", "--san", "10.0.0.5", "--department", "IT")

    assert run("new", *words, "--algorithm", "ED25519").status == 0


def test_blanks_are_removed_and_that_is_said(run: Run) -> None:
    result = run("new", "--organization", "  Example Ltd ", "--json")

    assert result.json["organization"] == "Example Ltd"
    assert {"field": "organization", "level": "hint", "message": "Spaces around it were removed."}.items() <= (
        next(one for one in result.json["findings"] if one["field"] == "organization").items()
    )
    assert "hint: Organization: Spaces around it were removed." in result.err


def test_names_are_kept_as_a_labels_once_each_with_the_domain_first(run: Run) -> None:
    result = run("new", "--domain", "Bücher.example", "--san", "a.example.com, b.example.com", "--san", "A.example.com",
                 "--san", "bücher.example", "--json", "--purpose", "private")  # fmt: skip

    assert result.json["sans"] == ["xn--bcher-kva.example", "a.example.com", "b.example.com"]
    assert "duplicate" in result.err


def test_cross_field_findings_are_reported_and_not_refused(run: Run) -> None:
    result = run("new", "--domain", "www.example.com", "--organization", "Example Ltd")

    assert result.status == 0
    assert "warning: Country:" in result.err


def test_edit_changes_what_is_named_and_nothing_else(run: Run, new: New) -> None:
    made = new("--organization", "Example Ltd", "--country", "DE")

    record = run("edit", made, "--city", "Bonn", "--json").json

    assert (record["city"], record["organization"], record["revision"]) == ("Bonn", "Example Ltd", 2)


def test_edit_replaces_names_and_tags_and_empty_texts_remove_them(run: Run, new: New) -> None:
    made = new("--san", "a.example.com", "--tag", "team=web")

    record = run("edit", made, "--san", "b.example.com", "--tag", "", "--json").json

    assert (record["sans"], record["tags"]) == (["www.example.com", "b.example.com"], {})


def test_edit_may_empty_the_domain_which_is_then_missing(run: Run, new: New) -> None:
    result = run("edit", new(), "--domain", "", "--json")

    assert (result.status, result.json["domain"]) == (0, "")


def test_an_edit_that_is_refused_changes_nothing(run: Run, new: New) -> None:
    made = new()

    result = run("edit", made, "--city", "Bonn", "--country", "Germany")

    assert result.status == 3
    assert "DE" in result.err
    assert run("show", made, "--json").json["revision"] == 1


def test_edit_is_not_stopped_by_errors_that_were_there_before(run: Run, new: New) -> None:
    made = new("--purpose", "private", domain="db.local")
    run("edit", made, "--purpose", "public")

    assert run("edit", made, "--city", "Bonn").status == 0


def test_edit_without_a_field_is_a_usage_error(run: Run, new: New) -> None:
    assert run("edit", new()).status == 2


def test_of_a_generated_record_only_remark_and_tags_change(run: Run, generated: Generated) -> None:
    made = generated()

    refused = run("edit", made, "--city", "Bonn", "--json")
    kept = run("edit", made, "--remark", "ours", "--tag", "team=web", "--json")

    assert (refused.status, refused.json["error"]["kind"]) == (4, "state")
    assert f"csr-tui copy {made}" in refused.err
    assert (kept.status, kept.json["remark"], kept.json["tags"]) == (0, "ours", {"team": "web"})


def test_copy_asks_for_the_same_under_a_new_id(run: Run, generated: Generated) -> None:
    made = generated()

    result = run("copy", made)

    first, second = (run("show", one, "--json").json for one in (made, result.out.strip()))
    assert (second["state"], second["has_key"], second["csr"]) == ("draft", False, None)
    assert (first["sans"], first["algorithm"]) == (second["sans"], second["algorithm"])
    assert first["id"] != second["id"]


def test_any_unique_beginning_names_a_record(run: Run, new: New) -> None:
    made = new()

    assert run("show", made[:1].upper(), "--json").json["id"] == made


def test_a_beginning_of_several_ids_is_ambiguous_even_when_one_is_in_the_trash(run: Run, new: New) -> None:
    first_letters = "0123456789abcdefghjkmnpqrstvwxyz"
    made = [new() for _ in range(len(first_letters) * 2 + 1)]
    letter = next(one for one in first_letters if sum(id_.startswith(one) for id_ in made) >= 3)
    several = [id_ for id_ in made if id_.startswith(letter)]
    run("delete", several[0], "--yes")

    result = run("edit", letter, "--city", "Bonn", "--json")

    assert (result.status, result.json["error"]["kind"]) == (4, "not_found")
    assert "more than one record" in result.err


PROFILES = """
[acme]
organization = "Acme GmbH"
country = "DE"
algorithm = "ECC"
sans = ["static.example.com"]
tags = { team = "web" }

[bad]
organisation = "Acme"

[worse]
country = 49
"""


@pytest.fixture
def profiles(paths: Paths) -> Path:
    paths.config.mkdir()
    paths.profiles.write_text(PROFILES)
    return paths.profiles


def test_a_profile_gives_values_that_flags_replace(run: Run, profiles: Path) -> None:
    record = run("new", "--profile", "acme", "--domain", "www.example.com", "--country", "AT", "--json").json

    assert (record["organization"], record["country"], record["key_parameter"]) == ("Acme GmbH", "AT", "prime256v1")
    assert (record["sans"], record["tags"]) == (["www.example.com", "static.example.com"], {"team": "web"})


def test_an_unknown_profile_names_those_there_are(run: Run, profiles: Path) -> None:
    result = run("new", "--profile", "nobody", "--json")

    assert (result.status, result.json["error"]["kind"]) == (4, "not_found")
    assert "acme, bad, worse" in result.err


def test_without_a_file_there_is_no_profile(run: Run) -> None:
    assert run("new", "--profile", "acme").status == 4


@pytest.mark.parametrize(
    ("name", "said"), [("bad", "organisation is not a field"), ("worse", "country is a text")], ids=["field", "type"]
)
def test_a_profile_that_cannot_be_understood_says_where(name: str, said: str, run: Run, profiles: Path) -> None:
    result = run("new", "--profile", name)

    assert result.status == 8
    assert said in result.err


@pytest.mark.parametrize(
    "content",
    [b"[acme\n", b"\xff\xff", b"acme = 1", b"acme = " + b"[" * 100_000, b'[acme]\nremark = "' + b"x" * 10_000_000],
    ids=["broken", "no UTF-8", "no table", "deep", "10 MB"],
)
def test_broken_profiles_are_a_file_error(content: bytes, run: Run, paths: Paths) -> None:
    paths.config.mkdir()
    paths.profiles.write_bytes(content)

    result = run("new", "--profile", "acme", "--json")

    assert (result.status, result.json["error"]["kind"]) == (8, "file")
    assert run("list", "--json").json["total"] == 0


@pytest.mark.parametrize("source", ["flag", "TOML", "profile", "table", "CSR"])
def test_a_text_that_only_looks_right_is_a_hint_wherever_it_comes_from(
    source: str, run: Run, paths: Paths, tmp_path: Path
) -> None:
    typed, file = "Example\u00a0Ltd", tmp_path / "file"
    words: tuple[str, ...] = ("new", "--domain", "www.example.com", "--purpose", "private")
    match source:
        case "flag":
            words += ("--organization", typed)
        case "TOML":
            file.write_text(f'organization = "{typed}"\n')
            words += ("--from", str(file))
        case "profile":
            run("profiles", "acme", "--organization", typed)
            words += ("--profile", "acme")
        case "table":
            file.write_text(f"Domain,Organization,Country\nwww.example.com,{typed},DE\n")
            words = ("apply", str(file))
        case "CSR":
            made = run("new", "--domain", "www.example.com", "--organization", typed).out.strip()
            run("generate", made, "--no-password", "--protect", "unprotected")
            file.write_text(run("show", made, "--csr").out)
            words += ("--from", str(file))

    result = run(*words)

    assert result.status == 0
    assert 'hint: Organization: It has an unusual space (U+00A0). Write "Example Ltd" instead.' in result.err


def test_a_draft_without_a_domain_is_stored_without_calling_that_an_error(run: Run) -> None:
    result = run("new")

    assert result.status == 0
    assert result.err == "hint: Domain: The draft has no domain yet. Add one before you generate its key and CSR.\n"
    assert run("new", "--json").json["findings"][0]["level"] == "error"
