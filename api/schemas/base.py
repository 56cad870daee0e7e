"""What every shape shares: the base of answers, pages, and the problem body of errors (RFC 9457)."""

from __future__ import annotations

from typing import Annotated, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

T = TypeVar("T")


class Answer(BaseModel):
    """Base of what the server says. Every field is always present on the wire."""

    model_config = ConfigDict(from_attributes=True, json_schema_serialization_defaults_required=True)


class Ask(BaseModel):
    """Base of what a client says. Unknown fields are refused: a typing error must not pass silently."""

    model_config = ConfigDict(extra="forbid")


class Confirm(Ask):
    """A change that may have to be asked for twice (:class:`WarningOfChange`)."""

    confirmed: bool = Field(False, description="the warnings were read")


class Based(Ask):
    """A change of a thing as a whole: refused (409 ``tuning.meanwhile``) if somebody changed it since it was read."""

    based_on: str = Field(max_length=64, description="its ``version`` as it was read; empty: it was not there")


# where there is no body
Confirmed = Annotated[bool, Query(description="the warnings were read")]
BasedOn = Annotated[str, Query(max_length=64, description="its ``version`` as it was read")]


class Page(Answer, Generic[T]):
    """One page of a list, newest first. ``next`` goes into ``after`` for the page that follows; null on the last."""

    items: list[T]
    next: str | None = None


class FieldProblem(Answer):
    field: str = Field(examples=["form.title"])
    code: str = Field(examples=["field.missing"])
    message: str = Field(examples=["请填写"])


class WarningOfChange(Answer):
    """What a change would do; the same request with ``confirmed`` does it."""

    code: str = Field(examples=["queue.cut_waiting"])
    message: str


class Problem(Answer):
    """application/problem+json. ``code`` is stable; ``detail`` is a sentence in the caller's language."""

    type: str = Field(examples=["urn:lianxin:problem:draft.stale"])
    title: str = Field(examples=["Conflict"])
    status: int = Field(examples=[409])
    code: str = Field(examples=["draft.stale"])
    detail: str = Field(examples=["另一个页面已经保存了更新的内容。"])
    errors: list[FieldProblem] | None = None
    warnings: list[WarningOfChange] | None = None
    retry_after_s: int | None = None
