"""The commands of fuzzing, run in the repository: ``python -m tests.fuzz all|files|texts|replay|list``."""

import argparse
import json
import sys
import time
from pathlib import Path

from .target import Target
from .workers import replay, run_target


def main() -> int:
    """Run a campaign; the exit code is 1 when something was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("files", "texts", "all"):
        command = commands.add_parser(name)
        command.add_argument("--minutes", type=float, default=10.0, help="time by the clock of a campaign")
        command.add_argument("--count", type=int, default=None, help="most inputs of each target")
        command.add_argument("--first", type=int, default=0, help="number of the first input")
        command.add_argument("--seed", type=int, default=1)
        command.add_argument("--only", default="", help="parts of names of targets, with commas")
        command.add_argument("--findings", type=Path, default=Path("runs/fuzz"), help="folder for findings")
    commands.add_parser("list")
    commands.add_parser("replay").add_argument("finding", type=Path, help="folder of a finding")
    arguments = parser.parse_args()
    if arguments.command == "list":
        print("\n".join(target.name for name in ("files", "texts") for target in _targets(name)))
        return 0
    if arguments.command == "replay":
        record = json.loads((arguments.finding / "finding.json").read_text(encoding="utf-8"))
        [target] = [t for name in ("files", "texts") for t in _targets(name) if t.name == record["target"]]
        print("read" if replay(target, arguments.finding) else "refused, in one line")
        return 0
    campaigns = ("texts", "files") if arguments.command == "all" else (arguments.command,)
    return int(sum(_campaign(name, arguments) for name in campaigns) > 0)


def _targets(campaign: str) -> list[Target]:
    if campaign == "texts":
        from .texts import texts

        return texts()
    from .loaders import loaders
    from .readers import readers

    return [*readers(), *loaders()]


def _campaign(campaign: str, arguments: argparse.Namespace) -> int:
    """Try all targets of a campaign, and return how much was found."""
    wanted = arguments.only.split(",")
    targets = [t for t in _targets(campaign) if any(part in t.name for part in wanted)]
    began = time.monotonic()
    ends = began + 60 * arguments.minutes
    found = 0
    for index, target in enumerate(targets):
        share = (ends - time.monotonic()) / (len(targets) - index)  # what others leave over is shared
        last = sys.maxsize if arguments.count is None else arguments.first + arguments.count
        tally, used = run_target(
            target, arguments.seed, arguments.first, last, arguments.findings, max(share, 1.0)
        )
        number, read, refused, findings, cases = tally.get()
        found += findings
        print(
            f"{target.name}: {number - arguments.first} inputs, {cases} cases, {read} read, {refused} "
            f"refused, {findings} findings, {used:.1f} s",
            flush=True,
        )
    minutes = (time.monotonic() - began) / 60
    print(
        f"{campaign}: {len(targets)} targets, seed {arguments.seed}, {minutes:.1f} minutes, {found} findings"
    )
    return found


if __name__ == "__main__":
    sys.exit(main())
