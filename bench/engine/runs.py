"""What one configuration of one program did with one input: the measurements, as they are kept in bench/results/engine.json."""

import statistics
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True)
class Configuration:
    program: str
    threads: int = 1
    field: int = 2

    @property
    def label(self):
        return self.program + (f", Z/{self.field}" if self.field != 2 else "") + (f", {self.threads} threads" if self.threads > 1 else "")


OURS = Configuration("tda")


@dataclass
class Sample:
    """turn; seconds and bytes of the computation alone; `process_…`: of the whole process, interpreter and conversions too."""

    turn: int
    cpu: float
    walls: list
    growth: float
    peak: float
    process_cpu: float
    process_wall: float


@dataclass
class Runs:
    program: str
    threads: int
    field: int
    samples: list = field(default_factory=list)
    failure: str | None = None  # "time", "memory", "failed", "not run", or why it cannot express the question
    limit: float = 0.0  # CPU seconds after which it was stopped, if failure is "time"
    disagreement: str | None = None

    @property
    def finished(self):
        return bool(self.samples) and self.failure is None

    def median(self, quantity):
        """quantity: a name of Sample, or "wall"."""
        take = (lambda s: statistics.median(s.walls)) if quantity == "wall" else (lambda s: getattr(s, quantity))
        return statistics.median(take(s) for s in self.samples) if self.samples else None

    @property
    def walls(self):
        return [wall for sample in self.samples for wall in sample.walls]


@dataclass
class Row:
    """One workload and what every configuration did with it."""

    name: str
    title: str
    group: str
    goal: float
    points: int
    runs: dict = field(default_factory=dict)  # by label

    @property
    def ours(self):
        return self.runs[OURS.label]

    def peers(self, threads=1):
        """Runs of programs other than ours over Z/2."""
        return [r for r in self.runs.values() if not r.program.startswith("tda") and r.threads == threads]

    def to_json(self):
        return {**asdict(self), "runs": {label: asdict(runs) for label, runs in self.runs.items()}}

    @staticmethod
    def from_json(data):
        runs = {
            label: Runs(**{**value, "samples": [Sample(**sample) for sample in value["samples"]]})
            for label, value in data["runs"].items()
        }
        return Row(**{**data, "runs": runs})


def ratio(ours, theirs, quantity="cpu"):
    """(how often theirs is ours, whether that is only a lower bound), or None: the median over the turns of each turn's ratio."""
    if not ours.samples:
        return None
    if theirs.failure == "time":
        return theirs.limit / ours.median("cpu"), True
    if not theirs.finished:
        return None
    mine = {sample.turn: getattr(sample, quantity) for sample in ours.samples}
    paired = [getattr(s, quantity) / mine[s.turn] for s in theirs.samples if s.turn in mine and mine[s.turn] > 0]
    return (statistics.median(paired), False) if paired else None


def best_peer(row):
    """The peer that finished in the least CPU time; else the one that was given the most before it was stopped; else None."""
    finished = [r for r in row.peers() if r.finished]
    if finished:
        return min(finished, key=lambda r: r.median("cpu"))
    return max((r for r in row.peers() if r.failure == "time"), key=lambda r: r.limit, default=None)
