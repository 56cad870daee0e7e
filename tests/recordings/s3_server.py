"""A small S3 of our own: the part of the protocol that obstore speaks, objects in memory, and faults on demand.

Path-style buckets; PUT, multipart upload, GET with Range, HEAD, DELETE, ListObjectsV2. Signatures are required to be
there (AWS4-HMAC-SHA256 with our key's name) and are not recomputed.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import re
import socket
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from enum import StrEnum
from xml.sax.saxutils import escape

import uvicorn
from starlette.requests import Request
from starlette.responses import Response

KEY = "lianxin-test"


class Fault(StrEnum):
    NONE = "none"
    REFUSE = "refuse"  # 503 to everything
    DENY = "deny"  # 403 to everything
    SLOW = "slow"  # takes the request and does not answer
    HALF = "half"  # gives back the first half of every object
    FLIPPED = "flipped"  # gives back the right length with one bit changed
    FORGET = "forget"  # says yes to every PUT and keeps nothing


@dataclass
class S3:
    """``objects`` by key, without the bucket."""

    objects: dict[str, bytes] = field(default_factory=dict)
    uploads: dict[str, dict[int, bytes]] = field(default_factory=dict)
    fault: Fault = Fault.NONE
    puts: int = 0
    unsigned: int = 0
    url: str = ""
    mended: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, request: Request) -> Response:
        body = await request.body()
        if f"Credential={KEY}/" not in request.headers.get("authorization", ""):
            self.unsigned += 1
            return Response(status_code=403)
        if self.fault is Fault.SLOW:
            await self.mended.wait()
        if self.fault in (Fault.REFUSE, Fault.DENY):
            return Response("<Error><Code>No</Code></Error>", 503 if self.fault is Fault.REFUSE else 403)
        key = request.url.path.lstrip("/").partition("/")[2]
        if request.method == "PUT":
            return self._put(key, body, request)
        if request.method == "POST":
            return self._multipart(key, request)
        if request.method == "DELETE":
            self.objects.pop(key, None)
            return Response(status_code=204)
        if "list-type" in request.query_params:
            return self._list(request.query_params.get("prefix", ""))
        return self._get(key, request)

    def _put(self, key: str, body: bytes, request: Request) -> Response:
        self.puts += 1
        if upload := request.query_params.get("uploadId"):
            self.uploads[upload][int(request.query_params["partNumber"])] = body
        elif self.fault is not Fault.FORGET:
            self.objects[key] = body
        return Response(headers={"ETag": _etag(body)})

    def _multipart(self, key: str, request: Request) -> Response:
        if "uploads" in request.query_params:
            upload = uuid.uuid4().hex
            self.uploads[upload] = {}
            return _xml(f"<InitiateMultipartUploadResult><UploadId>{upload}</UploadId></InitiateMultipartUploadResult>")
        parts = self.uploads.pop(request.query_params["uploadId"])
        self.objects[key] = b"".join(parts[n] for n in sorted(parts))
        tag = _etag(self.objects[key])
        return _xml(f"<CompleteMultipartUploadResult><ETag>{escape(tag)}</ETag></CompleteMultipartUploadResult>")

    def _list(self, prefix: str) -> Response:
        rows = "".join(
            f"<Contents><Key>{escape(k)}</Key><LastModified>{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.000Z}</LastModified>"
            f"<ETag>{_etag(v)}</ETag><Size>{len(v)}</Size></Contents>"
            for k, v in sorted(self.objects.items())
            if k.startswith(prefix)
        )
        return _xml(f"<ListBucketResult><IsTruncated>false</IsTruncated>{rows}</ListBucketResult>")

    def _get(self, key: str, request: Request) -> Response:
        if key not in self.objects:
            return Response("<Error><Code>NoSuchKey</Code></Error>", 404)
        data = self.objects[key]
        headers = {"ETag": _etag(data), "Last-Modified": format_datetime(datetime.now(UTC), usegmt=True)}
        if request.method == "HEAD":
            return Response(headers=headers | {"Content-Length": str(len(data))})
        if self.fault is Fault.HALF:
            data = data[: len(data) // 2]
        elif self.fault is Fault.FLIPPED:
            data = bytes([data[0] ^ 1]) + data[1:]
        if wanted := re.fullmatch(r"bytes=(\d+)-(\d+)", request.headers.get("range", "")):
            start, end = int(wanted[1]), min(int(wanted[2]) + 1, len(data))
            headers["Content-Range"] = f"bytes {start}-{end - 1}/{len(data)}"
            return Response(data[start:end], 206, headers)
        return Response(data, headers=headers)


def _etag(data: bytes) -> str:
    return f'"{hashlib.md5(data).hexdigest()}"'


def _xml(text: str) -> Response:
    return Response(f'<?xml version="1.0" encoding="UTF-8"?>{text}', media_type="application/xml")


@contextlib.asynccontextmanager
async def running_s3(address: str = "127.0.13.40") -> AsyncIterator[S3]:
    """The server on a free port; ``S3.url`` is what clients call the endpoint."""
    s3 = S3()

    async def app(scope: dict[str, object], receive: object, send: object) -> None:
        await (await s3.answer(Request(scope, receive)))(scope, receive, send)  # type: ignore[arg-type]

    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind((address, 0))
    s3.url = f"http://{address}:{listening.getsockname()[1]}"
    config = uvicorn.Config(app, lifespan="off", log_level="warning", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign, assignment]
    task = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield s3
    finally:
        s3.mended.set()
        server.should_exit = True
        await task
        listening.close()
