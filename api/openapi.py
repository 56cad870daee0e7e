"""The OpenAPI document: FastAPI's own, with problems as the error answers and the feed's messages as schemas."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import TypeAdapter

from api.schemas.base import Problem
from api.schemas.live import ClientMessage, FeedRow, ServerMessage

REF = "#/components/schemas/{model}"
_EXTRA: dict[str, Any] = {
    "Problem": Problem,
    "FeedRow": FeedRow,
    "ServerMessage": ServerMessage,
    "ClientMessage": ClientMessage,
}
_TAGS = [
    {"name": "session", "description": "Signing in and out"},
    {"name": "seats", "description": "Workplaces and their telephones"},
    {"name": "commands", "description": "What a person asks of the telephone system"},
    {"name": "targets", "description": "Whom a call can be moved to, and what agencies did when asked"},
    {"name": "live", "description": "Who is ringing, waiting, talking now"},
    {"name": "floor", "description": "Wallboard, raised hands, words to agents"},
    {"name": "caller", "description": "The pop"},
    {"name": "calls", "description": "What happened"},
    {"name": "drafts", "description": "What is being typed"},
    {"name": "cases", "description": "Cases"},
    {"name": "conferences", "description": "Conferences of a case, and what was promised"},
    {"name": "danger", "description": "Citizens in danger"},
    {"name": "shield", "description": "Abuse, and flags on numbers"},
    {"name": "hours", "description": "The line's hours, and its announcements"},
    {"name": "incidents", "description": "Known outages, and who called about them"},
    {"name": "telephony", "description": "Telephones, trunks, classes of service, test calls"},
    {"name": "catalogue", "description": "Categories and districts"},
    {"name": "recordings", "description": "Listening"},
    {"name": "health", "description": "For operators"},
]


def describe(app: FastAPI) -> None:
    """Replace ``app.openapi`` by ours; made once."""

    def openapi() -> dict[str, Any]:
        if not app.openapi_schema:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _document(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes, tags=_TAGS,
        separate_input_output_schemas=False,
    )  # fmt: skip
    schemas: dict[str, Any] = document["components"]["schemas"]
    for name, model in _EXTRA.items():
        schema = TypeAdapter(model).json_schema(ref_template=REF, mode="serialization")
        schemas.update({k: v for k, v in schema.pop("$defs", {}).items() if k not in schemas})
        schemas[name] = schema
    _problems(document)
    return document


def _problems(document: dict[str, Any]) -> None:
    """Every operation may answer with a problem; FastAPI's own validation answer is none of ours."""
    problem = {
        "description": "A problem; `code` is stable, `detail` is in the caller's language",
        "content": {"application/problem+json": {"schema": {"$ref": REF.format(model="Problem")}}},
    }
    for path in document["paths"].values():
        for operation in path.values():
            operation["responses"].pop("422", None)
            operation["responses"]["default"] = problem
    for name in ("HTTPValidationError", "ValidationError"):
        document["components"]["schemas"].pop(name, None)
