"""Planted one-digit errors (植入错误): how much of what can go wrong in a report check-report sees.

For every .txt and .docx of a folder: the numbers by class and the claims by verdict; each claim called `wrong` on the
text as it is, with its sentence (each is to be looked at: real reports do contain errors, anything else is a false
alarm); the numbers that were not understood. Then one digit of one number at a time is changed, the report examined
again, and what happened is counted:

    wrong      a claim is now called wrong that was not
    doubt      a claim that held is now partial or unverifiable, or is not made any more
    unseen     nothing changed in the verdicts

separately for numbers that stood in a claim that held (exact or within rounding, as the stated number or as an
operand) and for all others.

Run from the repository: python tests/acceptance/planted_errors.py FOLDER [N] [SEED] [--quiet]
N numbers of each text are changed (all if it is 0; 60 unless told), by a fixed seed; --quiet prints no sentences.
"""

from __future__ import annotations

import random
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT)]

from jixiao_xl.files.report_reader import read_report  # noqa: E402
from jixiao_xl.model.claims import Claim, Number  # noqa: E402
from jixiao_xl.model.passages import Passage, Span  # noqa: E402
from jixiao_xl.stages.check_report.engine import examine  # noqa: E402
from jixiao_xl.workspace import load_mapping, package_mappings  # noqa: E402

MAPPING = load_mapping(package_mappings() / "2025", 2025)
HOLDS = ("exact", "within_rounding")
VERDICTS = ("exact", "within_rounding", "partial", "unverifiable", "wrong")
CLASSES = ("in_claims", "context", "stated", "unparsed")
DIGITS = "0123456789０１２３４５６７８９"
Place = tuple[str, Span]
Identity = tuple[str, str, Span]
Result = tuple[tuple[Claim, ...], tuple[Number, ...]]


def look(passages: Sequence[Passage]) -> Result:
    """Claims and numbers of a report."""
    return examine(passages, MAPPING.reading, MAPPING.report)


def identity(claim: Claim) -> Identity:
    """What makes a claim the same one before and after."""
    return claim.kind, claim.place, claim.span


def places_of(claims: Iterable[Claim]) -> set[Place]:
    """Where the numbers of claims stand."""
    found: set[Place] = set()
    for claim in claims:
        found.add((claim.place, claim.span))
        found.update((operand.place, operand.span) for operand in claim.operands)
    return found


def with_one_digit_changed(text: str, span: Span, chance: random.Random) -> str | None:
    """The text with one digit of the number changed, its first one not into 0; None where it has no digit."""
    at = [place for place in range(*span) if text[place] in DIGITS]
    if not at:
        return None
    place = chance.choice(at)
    row = DIGITS[10:] if text[place] in DIGITS[10:] else DIGITS[:10]
    choices = [digit for digit in row if digit != text[place] and not (place == at[0] and digit in "0０")]
    return text[:place] + chance.choice(choices) + text[place + 1 :]


def outcome(before: Result, after: Result) -> str:
    """Wrong | doubt | unseen."""
    verdicts = {identity(claim): claim.verdict for claim in before[0]}
    now = {identity(claim): claim.verdict for claim in after[0]}
    if any(verdict == "wrong" and verdicts.get(key) != "wrong" for key, verdict in now.items()):
        return "wrong"
    if any(verdict in HOLDS and now.get(key) not in HOLDS for key, verdict in verdicts.items()):
        return "doubt"
    return "unseen"


def planted(passages: list[Passage], before: Result, how_many: int, seed: int) -> Counter[tuple[str, str]]:
    """How often which outcome, for numbers in claims that held and for others."""
    chance = random.Random(seed)
    held = places_of(claim for claim in before[0] if claim.verdict in HOLDS)
    at = {passage.place: number for number, passage in enumerate(passages)}
    numbers = [number for number in before[1] if number.kind != "context"]
    if how_many and len(numbers) > how_many:
        numbers = chance.sample(numbers, how_many)
    counts: Counter[tuple[str, str]] = Counter()
    for number in numbers:
        index = at[number.place]
        text = with_one_digit_changed(passages[index].text, number.span, chance)
        if text is None:
            continue
        changed = [*passages[:index], replace(passages[index], text=text), *passages[index + 1 :]]
        group = "held" if (number.place, number.span) in held else "other"
        counts[group, outcome(before, look(changed))] += 1
    return counts


def sentences(name: str, passages: list[Passage], result: Result) -> None:
    """Print what is to be looked at."""
    texts = {passage.place: passage.text for passage in passages}
    for claim in result[0]:
        if claim.verdict == "wrong":
            start, end = claim.span
            around = texts[claim.place][max(0, start - 70) : end + 20].replace("\n", " ")
            operands = " ".join(f"{operand.text}@{operand.place}" for operand in claim.operands)
            print(
                f"  wrong {name} {claim.place} {claim.kind}: {claim.stated} not {claim.recomputed} [{operands}] {around}"
            )
    for number in result[1]:
        if number.kind == "unparsed":
            start, end = number.span
            around = texts[number.place][max(0, start - 20) : end + 15].replace("\n", " ")
            print(f"  unparsed {name} {number.place} «{number.text}» {around}")


def row(name: str, cells: Iterable[object]) -> None:
    """Print one line of the table."""
    print(f"{name[:24]:24}" + "".join(f"{cell!s:>9}" for cell in cells))


def main(arguments: list[str]) -> None:
    """Print the table of a folder."""
    quiet = "--quiet" in arguments
    folder, *numbers = [argument for argument in arguments if not argument.startswith("--")]
    how_many, seed = (*map(int, numbers), *(60, 1)[len(numbers) :])
    classes: Counter[str] = Counter()
    verdicts: Counter[str] = Counter()
    fates: Counter[tuple[str, str]] = Counter()
    started = time.monotonic()
    row("", ["numbers", *CLASSES, *(verdict[:8] for verdict in VERDICTS), "p.wrong", "p.doubt", "p.unseen"])
    for path in sorted(path for path in Path(folder).iterdir() if path.suffix in {".txt", ".docx"}):
        passages = read_report(path.name, path.read_bytes())
        before = look(passages)
        kinds = Counter(number.kind for number in before[1])
        said = Counter(claim.verdict for claim in before[0])
        fate = planted(passages, before, how_many, seed)
        spread = [sum(fate[group, name] for group in ("held", "other")) for name in ("wrong", "doubt", "unseen")]
        row(path.name, [kinds.total(), *(kinds[one] for one in CLASSES), *(said[one] for one in VERDICTS), *spread])
        if not quiet:
            sentences(path.name, passages, before)
        classes.update(kinds)
        verdicts.update(said)
        fates.update(fate)
    row("all", [classes.total(), *(classes[one] for one in CLASSES), *(verdicts[one] for one in VERDICTS)])
    print(f"unparsed: {classes['unparsed'] / max(1, classes.total()):.1%} of all numbers")
    for group in ("held", "other"):
        total = sum(fates[group, name] for name in ("wrong", "doubt", "unseen"))
        shares = "  ".join(
            f"{name} {fates[group, name]} ({fates[group, name] / max(1, total):.0%})"
            for name in ("wrong", "doubt", "unseen")
        )
        print(
            f"planted in numbers of claims that {'held' if group == 'held' else 'did not hold, or of none'}: {total}  {shares}"
        )
    print(f"{time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main(sys.argv[1:])
