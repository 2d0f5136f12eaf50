"""Whether what a power cut left is what was promised. One ledger for each card: it is cut again and again, and nothing that was once found may go."""

from dataclasses import dataclass, field

from readings import value

FAULTS_TOLD = 5  # of each kind


@dataclass
class Verdict:
    faults: list = field(default_factory=list)
    answered: int = 0  # readings of this life
    forgiven: int = 0  # of them, gone within the sync period
    oldest_forgiven_s: float = 0.0
    half_posts: int = 0  # of which a part is there: allowed of what was not answered, or is forgiven

    def fault(self, kind, where, numbers):
        if numbers:
            told = ", ".join(str(number) for number in sorted(numbers)[:FAULTS_TOLD])
            self.faults.append(f"{kind}: {len(numbers)} readings of sensor {where}, first {told}")


class Ledger:
    """What must be on one card."""

    def __init__(self, load, forgiven_s):
        """forgiven_s: the sync period and the sync itself; None where every answered reading must be there."""
        self._load, self._forgiven_s = load, forgiven_s
        self._kept = {(writer, place): set() for writer in range(load.writers) for place in range(load.sensors)}

    def judge(self, lives, cut_at, found):
        """lives: of each writer, since the cut before; cut_at: when the power went; found: what `stored` gave afterwards."""
        verdict = Verdict()
        for writer, life in enumerate(lives):
            ages = {number: cut_at - when for number, when in life.answered}
            there = []
            for place in range(self._load.sensors):
                present = found.get((writer, place), {})
                self._judge_series(verdict, (writer, place), life, ages, present)
                there.append({number for number in present if life.first <= number < life.next})
            verdict.half_posts += len(set.union(*there) - set.intersection(*there))
        for series in found.keys() - self._kept.keys():
            verdict.fault("of no writer", series, set(found[series]))
        return verdict

    def _judge_series(self, verdict, series, life, ages, present):
        kept, sent = self._kept[series], range(life.first, life.next)
        numbers = set(present)
        missing = ages.keys() - numbers
        forgiven = set() if self._forgiven_s is None else {number for number in missing if ages[number] <= self._forgiven_s}
        verdict.answered += len(ages)
        verdict.forgiven += len(forgiven)
        verdict.oldest_forgiven_s = max([verdict.oldest_forgiven_s, *(ages[number] for number in forgiven)])
        verdict.fault("answered, but lost", series, missing - forgiven)
        verdict.fault("found after an earlier cut, and now lost", series, kept - numbers)
        verdict.fault("never sent, or lost before", series, {number for number in numbers - kept if number not in sent})
        verdict.fault("another value than was sent", series, {number for number, what in present.items() if what != value(series[1], number)})
        new = {number for number in numbers if number in sent}
        gaps = set(range(life.first, max(new, default=life.first))) - new
        verdict.fault("lost although later ones are there", series, gaps - (missing - forgiven))
        kept |= new
