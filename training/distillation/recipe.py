"""The recipe of a distillation, which can be checked where torch is not installed."""

from __future__ import annotations

from ..recipe import Recipe
from ..sections import Name
from .sections import EventStageSection, RetypingSection, SilverSection, TeacherSection, VectorsSection

__all__ = ["DistillRecipe"]


class DistillRecipe(Recipe):
    """A distillation; ``configs/distill/default.yaml`` explains every field."""

    parts: Name
    vectors: VectorsSection
    teachers: TeacherSection
    silver: SilverSection
    retyping: RetypingSection
    event_stage: EventStageSection
