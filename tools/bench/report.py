"""What the measurements say: the ratio, the slope, and both against their targets."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from tools.bench.measure import Measurement

TARGET_RATIO = 6.0
TARGET_SLOPE_S = 0.4
TARGET_REFUSAL_S = 0.5
# Noise of a shared machine included; a quadratic synth would show about 5.
LINEAR_UP_TO = 1.5


@dataclass(frozen=True, slots=True)
class Report:
    """One run of the benchmark; growth holds the measurements at 1, 10 and 50 environments."""

    floor: Measurement
    lazy: Measurement
    plain: Measurement
    growth: tuple[tuple[int, Measurement], ...]
    refusal_s: float
    """Median wall time until a wrong tfvars file is refused."""

    @property
    def ratio(self) -> float:
        return self.plain.wall_s / self.lazy.wall_s

    @property
    def same_bytes(self) -> bool:
        return len({*self.lazy.output_sha256, *self.plain.output_sha256}) == 1

    @property
    def slopes(self) -> tuple[float, ...]:
        """Seconds per extra environment between neighbouring sizes."""
        pairs = zip(self.growth, self.growth[1:], strict=False)
        return tuple((more.wall_s - less.wall_s) / (big - small) for (small, less), (big, more) in pairs)

    @property
    def slope(self) -> float:
        """Seconds per extra environment from the smallest to the largest size."""
        (small, less), (big, more) = self.growth[0], self.growth[-1]
        return (more.wall_s - less.wall_s) / (big - small)

    @property
    def linear(self) -> bool:
        return self.slopes[-1] <= self.slopes[0] * LINEAR_UP_TO

    def as_json(self) -> dict[str, object]:
        return {
            "floor": asdict(self.floor),
            "lazy": asdict(self.lazy),
            "plain": asdict(self.plain),
            "ratio": self.ratio,
            "target_ratio": TARGET_RATIO,
            "same_bytes": self.same_bytes,
            "growth": [{"environments": count, **asdict(measurement)} for count, measurement in self.growth],
            "seconds_per_environment": self.slope,
            "seconds_per_environment_by_step": self.slopes,
            "target_seconds_per_environment": TARGET_SLOPE_S,
            "linear": self.linear,
            "refusal_s": self.refusal_s,
            "target_refusal_s": TARGET_REFUSAL_S,
        }

    def conclusions(self) -> str:
        """Say in three lines whether the targets are met."""
        steps = ", ".join(f"{slope:.2f}" for slope in self.slopes)
        return (
            f"lazy against plain: {self.ratio:.1f}x, target {TARGET_RATIO:g}x: {_met(self.ratio >= TARGET_RATIO)}; "
            f"same bytes: {'yes' if self.same_bytes else 'NO'}\n"
            f"an extra environment: {self.slope:.2f} s, target {TARGET_SLOPE_S:g} s: "
            f"{_met(self.slope <= TARGET_SLOPE_S)}; by step {steps} s, linear: {'yes' if self.linear else 'no'}\n"
            f"a wrong tfvars file is refused after {self.refusal_s:.2f} s, target {TARGET_REFUSAL_S:g} s: "
            f"{_met(self.refusal_s <= TARGET_REFUSAL_S)}"
        )


HEADER = f"{'':24}{'runs':>5}{'stacks':>8}{'resources':>11}{'wall s':>9}{'CPU s':>8}{'Python MiB':>12}{'Node MiB':>10}"


def row(measurement: Measurement) -> str:
    return (
        f"{measurement.label:24}{measurement.runs:5}{measurement.stacks:8}{measurement.resources:11}"
        f"{measurement.wall_s:9.2f}{measurement.cpu_s:8.2f}{measurement.python_mib:12.0f}{measurement.node_mib:10.0f}"
    )


def _met(condition: bool) -> str:
    return "met" if condition else "not met"
