"""What may stand in the three kinds of file: book.yaml, a question, an indicator.

Each field's description states its unit; the JSON Schema for editors is made from these models.
What concerns several fields at once is checked in `checks`, models by their family.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from forecast.book.fields import Answer, Flag, KnownAt, Text, Whole, Zone, listed
from forecast.domain.indicators import IndicatorKind
from forecast.domain.questions import QuestionType, Timing
from forecast.families.fields import Day, Days, Number, Share, Tally
from forecast.families.options import ReferenceClassOptions

FORMAT = 1
_LONGEST_LIST = 1000


class File(BaseModel):
    """Base of the schemas: unknown keys are refused, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class BookFile(File):
    """`book.yaml`."""

    format: Whole = Field(description=f"Version of the file format: {FORMAT}.")
    title: Text = Field("", description="What the book is about.")
    timezone: Zone = Field("UTC", description="Zone of all dates whose question names none (IANA).")


class ResolutionEntry(File):
    """How a question, or one rung of it, was answered."""

    answer: Answer | None = Field(
        None,
        description="yes, no, annulled, ambiguous, an option, a number in the question's unit, or "
        "for a date the day or never (by the last day). May be left out when happened_on is given.",
    )
    rung: Day | None = Field(None, description="The deadline this answers; absent: every one.")
    happened_on: Day | None = Field(
        None, description="Day of the event, in the question's zone; settles every rung."
    )
    known_at: KnownAt | None = Field(
        None,
        description="When the answer was known: a day, or an ISO 8601 time with its offset. "
        "Default: happened_on.",
    )
    source: Text | None = Field(None, description="Where the answer can be read. Required.")
    note: Text = Field("", description="Anything a reader should know.")


class PastFile(File):
    """How questions like this one were answered before: the reference in its scores."""

    name: Text = Field(description="What they have in common.")
    answers: list[Number] | dict[str, Tally] = Field(
        description="Numbers in the question's unit; or for options, how often each came."
    )
    source: Text = Field("", description="Where the answers can be read.")


class Pool(File):
    """A stated pool of sources; weights sum to 1."""

    pool: dict[str, Share] = Field(
        description="Source (model, a model's name, or me) → weight between 0 and 1."
    )


def _headline(value: Any) -> Any:
    return {"pool": {value: 1.0}} if isinstance(value, str) else value


_Many = BeforeValidator(listed)
_Model = dict[str, Any]


class QuestionFile(File):
    """`<id>.yaml`: one question, with all its deadlines and models."""

    question: Text = Field(description="The question in one sentence.")
    type: QuestionType = Field(QuestionType.BINARY, description="What an answer looks like.")
    clock: Day | None = Field(
        None,
        description="Day at whose end t = 0: the event is possible, and exposure counts, from then "
        "on. Default: opens.",
    )
    opens: Day = Field(description="First day on which forecasts are scored.")
    deadline: Day | None = Field(None, description="The last day that counts, in full.")
    deadlines: list[Day] | None = Field(
        None,
        min_length=1,
        max_length=_LONGEST_LIST,
        description="A ladder: the same event by several days, in order.",
    )
    timezone: Zone | None = Field(
        None, description="Zone of all dates in this file (IANA name). Default: the book's."
    )
    timing: Timing = Field(
        Timing.BY, description="by: an event by the deadline; on: a state on that day."
    )
    event: Text | None = Field(
        None, description="Name shared by questions that hang on one event: one cluster in scores."
    )
    resolution_criteria: Text = Field(
        "", description="What counts, who says so, and what happens if nobody can say."
    )
    background: Text = Field("", description="What a reader should know first.")
    tags: list[Text] = Field(
        [], max_length=_LONGEST_LIST, description="Words to find the question by."
    )
    options: list[Text] = Field(
        [],
        max_length=_LONGEST_LIST,
        description="Answers to choose from; multiple_choice and ordered need them.",
    )
    unit: Text = Field("", description="Unit of a numeric question's answer.")
    headline: Annotated[Pool, BeforeValidator(_headline)] | None = Field(
        None,
        description="What the question's number stands for: model, me, a model's name, or a pool.",
    )
    reference_class: ReferenceClassOptions | None = Field(
        None, description="Past cases like this one, for every model that states none of its own."
    )
    past: PastFile | None = Field(
        None,
        description="Past answers to such questions: what a choice or a number is compared with.",
    )
    model: _Model | None = Field(None, description="The question's model.")
    models: dict[str, _Model] | None = Field(
        None, max_length=100, description="Several models by name; the first is the model's word."
    )
    resolution: Annotated[list[ResolutionEntry], _Many] = Field(
        [],
        max_length=_LONGEST_LIST,
        description="How it was answered; later entries override earlier ones.",
    )
    formerly: Annotated[list[Text], _Many] = Field(
        [],
        max_length=_LONGEST_LIST,
        description="Earlier ids of this question, under which its record began.",
    )


class IndicatorFile(File):
    """`indicators/<id>.yaml`: what an indicator measures; its readings stand in the CSV beside."""

    title: Text = Field(description="What it is, in a few words.")
    kind: IndicatorKind = Field(
        description="level: stands until the next reading; event: happened on a day; "
        "count: how often something happened in a period of `days` days."
    )
    unit: Text = Field("", description="Unit of value, low and high.")
    source: Text = Field("", description="Where readings come from.")
    every: Days | None = Field(None, description="Days between readings, or such as '2 weeks'.")
    stale_after: Days | None = Field(
        None, description="Days after its last reading from which the indicator is stale."
    )
    relative_error: Share = Field(
        0.0, description="80% half-width of a point reading, as a share of it (0 to 1)."
    )
    source_offset: Share = Field(
        0.0, description="80% half-width of a source's own way of counting, as a share (0 to 1)."
    )
    vintages: Flag = Field(
        True, description="Whether readings are kept as first published (false: revised data)."
    )
