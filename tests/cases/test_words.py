"""Words: whatever part of a Chinese text is asked for, two characters or one, it is found; and nothing else."""

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases.catalogue import initials
from cases.words import query, tokens, vector

TEXT = "小区门口的路灯不亮已经三天了，井盖CY-0231坏了"


async def matches(pool: asyncpg.Pool, text: str, asked: str) -> bool:
    told = query(asked)
    return bool(told and await pool.fetchval("SELECT $1::text::tsvector @@ $2::text::tsquery", vector(text), told))


@pytest.mark.db
@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("路灯", True), ("井盖", True), ("灯", True), ("了", True), ("路灯不亮", True), ("井盖 路灯", True),
        ("cy", True),
        ("0231", True), ("CY-0231", True), ("小区路灯", True), ("ＣＹ", True), ("路灯坏", True),
        ("暖气", False), ("亮灯", False), ("231", False), ("路灯 暖气", False),
    ],
)  # fmt: skip
async def test_what_is_in_the_text_is_found(pool: asyncpg.Pool, asked: str, found: bool) -> None:
    assert await matches(pool, TEXT, asked) is found


@pytest.mark.db
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(start=st.integers(0, 13), length=st.integers(1, 6))
async def test_any_piece_of_the_text_is_found(pool: asyncpg.Pool, start: int, length: int) -> None:
    text = "朝阳路小学门口的路灯不亮了很久"
    assert await matches(pool, text, text[start : start + length])


@pytest.mark.db
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(max_size=60).filter(lambda t: "\x00" not in t and not any("\ud800" <= c <= "\udfff" for c in t)))
async def test_any_text_is_a_literal_for_postgresql_and_found_by_itself(pool: asyncpg.Pool, text: str) -> None:
    assert await matches(pool, text, text) is (query(text) is not None)  # whatever has a word is found by it


def test_pairs_and_the_last_character_are_stored() -> None:
    assert tokens("路灯 A1") == {"路灯", "灯", "a1"}
    assert tokens("") == set()
    assert query("，。") is None


@pytest.mark.parametrize(("name", "letters"), [("路灯不亮", "ldbl"), ("12345热线", "12345rx"), ("ETC办理", "etcbl")])
def test_initials(name: str, letters: str) -> None:
    assert initials(name) == letters
