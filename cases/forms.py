"""The case form: what an agent fills in. Whole for a submit, any part of it for a draft."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from cases.texts import Line, Prose, ShortLine
from models.case import CaseKind, Urgency

_EXAMPLE: dict[str, JsonValue] = {
    "title": "朝阳路路灯不亮",
    "citizen_name": "张先生",
    "citizen_number": "13912345678",
    "contact_number": "",
    "address": "朝阳路 12 号门口",
    "landmark": "灯杆 CY-0231",
    "district": "370102",
    "kind": "help",
    "category": "0301",
    "description": "市民反映门口路灯三天不亮，老人夜里出门摔倒。",
    "wish": "尽快修复并回电",
    "confidential": False,
    "wants_answer": True,
    "urgency": "normal",
}


class CaseForm(BaseModel):
    """A case as it is submitted. Only a title is demanded: the rest may be unknown when the citizen hangs up."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, json_schema_extra={"examples": [_EXAMPLE]})

    title: Line = Field(min_length=1, description="标题")
    citizen_name: ShortLine = Field("", description="来电人")
    citizen_number: ShortLine = Field("", description="来电号码, in any form; stored in one")
    contact_number: ShortLine = Field("", description="联系电话, when it is another one")
    address: Line = Field("", description="地址")
    landmark: Line = Field("", description="灯杆号、站牌号、标志物")
    district: ShortLine | None = Field(None, description="code from GET /districts")
    kind: CaseKind = Field(description="咨询 求助 投诉 举报 建议")
    category: ShortLine | None = Field(None, description="code from GET /categories")
    description: Prose = Field("", description="what happened")
    wish: Prose = Field("", description="诉求: wished result")
    confidential: bool = False
    wants_answer: bool = True
    urgency: Urgency = Urgency.NORMAL


class DraftForm(BaseModel):
    """Any part of a case form: what has been typed so far. Empty texts are allowed everywhere."""

    model_config = ConfigDict(extra="forbid")

    title: Line | None = None
    citizen_name: ShortLine | None = None
    citizen_number: ShortLine | None = None
    contact_number: ShortLine | None = None
    address: Line | None = None
    landmark: Line | None = None
    district: ShortLine | None = None
    kind: CaseKind | None = None
    category: ShortLine | None = None
    description: Prose | None = None
    wish: Prose | None = None
    confidential: bool | None = None
    wants_answer: bool | None = None
    urgency: Urgency | None = None
