"""Holds templates to the judgement of others: cfn-lint, cloudformation-validate and checkov.

Usage: judges.py SUPPRESSIONS TEMPLATE...   (run by the Python that has them installed)

Prints every finding that the list of suppressions does not name, and every suppression that nothing
matches; either fails.
"""

import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Iterator, NamedTuple

import cloudformation_validate


class Finding(NamedTuple):
    judge: str
    rule: str
    resource_type: str
    where: str
    message: str


def cfn_lint(templates: list[str]) -> Iterator[Finding]:
    program = Path(sys.executable).parent / "cfn-lint"
    options = ["--format", "json", "--include-checks", "I", "--", *templates]
    answer = subprocess.run([program, *options], capture_output=True, text=True, check=False)
    if answer.stderr:
        raise SystemExit(f"cfn-lint: {answer.stderr}")
    for it in json.loads(answer.stdout or "[]"):
        where = f"{it['Filename']}:{it['Location']['Start']['LineNumber']}"
        path = it["Location"].get("Path") or []
        yield Finding("cfn-lint", it["Rule"]["Id"], type_at(it["Filename"], path), where, it["Message"])


def type_at(template: str, path: list) -> str:
    if len(path) < 2 or path[0] != "Resources":
        return ""
    return json.loads(Path(template).read_text())["Resources"][path[1]]["Type"]


def validate(templates: list[str]) -> Iterator[Finding]:
    engine = cloudformation_validate.RegoEngine()
    for template in templates:
        for it in engine.validate_template(template).diagnostics:
            resource_type = (it.entity and it.entity.resource_type) or ""
            where = f"{template}:{it.start_line}"
            yield Finding("cloudformation-validate", it.rule_id, resource_type, where, it.message)


def checkov(templates: list[str]) -> Iterator[Finding]:
    program = Path(sys.executable).parent / "checkov"
    options = ["--framework", "cloudformation", "--skip-download", "--output", "json", "--quiet"]
    files = [part for template in templates for part in ("--file", template)]
    answer = subprocess.run([sys.executable, program, *options, *files], capture_output=True, text=True, check=False)
    report = json.loads(answer.stdout)
    if not isinstance(report, dict) or "results" not in report or report["results"].get("parsing_errors"):
        raise SystemExit(f"checkov: {answer.stdout}{answer.stderr}")
    for it in report["results"]["failed_checks"]:
        resource_type = it["resource"].rsplit(".", 1)[0]
        where = f"{it['file_path'].lstrip('/')}:{it['file_line_range'][0]}"
        yield Finding("checkov", it["check_id"], resource_type, where, it["check_name"])


def main(suppressions: str, templates: list[str]) -> int:
    listed = tomllib.loads(Path(suppressions).read_text())["suppression"]
    used = set()
    failed = False
    counts = {}
    for judge in (cfn_lint, validate, checkov):
        for found in judge(templates):
            matching = [number for number, it in enumerate(listed) if covers(it, found)]
            used.update(matching)
            counts[found.judge] = counts.get(found.judge, 0) + 1
            if not matching:
                failed = True
                print(f"{found.where}: {found.judge} {found.rule} {found.resource_type}: {found.message}")
    for number, it in enumerate(listed):
        if number not in used:
            failed = True
            print(f"{suppressions}: {it['judge']} {it['rule']}: nothing matches this entry, remove it")
    if not failed:
        suppressed = ", ".join(f"{count} of {judge}" for judge, count in sorted(counts.items())) or "none"
        print(f"{len(templates)} templates, no finding; suppressed with reasons: {suppressed}")
    return int(failed)


def covers(suppression: dict, found: Finding) -> bool:
    if not suppression["reason"].strip():
        return False
    types = suppression.get("resources")
    same = (suppression["judge"], suppression["rule"]) == (found.judge, found.rule)
    return same and (types is None or found.resource_type in types)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
