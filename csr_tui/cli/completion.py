"""The command that prints a completion script for a shell: completion."""

from __future__ import annotations

import argparse
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module

from csr_tui.cli.command import Command, Parser, Reply, parser_of
from csr_tui.cli.context import Context

RECORDS = {"generate": "--state draft", "restore": "--trash"}
"""Command -> which records its ID can be, as flags of list; of all others, those on the desk."""

NEWEST = 100
"""Ids that are offered: no more than fit a screen or two."""


@dataclass(frozen=True, slots=True)
class Value:
    """What stands in a place: one of `choices`, or a "file", a "folder", a record's "id", or any text."""

    kind: str = "text"
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Flag:
    """One option: its spellings, its help, its value where it takes one, and whether it can be given again."""

    flags: tuple[str, ...]
    about: str
    value: Value | None
    again: bool


@dataclass(frozen=True, slots=True)
class Shape:
    """A command as its parser has it; `places` are what can stand among its positional arguments."""

    name: str
    about: str
    options: tuple[Flag, ...]
    places: tuple[Value, ...]


def shapes() -> tuple[Shape, ...]:
    """Every command, read off the very parsers that will judge what is completed."""
    from csr_tui.cli.commands import GROUPS

    return tuple(
        _shape(name, about, parser_of(name, import_module(f"csr_tui.cli.{module}").COMMANDS[name]))
        for group in GROUPS.values()
        for name, (module, about) in group.items()
    )


def _shape(name: str, about: str, parser: Parser) -> Shape:
    actions = [action for action in parser.actions if action.help is not argparse.SUPPRESS]
    return Shape(
        name,
        about,
        tuple(
            Flag(
                tuple(action.option_strings),
                (action.help or "").partition(";")[0].partition(" (")[0].strip(),
                None if action.nargs == 0 else _value(action),
                type(action).__name__ == "_AppendAction",
            )
            for action in actions
            if action.option_strings
        ),
        tuple(_value(action) for action in actions if not action.option_strings),
    )


def _value(action: argparse.Action) -> Value:
    if action.choices is not None:
        return Value(choices=tuple(str(choice) for choice in action.choices))
    words = str(action.metavar or "")
    if "FILE" in words:
        return Value("file or id" if "ID" in words else "file")
    return Value({"DIR": "folder", "ID": "id"}.get(words, "text"))


def bash(commands: tuple[Shape, ...]) -> str:
    """A script for bash 3.2 and later.

    bash puts what is offered on the line as it is, and `compgen -W` runs the commands in it: so no id is offered but
    one of our alphabet, and words are compared here.
    """
    values, flags, places = [], [], []
    for one in commands:
        for option in one.options:
            if option.value is not None:
                words = "|".join(f'"{one.name} {flag}"' for flag in option.flags)
                values.append(f"        {words}) {_bash_value(one, option.value)}; return ;;")
        names = " ".join(flag for option in one.options for flag in option.flags)
        flags.append(f"        {one.name}\\ -*) _csr_tui_words {names}; return ;;")
        if one.places:
            lines = "; ".join(dict.fromkeys(_bash_value(one, place) for place in one.places))
            places.append(f"        {one.name}) {lines} ;;")
    names = " ".join(one.name for one in commands)
    return "\n".join(
        (
            "# bash completion for csr-tui, from: csr-tui completion bash",
            "_csr_tui_words() {",
            "    local word",
            '    for word in "$@"; do if [[ "$word" == "$cur"* ]]; then COMPREPLY+=("$word"); fi; done',
            "}",
            "_csr_tui_paths() {",
            "    local line form=%s",
            "    compopt -o filenames 2>/dev/null || form=%q",
            "    while IFS= read -r line; do",
            '        COMPREPLY+=("$(printf "$form" "$line")")',
            '    done < <(compgen "$1" -- "$cur")',
            "}",
            "_csr_tui_ids() {",
            "    local id",
            "    while read -r id _; do",
            '        if [[ "$id" && "$id" != ID && "$id" != *[^0-9a-z]* ]]; then _csr_tui_words "$id"; fi',
            f'    done < <("$program" list --limit {NEWEST} "$@" 2>/dev/null)',
            "}",
            "_csr_tui() {",
            '    local program="${COMP_WORDS[0]}" command="${COMP_WORDS[1]}"',
            '    local cur="${COMP_WORDS[COMP_CWORD]}"',
            "    COMPREPLY=()",
            f"    if ((COMP_CWORD == 1)); then _csr_tui_words {names} --help --version --json; return; fi",
            '    case "$command ${COMP_WORDS[COMP_CWORD-1]}" in',
            *values,
            "    esac",
            '    case "$command $cur" in',
            *flags,
            "    esac",
            '    case "$command" in',
            *places,
            "    esac",
            "}",
            "complete -F _csr_tui csr-tui",
            "",
        )
    )


def _bash_value(command: Shape, value: Value) -> str:
    if value.choices:
        return f"_csr_tui_words {' '.join(value.choices)}"
    ids = f"_csr_tui_ids {RECORDS.get(command.name, '')}".rstrip()
    return {
        "file": "_csr_tui_paths -f",
        "folder": "_csr_tui_paths -d",
        "id": ids,
        "file or id": f"{ids}; _csr_tui_paths -f",
    }.get(value.kind, ":")


def zsh(commands: tuple[Shape, ...]) -> str:
    """A script for zsh's own completion system."""
    cases = []
    for one in commands:
        specs = []
        for option in one.options:
            about = _zsh_text(option.about)
            value = "" if option.value is None else f":value:{_zsh_value(one, option.value)}"
            star = "*" if option.again else ""
            specs += [f"'{star}{flag}[{about}]{value}'" for flag in option.flags]
        specs += [f"'*:argument:{_zsh_value(one, place)}'" for place in one.places[:1]]
        cases.append(f"        {one.name}) _arguments -s {' '.join(specs)} ;;")
    names = " ".join(f"'{one.name}:{_zsh_text(one.about)}'" for one in commands)
    return "\n".join(
        (
            "#compdef csr-tui",
            "# zsh completion for csr-tui, from: csr-tui completion zsh",
            "_csr_tui_ids() {",
            "    local -a found",
            f'    found=(${{(f)"$("$program" list --limit {NEWEST} ${{=1}} 2>/dev/null | '
            'awk \'NR > 1 && $1 ~ /^[0-9a-z]+$/ {print $1 ":" $NF}\')"})',
            "    _describe record found",
            "}",
            '_csr_tui_files_or_ids() { _csr_tui_ids "$1"; _files }',
            "_csr-tui() {",
            "    local program=$words[1]",
            f"    local -a commands=({names})",
            "    if (( CURRENT == 2 )); then _describe command commands; return; fi",
            "    shift words; (( CURRENT-- ))",
            "    case $words[1] in",
            *cases,
            "    esac",
            "}",
            'if [[ "$funcstack[1]" == "_csr-tui" ]]; then _csr-tui "$@"; else compdef _csr-tui csr-tui; fi',
            "",
        )
    )


def _zsh_text(text: str) -> str:
    """Within single quotes, where brackets and colons mean something."""
    return "".join(f"\\{char}" if char in "[]:\\" else char for char in text).replace("'", "'\\''")


def _zsh_value(command: Shape, value: Value) -> str:
    if value.choices:
        return f"({' '.join(value.choices)})"
    ids = RECORDS.get(command.name, "")
    return {
        "file": "_files",
        "folder": "_files -/",
        "id": f'{{_csr_tui_ids "{ids}"}}',
        "file or id": f'{{_csr_tui_files_or_ids "{ids}"}}',
    }.get(value.kind, " ")


def fish(commands: tuple[Shape, ...]) -> str:
    """A script for fish 3 and later."""
    return "\n".join(_fish_lines(commands)) + "\n"


def _fish_lines(commands: tuple[Shape, ...]) -> Iterator[str]:
    yield "# fish completion for csr-tui, from: csr-tui completion fish"
    yield "function __csr_tui_ids"
    yield (
        f"    csr-tui list --limit {NEWEST} $argv 2>/dev/null | tail -n +2 | "
        "string replace -rf '^([0-9a-z]+) .*?(\\S+)$' '$1\\t$2'"
    )
    yield "end"
    yield "complete -c csr-tui -f"
    for one in commands:
        yield f"complete -c csr-tui -n __fish_use_subcommand -a {one.name} -d {_fish_text(one.about)}"
    for one in commands:
        here = f"complete -c csr-tui -n '__fish_seen_subcommand_from {one.name}'"
        for option in one.options:
            flags = " ".join(f"-l {flag[2:]}" if flag.startswith("--") else f"-s {flag[1:]}" for flag in option.flags)
            value = "" if option.value is None else f" {_fish_value(one, option.value, needed='-x', files='-rF')}"
            yield f"{here} {flags} -d {_fish_text(option.about)}{value}"
        for place in one.places:
            if wanted := _fish_value(one, place, needed="", files="-F"):
                yield f"{here} {wanted}"


def _fish_text(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _fish_value(command: Shape, value: Value, *, needed: str, files: str) -> str:
    ids = f"-a '(__csr_tui_ids {RECORDS.get(command.name, '')})'"
    if value.choices:
        return f"{needed} -a '{' '.join(value.choices)}'".strip()
    return {
        "file": files,
        "folder": f"{needed} -a '(__fish_complete_directories)'".strip(),
        "id": f"{needed} {ids}".strip(),
        "file or id": f"{files} {ids}",
    }.get(value.kind, needed)


SHELLS = {"bash": bash, "zsh": zsh, "fish": fish}


def _arguments(parser: Parser) -> None:
    parser.add_argument("shell", choices=list(SHELLS), help="the shell that loads the script")


def _completion(arguments: Namespace, context: Context) -> Reply:
    del context
    script = SHELLS[arguments.shell](shapes())
    return Reply(lambda: {"shell": arguments.shell, "script": script}, script)


COMMANDS = {
    "completion": Command(
        _arguments,
        _completion,
        "Print a script that makes a shell complete csr-tui's commands, options, values,\n"
        "files, folders, and the ids of the 100 newest records.\n"
        'With --json: {"shell", "script"}.',
        "examples:\n"
        '  eval "$(csr-tui completion bash)"       in ~/.bashrc\n'
        '  eval "$(csr-tui completion zsh)"        in ~/.zshrc, after compinit\n'
        "  csr-tui completion fish | source        in ~/.config/fish/config.fish",
    )
}
